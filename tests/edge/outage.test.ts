import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesIn, signal } from '../../scripts/local/processes.ts';
import { type LocalSystem, type SystemTenant, startLocalSystem } from '../../scripts/local/system.ts';
import { type Answer, type Client, createClient, untilStatus } from '../../scripts/prove/client.ts';
import { smokeApi } from '../../scripts/prove/smoke.ts';
import type { Health } from '../../server/contexts/health/schemas.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { derivePassword, scramVerifier } from '../../tenants/credentials.ts';

let system: LocalSystem;
let client: Client;
let tenant: SystemTenant;

beforeAll(async () => {
  system = await startLocalSystem({ log: () => {} });
  client = createClient(system.workerPort, 15_000);
  tenant = await system.createTenant('outage');
});

afterAll(async () => {
  client?.close();
  const errors = system?.logs.filter((line) => line.startsWith('error:'));
  await system?.stop();
  expect(errors).toEqual([]);
});

/** Reads the health of the system, and how the parts are that can be out of reach. */
async function health() {
  const answered = await client.api(tenant, '/api/health');
  expect(answered.status, answered.text).toBe(200);
  const seen = JSON.parse(answered.text) as Health;
  const away = seen.dependencies.filter((each) => !each.is_reachable).map(({ name }) => name);
  return { ...seen, away, ms: answered.ms };
}

async function asAdmin(...statements: [string, unknown[]?][]): Promise<void> {
  const admin = await connectAdmin(system.adminUrl);
  for (const [text, values] of statements) await admin.query(text, values);
  await admin.end();
}

async function untilTrue(ask: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 50 && !(await ask()); round += 1) await sleep(100);
  expect(await ask()).toBe(true);
}

function expectUnavailable({ status, headers, text }: Answer): void {
  expect(status).toBe(503);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(text)).toMatchObject({ status: 503, code: 'unavailable', request_id: expect.any(String) });
}

test('while PostgreSQL is away every request is answered 503 at once, however many wait, and all is well again after', async () => {
  await smokeApi(client, tenant);
  await system.killPostgres();
  const many = await Promise.all(Array.from({ length: 80 }, () => client.api(tenant, '/api/accounts')));
  for (const answered of many) expectUnavailable(answered);
  expect(Math.max(...many.map(({ ms }) => ms))).toBeLessThan(5_000);

  const page = await client.ask(tenant.slug, '/', { headers: { cookie: 'scp_session=none' } });
  expect(page.status).toBe(503);
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.headers['retry-after']).toBeDefined();
  expect(page.text).toContain('Nothing was lost');
  const health = await client.ask(tenant.slug, '/healthz');
  expectUnavailable(health);
  expect(JSON.parse(health.text).failing).toEqual(['database']);
  const apex = await client.ask('', '/healthz');
  expectUnavailable(apex);
  expect(JSON.parse(apex.text).failing).toEqual(['catalog']);
  const unknown = await client.ask('not-seen-before', '/api/accounts');
  expectUnavailable(unknown);

  await system.startPostgres();
  await untilStatus(() => client.ask(tenant.slug, '/healthz'), 200, 5_000);
  expect((await client.ask('', '/healthz')).status).toBe(200);
  await smokeApi(client, tenant);
});

test('a server that takes connections and says nothing is 503 within the time of a request', async () => {
  const pids = processesIn(system.postgresFolder);
  expect(pids.length).toBeGreaterThan(3);
  for (const pid of pids) signal(pid, 'SIGSTOP');
  // More than the pool has connections: those of before the silence, and those that it cannot make.
  const silent = createClient(system.workerPort, 40_000);
  const many = await Promise.all(Array.from({ length: 8 }, () => silent.api(tenant, '/api/accounts')));
  for (const pid of pids) signal(pid, 'SIGCONT');
  silent.close();
  for (const answered of many) expectUnavailable(answered);
  await untilStatus(() => client.api(tenant, '/api/accounts'), 200, 5_000);
}, 90_000);

