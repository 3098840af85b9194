import { afterAll, beforeAll, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import type { Measure } from '../../server/contexts/usage/schemas.ts';
import { listQuotas, setQuota } from '../../tenants/quotas.ts';
import { runJob } from '../ledger/sealed.ts';
import { type Body, type Client, clientOf, doorOf, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  [tenant, other] = site.tenants as [TestTenant, TestTenant];
});
afterAll(() => site?.stop());

/** What is set while nobody looks, as the command does it. */
const limit = (measure: Measure, soft_limit: number | null, hard_limit: number | null) =>
  setQuota(tenant.database.admin, tenant.slug, { measure, soft_limit, hard_limit });

/** A home that has just started: it hears at its first call how things stand. */
function freshHome(): { home: ReturnType<TestTenant['anotherHome']>; owner: Client } {
  const home = tenant.anotherHome();
  return { home, owner: clientOf(doorOf(home, tenant.origin), tenant.apiKey) };
}

const usedOf = async (measure: Measure) =>
  (await listQuotas(tenant.database.admin, tenant.slug)).find((each) => each.measure === measure)!.used;

const invite = async (owner: Client, email: string) => {
  const [role] = await tenant.rows(`SELECT id FROM roles WHERE key = 'auditor'`);
  return owner.post('/api/users', { name: 'Al', email, roles: [{ role_id: role?.id }] });
};

/** As if the last look had been a while ago. */
const measureAgain = async () => {
  await tenant.arrange(`UPDATE usage_state SET measured_at = '-infinity'`);
  await runJob(tenant, 'usage.measure');
};

test('calls with a key are counted in memory and reach the database in one batch, those of several homes together', async () => {
  const [first, second] = [freshHome(), freshHome()];
  const before = await usedOf('api_calls');
  for (let count = 0; count < 3; count += 1) {
    expect((await first.owner.get('/api/merchants')).status).toBe(200);
    expect((await second.owner.get('/api/merchants')).status).toBe(200);
  }
  await clientOf(doorOf(first.home, tenant.origin), null).get('/api/merchants');
  expect(await usedOf('api_calls')).toBe(before);
  const batch = Array.from({ length: 4 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));
  await first.owner.post('/mcp', batch, { accept: 'application/json, text/event-stream' });
  await Promise.all([first.home.close(), second.home.close()]);
  expect(await usedOf('api_calls')).toBe(before + 10);
  expect(await usedOf('worker_time')).toBeGreaterThan(0);
});

test('a home that is refused its database counts on, and brings everything later', async () => {
  const before = await usedOf('api_calls');
  const { home, owner } = freshHome();
  await owner.get('/api/merchants');
  await tenant.rows(`ALTER FUNCTION count_usage(bigint, bigint) RENAME TO count_usage_away`);
  try {
    await home.runtime.services.usage.flush();
    expect((await owner.get('/api/merchants')).status).toBe(200);
    expect((await owner.get('/api/health')).body.reasons).toContainEqual(expect.stringContaining('cannot be counted'));
  } finally {
    await tenant.rows(`ALTER FUNCTION count_usage_away(bigint, bigint) RENAME TO count_usage`);
  }
  await home.close();
  expect(await usedOf('api_calls')).toBe(before + 3);
});

test('rows, bytes, mails and jobs are measured by the day, also while nobody calls', async () => {
  await tenant.owner.post('/api/merchant-orgs', { name: 'Harbor' });
  await invite(tenant.owner, 'jo@acme.test');
  await tenant.home.runJobs();
  await tenant.rows('ANALYZE');
  await measureAgain();
  const { data } = (await tenant.owner.get('/api/usage?limit=200')).body;
  const amounts = Object.fromEntries(data.map((each) => [each.measure, Number(each.amount)]));
  expect(Object.keys(amounts)).toEqual(expect.arrayContaining(['rows', 'bytes', 'messages', 'jobs']));
  expect(amounts.rows).toBeGreaterThan(50);
  expect(amounts.bytes).toBeGreaterThan(500_000);
  const [counted] = await tenant.rows(`SELECT (SELECT count(*)::integer FROM outbox) AS mails`);
  expect(amounts.messages).toBe(counted?.mails);
  expect(amounts.jobs).toBeGreaterThan(0);
  const [job] = await tenant.rows(
    `SELECT every::text FROM jobs WHERE operation = 'usage.measure' AND every IS NOT NULL`,
  );
  expect(job).toEqual({ every: '01:00:00' });
});

