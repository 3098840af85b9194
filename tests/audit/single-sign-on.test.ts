import { afterAll, beforeAll, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { runJob } from '../ledger/sealed.ts';
import type { Body } from '../support/door.ts';
import { type HostileProvider, startHostileProvider } from '../support/hostile-provider.ts';
import { visitorOf } from '../support/single-sign-on.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let provider: HostileProvider;
let connection: string;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  provider = await startHostileProvider();
  const [role] = await tenant.rows(`SELECT id FROM roles WHERE key = 'auditor'`);
  const created = await tenant.owner.post('/api/sso-connections', {
    name: 'Watched',
    issuer: provider.issuer,
    client_id: 'portal',
    email_domains: ['acme.test'],
    default_role: { role_id: role?.id },
    creates_users: true,
    is_enabled: true,
  });
  connection = created.body.id;
});
afterAll(async () => {
  await provider?.stop();
  await site?.stop();
});

async function alerts(kind: string): Promise<Body[]> {
  await passHorizon(tenant.rows);
  await runJob(tenant, 'alert.watch');
  await tenant.home.runJobs();
  return (await tenant.owner.get(`/api/alerts?kind=${kind}`)).body.data;
}

async function signIn(email: string, more: object = {}) {
  provider.claims = { sub: email, email, ...more };
  const visitor = visitorOf(tenant);
  return visitor.finish(provider.authorize(await visitor.start(connection)).search.slice(1));
}

test('setting a connection up is a change of rights; coming through it, with the roles that it maps, is none', async () => {
  expect(await alerts('privilege_change')).toHaveLength(1);
  for (const name of ['ada', 'bob', 'kay']) expect(await signIn(`${name}@acme.test`)).toMatchObject({ to: '/' });
  const raised = await alerts('privilege_change');
  expect(raised.map(({ weight }) => weight)).toEqual([1]);
});

test('addresses that are refused again and again raise an alert; links that nobody began raise none', async () => {
  for (let count = 0; count < 6; count += 1) {
    expect(await signIn('eve@evil.test')).toEqual({ refusal: 'foreign_domain' });
    await visitorOf(tenant).finish('code=x&state=x');
  }
  const raised = await alerts('failed_sign_ins');
  expect(raised.map(({ subject_name }) => subject_name)).toEqual(['eve@evil.test']);
});
