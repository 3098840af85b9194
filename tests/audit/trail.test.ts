import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
const person = { email: 'petra@acme.test', password: 'correct horse battery' };
const from = { 'cf-connecting-ip': '203.0.113.5', 'user-agent': 'Firefox' };

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  await tenant.createUser(person);
});
afterAll(() => site?.stop());

const recorded = (requestId: string) =>
  tenant.rows(
    `SELECT action, outcome, actor_type, address, user_agent FROM audit_events WHERE request_id = $1 ORDER BY id`,
    [requestId],
  );

test('a sign-in that succeeds, one that fails and a sign-out are events with their place', async () => {
  const nobody = tenant.as(null);
  await nobody.post('/api/sessions', { ...person, password: 'wrong horse battery' }, { ...from, 'x-request-id': 'no' });
  const signedIn = await nobody.post('/api/sessions', person, { ...from, 'x-request-id': 'in' });
  const cookie = String(signedIn.headers.get('set-cookie')).split(';')[0]!;
  const her = tenant.as({ cookie, origin: tenant.origin });
  expect((await her.delete('/api/sessions/current', { ...from, 'x-request-id': 'out' })).status).toBe(204);
  const place = { address: '203.0.113.5', user_agent: 'Firefox' };
  expect([...(await recorded('no')), ...(await recorded('in')), ...(await recorded('out'))]).toEqual([
    { action: 'session.create', outcome: 'denied', actor_type: 'system', ...place },
    { action: 'session.create', outcome: 'success', actor_type: 'staff', ...place },
    { action: 'session.delete', outcome: 'success', actor_type: 'staff', ...place },
  ]);
});

test('a denial and an export are events, the export with its end', async () => {
  const nothing = tenant.as(await tenant.createKey({ role: [] }));
  await nothing.get('/api/users', { 'x-request-id': 'denied' });
  await tenant.owner.get('/api/users', { accept: 'text/csv', 'x-request-id': 'export' });
  expect(await recorded('denied')).toMatchObject([{ action: 'user.list', outcome: 'denied' }]);
  expect(await recorded('export')).toMatchObject([{ action: 'user.export' }, { action: 'user.export' }]);
});

test('a job that changes something is an event of the job', async () => {
  const [job] = await tenant.rows(`INSERT INTO jobs (operation) VALUES ('alert.raise') RETURNING id`);
  await tenant.home.runJobs();
  expect(await recorded(String(job?.id))).toMatchObject([{ action: 'alert.raise', actor_type: 'system' }]);
});