test('figures are filtered by day and measure, exported as CSV, and told to staff of the whole tenant alone', async () => {
  await tenant.rows(
    `INSERT INTO usage_days (day, measure, amount) VALUES ('2026-01-01', 'api_calls', 7), ('2026-01-02', 'api_calls', 9)`,
  );
  const range = '/api/usage?measure=api_calls&from=2026-01-01&to=2026-01-31';
  const read = await tenant.owner.get(`${range}&sort=day`);
  expect(read.body.data.map(({ day, amount }) => [day, amount])).toEqual([
    ['2026-01-01', 7],
    ['2026-01-02', 9],
  ]);
  const file = await tenant.owner.get(`${range}&format=csv`);
  expect(file.text.split('\r\n').slice(0, 2)).toEqual([
    'id,day,measure,amount',
    expect.stringMatching(/,2026-01-02,api_calls,9$/),
  ]);
  expectProblem(await tenant.owner.get('/api/usage?measure=tea'), 422, 'invalid');
  const merchantOrg = await tenant.owner.post('/api/merchant-orgs', { name: 'Narrow' });
  const auditor = tenant.as(await tenant.createKey({ role: 'auditor' }));
  const narrow = tenant.as(await tenant.createKey({ role: 'auditor', merchant_org_id: merchantOrg.body.id }));
  const agent = tenant.as(await tenant.createKey({ role: 'ai_agent' }));
  for (const path of ['/api/usage', '/api/quotas']) {
    expect((await auditor.get(path)).status).toBe(200);
    expectProblem(await narrow.get(path), 403, 'forbidden');
    expectProblem(await agent.get(path), 403, 'forbidden');
  }
  expect((await other.owner.get(range)).body.data).toEqual([]);
});

test('the tenant reads its quotas and cannot set them, whatever its role tries', async () => {
  await limit('bytes', 1_000, null);
  const { data } = (await tenant.owner.get('/api/quotas')).body;
  expect(data.map(({ measure }) => measure)).toEqual(['rows', 'bytes', 'api_calls', 'worker_time', 'messages', 'jobs']);
  expect(data[1]).toMatchObject({
    measure: 'bytes',
    is_daily: false,
    soft_limit: 1_000,
    hard_limit: null,
    state: 'soft',
  });
  const [event] = await tenant.rows(
    `SELECT e.actor_name, e.door, e.details ->> 'summary' AS summary, c.after ->> 'soft_limit' AS soft
     FROM audit_events e JOIN audit_changes c ON c.event_id = e.id WHERE e.action = 'quota.set'`,
  );
  expect(event).toEqual({
    actor_name: 'Platform operator',
    door: 'command',
    summary: 'Set the quota of bytes',
    soft: '1000',
  });
  const [rights] = await tenant.rows(
    `SELECT has_table_privilege($1, 'quotas', 'INSERT, UPDATE, DELETE') AS quotas,
       has_table_privilege($1, 'usage_days', 'INSERT, UPDATE, DELETE') AS usage,
       has_function_privilege($1, 'set_quota(text, bigint, bigint, text)', 'EXECUTE') AS command`,
    [tenant.record.role],
  );
  expect(rights).toEqual({ quotas: false, usage: false, command: false });
  expect((await listQuotas(other.database.admin, other.slug)).every((each) => each.soft_limit === null)).toBe(true);
  await limit('bytes', null, null);
});

