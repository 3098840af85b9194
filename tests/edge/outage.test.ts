import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesIn, signal } from '../../scripts/local/processes.ts';
import { type LocalSystem, type SystemTenant, startLocalSystem } from '../../scripts/local/system.ts';
import { type Answer, type Client, createClient, untilStatus } from '../../scripts/prove/client.ts';
import { smokeApi } from '../../scripts/prove/smoke.ts';
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

async function asAdmin(...statements: [string, unknown[]?][]): Promise<void> {
  const admin = await connectAdmin(system.adminUrl);
  for (const [text, values] of statements) await admin.query(text, values);
  await admin.end();
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
