import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalSystem, type SystemTenant, startLocalSystem } from '../../scripts/local/system.ts';
import { type Client, createClient } from '../../scripts/prove/client.ts';
import { smokeApi } from '../../scripts/prove/smoke.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { type NeonProxy, startNeonProxy } from '../support/neon-proxy.ts';
import { expectLargeAnswers } from './large-list.ts';

let proxy: NeonProxy;
let system: LocalSystem;
let client: Client;
let tenant: SystemTenant;

beforeAll(async () => {
  proxy = await startNeonProxy();
  system = await startLocalSystem({
    log: () => {},
    route: (url) => `${url}?transport=neon&proxy=${encodeURIComponent(proxy.url)}`,
  });
  client = createClient(system.workerPort);
  tenant = await system.createTenant('neon');
});

afterAll(async () => {
  client?.close();
  await system?.stop();
  await proxy?.stop();
});

test("over Neon's WebSocket the API works as over TCP, its errors included", async () => {
  await smokeApi(client, tenant);
  expect(proxy.connections()).toBeGreaterThanOrEqual(2);
});

test("over Neon's WebSocket large answers arrive whole", () => expectLargeAnswers(client, tenant));

test('a connection cut in the middle of a query is 503, and the next request succeeds', async () => {
  const admin = await connectAdmin(system.adminUrl);
  await admin.query('BEGIN');
  await admin.query(`LOCK TABLE ${tenant.record.schema}.accounts IN ACCESS EXCLUSIVE MODE`);
  const waiting = client.api(tenant, '/api/accounts');
  await sleep(500);
  proxy.cut();
  const cut = await waiting;
  await admin.query('ROLLBACK');
  await admin.end();
  expect(cut.status).toBe(503);
  expect(cut.headers['retry-after']).toBeDefined();
  expect(JSON.parse(cut.text).code).toBe('unavailable');
  expect((await client.api(tenant, '/api/accounts')).status).toBe(200);
});

test('without the proxy requests are 503, and recover with it', async () => {
  const port = Number(new URL(proxy.url).port);
  await proxy.stop();
  expect((await client.api(tenant, '/api/accounts')).status).toBe(503);
  proxy = await startNeonProxy(port);
  expect((await client.api(tenant, '/api/accounts')).status).toBe(200);
  expect(system.logs.filter((line) => line.startsWith('error:'))).toEqual([]);
});
