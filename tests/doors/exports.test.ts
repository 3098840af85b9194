import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../server/operations/registry.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const ROWS = 450;
let site: Site;
let tenant: TestTenant;
let owner: Client;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  await tenant.arrange(`INSERT INTO merchant_orgs (name) SELECT 'Org ' || n FROM generate_series(1, ${ROWS}) n`);
});
afterAll(() => site?.stop());

/** Fields of one line of CSV by RFC 4180. */
function fields(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .slice(0, -1)
    .map(([, field = '']) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}

test('NDJSON holds the whole list, one object a line, as the list would answer it', async () => {
  const answer = await owner.get('/api/merchant-orgs', { accept: 'application/x-ndjson' });
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="merchant_orgs.jsonl"');
  const rows = answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toHaveLength(ROWS);
  expect(rows[0]).toEqual((await owner.get('/api/merchant-orgs?limit=1')).body.data[0]);
  expect((await owner.get('/api/merchant-orgs?format=jsonl')).text).toBe(answer.text);
});

test('CSV has a header, and quotes what needs it', async () => {
  const name = 'Quote " comma , line\r\nend; =1+1';
  await owner.post('/api/merchant-orgs', { name });
  const { text, headers } = await owner.get('/api/merchant-orgs?format=csv&sort=-created_at');
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  const [header = '', ...rest] = text.split('\r\n');
  expect(fields(header)).toEqual([
    'id',
    'name',
    'legal_name',
    'email',
    'phone',
    'tax_id',
    'billing_address',
    'website',
    'contacts',
    'status',
    'status_reason',
    'archived_at',
    'version',
    'created_at',
    'updated_at',
  ]);
  expect(fields(`${rest[0]}\r\n${rest[1]}`)[1]).toBe(name);
  expect(text.endsWith('\r\n')).toBe(true);
});

test('filters and sort hold for an export, and a wrong one is refused before the first byte', async () => {
  const { text } = await owner.get('/api/merchant-orgs?format=ndjson&name=Org 7');
  expect(JSON.parse(text)).toMatchObject({ name: 'Org 7' });
  expectProblem(await owner.get('/api/merchant-orgs?format=csv&sort=nothing'), 422, 'invalid');
  expectProblem(await owner.get('/api/merchant-orgs?format=csv&surprise=1'), 422, 'invalid');
  expectProblem(await tenant.as(null).get('/api/merchant-orgs?format=csv'), 401, 'unauthenticated');
  const nothing = tenant.as(await tenant.createKey({ role: [] }));
  expectProblem(await nothing.get('/api/merchant-orgs?format=csv'), 403, 'forbidden');
});

test('an export is one snapshot: rows that are added meanwhile are not in it', async () => {
  const before = Number((await tenant.rows('SELECT count(*) AS n FROM merchant_orgs'))[0]?.n);
  const headers = { authorization: `Bearer ${tenant.apiKey}`, accept: 'application/x-ndjson' };
  const response = await tenant.door('/api/merchant-orgs?sort=created_at', { headers });
  const reader = response.body!.getReader();
  const chunks = [(await reader.read()).value!];
  await tenant.arrange(`INSERT INTO merchant_orgs (name) SELECT 'Meanwhile' FROM generate_series(1, 300) n`);
  await tenant.arrange(`UPDATE merchant_orgs SET name = 'Renamed meanwhile' WHERE name LIKE 'Org %'`);
  for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(part.value);
  const text = Buffer.concat(chunks).toString();
  expect(text.trimEnd().split('\n')).toHaveLength(before);
  expect(text).not.toMatch(/eanwhile/);
});

test('two exports run at once: more are refused, and the rest of the portal goes on', async () => {
  const headers = { authorization: `Bearer ${tenant.apiKey}` };
  const begin = () => tenant.door('/api/merchant-orgs?format=csv', { headers });
  // Nobody reads them.
  const [first, second] = [await begin(), await begin()];
  expectProblem(await owner.get('/api/accounts?format=csv'), 503, 'unavailable');
  expect((await owner.get('/api/accounts')).status).toBe(200);
  await Promise.all([first.text(), second.text()]);
  await expect.poll(async () => (await owner.get('/api/accounts?format=csv')).status).toBe(200);
});

test('start and end are in the audit log, with the number of rows', async () => {
  await owner.send('GET', '/api/accounts?format=csv', { headers: { 'x-request-id': 'export-1' } });
  const events = await tenant.rows(
    `SELECT action, resource_type, details ->> 'summary' AS summary FROM audit_events WHERE request_id = 'export-1' ORDER BY recorded_at`,
  );
  const [{ n } = {}] = await tenant.rows('SELECT count(*) AS n FROM accounts');
  expect(events).toEqual([
    { action: 'account.export', resource_type: 'account', summary: 'Export of account as csv began' },
    { action: 'account.export', resource_type: 'account', summary: `Export of account as csv ended: ${n} rows` },
  ]);
});

describe.each(
  operations.filter(({ isList, http }) => isList && !http!.path.includes('{')).map(({ http }) => http!.path),
)('%s', (path) => {
  test('streams whole as CSV and NDJSON', async () => {
    const [csv, lines] = [await owner.get(`${path}?format=csv`), await owner.get(`${path}?format=ndjson`)];
    expect([csv.status, lines.status]).toEqual([200, 200]);
    const columns = (csv.text.split('\r\n')[0] ?? '').split(',');
    for (const line of lines.text.trimEnd().split('\n').filter(Boolean)) {
      expect(Object.keys(JSON.parse(line)).sort()).toEqual([...columns].sort());
    }
  });
});