test('a session that the server ends in the middle of a query is 503, and the next request succeeds', async () => {
  const admin = await connectAdmin(system.adminUrl);
  await admin.query('BEGIN');
  await admin.query(`LOCK TABLE ${tenant.record.schema}.accounts IN ACCESS EXCLUSIVE MODE`);
  const waiting = client.api(tenant, '/api/accounts');
  for (let ended = 0; ended === 0; ) {
    const { rows } = await admin.query<{ ended: number }>(
      `SELECT count(pg_terminate_backend(pid))::integer AS ended FROM pg_stat_activity
        WHERE usename = $1 AND wait_event_type = 'Lock'`,
      [tenant.record.role],
    );
    ended = rows[0]?.ended ?? 0;
  }
  await admin.query('ROLLBACK');
  await admin.end();
  expectUnavailable(await waiting);
  expect((await client.api(tenant, '/api/accounts')).status).toBe(200);
});

test('the health tells that the store of the rate limits is away, or takes connections and says nothing, within seconds', async () => {
  expect((await health()).away).toEqual([]);
  await system.stopRateLimits();
  const refusing = await health();
  expect([refusing.away, refusing.status]).toEqual([['rate_limits'], 'failing']);
  expect(refusing.reasons).toContain('The rate limits cannot be reached.');
  expect(refusing.ms).toBeLessThan(5_000);

  const silent = createServer(() => {});
  const { port } = new URL(system.settings.UPSTASH_REDIS_REST_URL);
  await new Promise<void>((resolve) => silent.listen(Number(port), '127.0.0.1', resolve));
  // What was leased while the store was away is used up.
  await sleep(5_100);
  const mute = await health();
  expect([mute.away, mute.status]).toEqual([['rate_limits'], 'failing']);
  expect(mute.ms).toBeLessThan(5_000);
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
  await system.startRateLimits();
  expect((await health()).away).toEqual([]);
}, 60_000);

test('the health tells that the catalog is away, or does not answer, within seconds', async () => {
  const end: [string] = [`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'scp_gateway'`];
  await asAdmin([`ALTER ROLE scp_gateway NOLOGIN`], end);
  const refused = await health();
  expect([refused.away, refused.status]).toEqual([['catalog'], 'failing']);
  expect(refused.reasons).toContain('The catalog cannot be reached.');
  expect(refused.ms).toBeLessThan(5_000);
  await asAdmin([`ALTER ROLE scp_gateway LOGIN`]);
  expect((await health()).away).toEqual([]);

  const admin = await connectAdmin(system.adminUrl);
  await admin.query('BEGIN');
  await admin.query('LOCK TABLE platform.tenants IN ACCESS EXCLUSIVE MODE');
  const mute = await health();
  await admin.query('ROLLBACK');
  await admin.end();
  expect([mute.away, mute.status]).toEqual([['catalog'], 'failing']);
  expect(mute.ms).toBeLessThan(5_000);
  await untilTrue(async () => (await health()).away.length === 0);
}, 60_000);

test('a rotated key is found by all requests at once, without one that fails', async () => {
  const { record, slug } = tenant;
  const verifier = scramVerifier(derivePassword(system.settings.MASTER_SECRET, record.id, 2));
  await asAdmin(
    [`ALTER ROLE ${record.role} PASSWORD '${verifier}'`],
    ['UPDATE platform.tenants SET key_version = 2 WHERE slug = $1', [slug]],
    ['SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [record.role]],
  );
  await untilStatus(() => client.api(tenant, '/api/accounts'), 200, 5_000);
  await asAdmin(['SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [record.role]]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  // The front still hands over the record of before.
  const many = await Promise.all(Array.from({ length: 40 }, () => client.api(tenant, '/api/accounts')));
  expect(many.map(({ status }) => status)).toEqual(many.map(() => 200));
});

test('a role that may not log in is 503, not a crash', async () => {
  await asAdmin(
    [`ALTER ROLE ${tenant.record.role} NOLOGIN`],
    ['SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [tenant.record.role]],
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  expectUnavailable(await client.api(tenant, '/api/accounts'));
  await asAdmin([`ALTER ROLE ${tenant.record.role} LOGIN`]);
  expect((await client.api(tenant, '/api/accounts')).status).toBe(200);
});
