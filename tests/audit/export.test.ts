import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  for (const name of ['One', 'Two, with a comma', 'Three']) await tenant.owner.post('/api/merchant-orgs', { name });
  await passHorizon(tenant.rows);
});
afterAll(() => site?.stop());

const download = async (query: string) => {
  const answer = await tenant.owner.get(`/api/audit-logs/export?${query}`, { 'x-request-id': 'download' });
  expect(answer.status, answer.text).toBe(200);
  return answer.text;
};
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const withoutLast = (text: string) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
const lastLine = (text: string) => text.slice(withoutLast(text).length).trim();

describe('an export of the audit trail', () => {
  test('holds every event once, with what it changed, in the order of recording, and ends with a checksum that fits', async () => {
    const text = await download('format=jsonl&action=merchant_org.create');
    const { type, events, sha256: told } = JSON.parse(lastLine(text));
    expect({ type, events, told }).toEqual({ type: 'end', events: 3, told: sha256(withoutLast(text)) });
    const lines = withoutLast(text)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ changes }) => changes[0].after.name)).toEqual(['One', 'Two, with a comma', 'Three']);
    const all = JSON.parse(lastLine(await download('')));
    const [count] = await tenant.rows(
      `SELECT count(*)::integer AS events FROM audit_events WHERE xid < pg_snapshot_xmin(pg_current_snapshot())`,
    );
    expect(Math.abs(all.events - Number(count?.events))).toBeLessThan(5);
  });

  test('is CSV with the same checksum rule', async () => {
    const text = await download('format=csv&resource_type=merchant_org');
    expect(lastLine(text)).toBe(`#end,3,${sha256(withoutLast(text))}`);
    expect(text.split('\r\n')[0]).toMatch(/^id,recorded_at,actor_type.*,changes$/);
  });

  test.each(['jsonl', 'csv'])(
    'that broke off goes on after its last %s line, and the whole is verified',
    async (format) => {
      const query = `format=${format}&action=merchant_org.create`;
      const whole = await download(query);
      const lines = whole.split('\n');
      const kept = `${lines.slice(0, format === 'csv' ? 2 : 1).join('\n')}\n`;
      const last = format === 'csv' ? kept.split('\n')[1]!.split(',')[0]! : JSON.parse(kept).id;
      const rest = await download(`${query}&after=${last}`);
      expect(kept + rest).toBe(whole);
    },
  );

  test('of a range holds nothing beside it', async () => {
    const [two] = (await tenant.owner.get('/api/audit-logs?q=Two')).body.data;
    const [three] = (await tenant.owner.get('/api/audit-logs?q=Three')).body.data;
    const text = await download(`from=${two!.recorded_at}&to=${three!.recorded_at}`);
    expect(JSON.parse(lastLine(text)).events).toBe(1);
    expect(text).toContain('Two, with a comma');
  });

  test('leaves an event when it begins and when it ended, with who asked', async () => {
    await download('q=nothinglikethis');
    const events = await tenant.rows(
      `SELECT action, details ->> 'summary' AS summary FROM audit_events WHERE request_id = 'download' ORDER BY id DESC LIMIT 2`,
    );
    expect(events.map(({ action }) => action)).toEqual(['audit_event.export', 'audit_event.export']);
    expect(events[1]?.summary).toMatch(/^Export of .*-audit\.jsonl began$/);
  });

  test('refuses an unknown place to go on after, and unknown filters', async () => {
    const path = '/api/audit-logs/export';
    expectProblem(await tenant.owner.get(`${path}?after=${tenant.record.id}`), 422, 'invalid');
    expectProblem(await tenant.owner.get(`${path}?format=xml`), 422, 'invalid');
    expectProblem(await tenant.as(await tenant.createKey({ role: 'sales' })).get(path), 403, 'forbidden');
  });
});
