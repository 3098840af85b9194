import { afterAll, beforeAll, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { runJob } from '../ledger/sealed.ts';
import { clientOf, doorOf } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const FLOOD = 10_000;
let site: Site;
let tenant: TestTenant;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
});
afterAll(() => site?.stop());

/** Denies an operation so often within one minute, about one subject or another each time. */
async function flood(operation: string, subject: string) {
  const work = {
    operation,
    summary: 'Denied',
    actor: { type: 'system', id: 'anonymous', name: 'Not signed in' },
    request: { id: 'flood', door: 'api' },
  };
  await tenant.rows(
    `DO $do$ BEGIN PERFORM work_deny('${JSON.stringify(work)}'::jsonb || jsonb_build_object('resource',
       jsonb_build_object('type', 'session', 'id', ${subject})), 'rate_limited') FROM generate_series(1, ${FLOOD}) AS n; END $do$`,
  );
  const events = await tenant.rows(
    `SELECT resource_id, (details ->> 'count')::integer AS count FROM audit_events WHERE action = $1 ORDER BY id`,
    [operation],
  );
  const counts = await tenant.rows('SELECT subject, count FROM denial_counts WHERE action = $1', [operation]);
  return { events, counts };
}

test('ten thousand denials about one subject leave sixteen events, the last of which says how many there were', async () => {
  const { events, counts } = await flood('flood.one', `'somebody'`);
  expect(events.map(({ count }) => count)).toEqual([
    1, 2, 3, 4, 5, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192,
  ]);
  expect(counts.map(({ count }) => count)).toEqual([FLOOD, FLOOD]);
});

test('ten thousand denials about as many subjects leave a hundred of them, and then their number', async () => {
  const { events, counts } = await flood('flood.many', `'somebody ' || n`);
  expect(events.filter(({ resource_id }) => resource_id !== null)).toHaveLength(100);
  expect(events.filter(({ resource_id }) => resource_id === null).map(({ count }) => count)).toEqual([
    128, 256, 512, 1024, 2048, 4096, 8192,
  ]);
  expect(counts).toHaveLength(101);
  expect(counts.find(({ subject }) => subject === '*')).toMatchObject({ count: FLOOD });
});

test('sign-ins that the rate limit refuses leave their events, aggregated, and weigh as failures do', async () => {
  const limits = { ...JSON.parse(tenant.settings.RATE_LIMITS ?? '{}'), sign_in: { limit: 2, window: '15 m' } };
  const home = tenant.anotherHome({ RATE_LIMITS: JSON.stringify(limits) });
  const client = clientOf(doorOf(home, tenant.origin), { 'cf-connecting-ip': '203.0.113.9' });
  const statuses: number[] = [];
  for (let count = 0; count < 40; count += 1) {
    const answer = await client.post('/api/sessions', { email: 'Target@acme.test', password: 'wrong horse battery' });
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([401, 401, ...Array(38).fill(429)]);
  const { data } = (await tenant.owner.get('/api/audit-logs?action=session.create&resource_id=target@acme.test')).body;
  const codes = data.map(({ details }) => (details as unknown as { code: string }).code);
  // All within a minute: the first five, and every doubling. Over the turn of a minute a few more.
  expect(data.length).toBeGreaterThanOrEqual(8);
  expect(data.length).toBeLessThanOrEqual(16);
  expect(new Set(codes)).toEqual(new Set(['invalid_credentials', 'rate_limited']));
  await passHorizon(tenant.rows);
  await runJob(tenant, 'alert.watch');
  const alerts = (await tenant.owner.get('/api/alerts?kind=failed_sign_ins')).body.data;
  expect(alerts.find((each) => each.subject_name === 'target@acme.test')).toMatchObject({ status: 'open' });
});
