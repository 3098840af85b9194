import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificates } from '../../scripts/local/certificates.ts';
import { type LocalSystem, type SystemTenant, startLocalSystem } from '../../scripts/local/system.ts';
import { type Client, createClient } from '../../scripts/prove/client.ts';
import { smokeApi } from '../../scripts/prove/smoke.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { expectLargeAnswers } from './large-list.ts';

let folder: string;
let authority: string;
const systems: LocalSystem[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scp-tls-'));
  const made = makeCertificates();
  authority = made.authority;
  writeFileSync(join(folder, 'server.crt'), made.certificate);
  writeFileSync(join(folder, 'server.key'), made.key, { mode: 0o600 });
});

afterAll(async () => {
  for (const system of systems) await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A system whose workers speak TLS to PostgreSQL. */
async function startTlsSystem(
  trustedCertificates: string[],
  host: string,
): Promise<{ client: Client; tenant: SystemTenant; system: LocalSystem }> {
  const system = await startLocalSystem({
    log: () => {},
    postgres: { ssl: 'on', ssl_cert_file: join(folder, 'server.crt'), ssl_key_file: join(folder, 'server.key') },
    route: (url) => `${url.replace('127.0.0.1', host)}?sslmode=require`,
    trustedCertificates,
  });
  systems.push(system);
  const client = createClient(system.workerPort);
  return { system, client, tenant: await system.createTenant(`tls-${systems.length}`) };
}

test('with a certificate that it trusts, the worker reaches PostgreSQL over TLS', async () => {
  const { system, client, tenant } = await startTlsSystem([authority], 'localhost');
  await smokeApi(client, tenant);
  await expectLargeAnswers(client, tenant);
  const admin = await connectAdmin(system.adminUrl);
  const { rows } = await admin.query(
    `SELECT DISTINCT s.ssl FROM pg_stat_activity AS a JOIN pg_stat_ssl AS s USING (pid) WHERE a.usename IN ($1, 'scp_gateway')`,
    [tenant.record.role],
  );
  await admin.end();
  client.close();
  expect(rows).toEqual([{ ssl: true }]);
});

test('a certificate that nobody vouches for is refused, before any password is sent', async () => {
  const { system, client, tenant } = await startTlsSystem([], 'localhost');
  const answered = await client.api(tenant, '/api/accounts');
  client.close();
  expect(answered.status).toBe(503);
  expect(answered.headers['content-type']).toBe('application/problem+json');
  const errors = system.logs.filter((line) => line.startsWith('error:'));
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.filter((line) => !line.includes('invalid peer certificate: UnknownIssuer'))).toEqual([]);
});