test('at the hard limit of API calls keys are refused until midnight, while people sign in and work; a raised limit lets them in', async () => {
  const person = { email: 'petra@acme.test', password: 'correct horse battery' };
  await tenant.createUser(person);
  await tenant.home.close();
  await limit('api_calls', null, (await usedOf('api_calls')) + 2);
  const { home, owner } = freshHome();
  expect((await owner.get('/api/merchants')).status).toBe(200);
  expect((await owner.get('/api/merchants')).status).toBe(200);
  const refused = await owner.get('/api/merchants');
  expectProblem(refused, 429, 'quota_exceeded');
  expect(refused.body).toMatchObject({ measure: 'api_calls', hard_limit: expect.any(Number) });
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(86_400);
  const evaluation = await owner.post('/ofrep/v1/evaluate/flags', { context: { targetingKey: 'a' } });
  expect([evaluation.status, evaluation.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
  expect(evaluation.body).toMatchObject({ errorCode: 'GENERAL' });
  const nobody = clientOf(doorOf(home, tenant.origin), null);
  const signedIn = await nobody.post('/api/sessions', person);
  expect(signedIn.status).toBe(201);
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  expect((await clientOf(doorOf(home, tenant.origin), { cookie }).get('/api/merchants')).status).toBe(200);
  await limit('api_calls', null, null);
  expect((await freshHome().owner.get('/api/merchants')).status).toBe(200);
});

test('at the hard limit of rows nothing is created by any door, and all is read, changed and archived', async () => {
  await limit('rows', null, 1);
  const { home, owner } = freshHome();
  const refused = await owner.post('/api/merchant-orgs', { name: 'One more' });
  expectProblem(refused, 429, 'quota_exceeded');
  expect([refused.body.measure, refused.headers.get('retry-after')]).toEqual(['rows', null]);
  expect(await tenant.rows(`SELECT FROM merchant_orgs WHERE name = 'One more'`)).toEqual([]);
  const call = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'merchant_org.create', arguments: { name: 'One more' } },
  };
  const tool = await owner.post('/mcp', call, { accept: 'application/json, text/event-stream' });
  expect(tool.body.result).toMatchObject({ isError: true, structuredContent: { code: 'quota_exceeded' } });
  const [org] = (await owner.get('/api/merchant-orgs')).body.data as [Body];
  expect((await owner.patch(`/api/merchant-orgs/${org.id}`, { name: 'Renamed' })).status).toBe(200);
  await limit('rows', null, null);
  await home.close();
});

test('an import is applied when there is room for all of its rows', async () => {
  const csv = `Name\n${Array.from({ length: 30 }, (_, at) => `Imported ${at}`).join('\n')}\n`;
  const { id } = (await tenant.owner.post('/api/imports', { kind: 'merchant_org', csv })).body;
  await tenant.owner.post(`/api/imports/${id}/check`, {});
  await tenant.home.runJobs();
  await measureAgain();
  await limit('rows', null, (await usedOf('rows')) + 20);
  const { home, owner } = freshHome();
  expectProblem(await owner.post(`/api/imports/${id}/apply`, {}), 429, 'quota_exceeded');
  expect((await owner.get(`/api/imports/${id}`)).body.status).toBe('ready');
  await limit('rows', null, (await usedOf('rows')) + 30);
  expect((await freshHome().owner.post(`/api/imports/${id}/apply`, {})).status).toBe(202);
  await limit('rows', null, null);
  await home.close();
});

test('at their hard limits nobody is invited by mail and no job is ordered, while mails that guard an account still go', async () => {
  const person = { email: 'quinn@acme.test', password: 'correct horse battery' };
  await tenant.createUser(person);
  await limit('messages', null, 1);
  await limit('jobs', null, 1);
  const { home, owner } = freshHome();
  const invited = await invite(owner, 'al@acme.test');
  expectProblem(invited, 429, 'quota_exceeded');
  expect(invited.body.measure).toBe('messages');
  expectProblem(await owner.post('/api/ledger/verify', {}), 429, 'quota_exceeded');
  const mails = `SELECT count(*)::integer AS mails FROM outbox`;
  const [before] = await tenant.rows(mails);
  await clientOf(doorOf(home, tenant.origin), null).post('/api/password-resets', { email: person.email });
  await home.runJobs();
  expect((await tenant.rows(mails))[0]?.mails).toBeGreaterThan(Number(before?.mails));
  await limit('messages', null, null);
  await limit('jobs', null, null);
});

test('a soft limit that is reached raises one alert in its period and tells the owners', async () => {
  await limit('api_calls', 1, null);
  const raise = async () => {
    await measureAgain();
    await passHorizon(tenant.rows);
    await runJob(tenant, 'alert.watch');
    await tenant.home.runJobs();
  };
  await raise();
  await raise();
  const { data } = (await tenant.owner.get('/api/alerts?kind=quota&subject=api%20calls')).body;
  expect(data).toMatchObject([{ rule: 'A quota is used up', subject_name: 'api calls', weight: 1, status: 'open' }]);
  expect((await tenant.owner.get(`/api/alerts/${data[0]!.id}`)).body.events).toEqual([]);
  const mails = await tenant.rows(`SELECT DISTINCT body FROM mailbox WHERE subject LIKE 'A quota%api calls'`);
  expect(mails).toEqual([{ body: expect.stringContaining('/usage') }]);
  await limit('api_calls', null, null);
});
