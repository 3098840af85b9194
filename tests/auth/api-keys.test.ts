import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret } from '../../tenants/credentials.ts';
import { type Client, clientOf, doorOf, expectProblem } from '../support/door.ts';
import { permissionsOfStaff } from '../support/staff-permissions.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
let roles: Record<string, string>;
let org: string;
let merchant: string;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  roles = Object.fromEntries((await owner.get('/api/roles')).body.data.map(({ key, id }) => [String(key), id]));
  org = (await owner.post('/api/merchant-orgs', { name: 'Harbor' })).body.id;
  merchant = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'Pine' })).body.id;
});
afterAll(() => site?.stop());

const create = (body: object, as = owner) =>
  as.post('/api/api-keys', { name: 'Till', role_id: roles.auditor, ...body });

test('a key is shown once, kept as a hash, and works with the permissions of its role', async () => {
  const created = await create({});
  expect(created.status).toBe(201);
  const key = String(created.body.key);
  expect(key).toMatch(/^scp_[A-Za-z0-9]{40}$/);
  expect(key.startsWith(String(created.body.prefix))).toBe(true);
  expect((await owner.get('/api/api-keys')).text).not.toContain(key);
  const [row] = await tenant.rows('SELECT to_jsonb(k) AS row FROM api_keys k WHERE id = $1', [created.body.id]);
  expect(JSON.stringify(row)).not.toContain(key);
  expect(JSON.stringify(row)).toContain(hashSecret(key));
  expect((await tenant.as(key).get('/api/users')).status).toBe(200);
  expectProblem(await tenant.as(key).post('/api/merchant-orgs', { name: 'A' }), 403, 'forbidden');
});

test('an agent of the role for agents is recorded as one', async () => {
  const agent = tenant.as(await tenant.createKey({ role: 'ai_agent' }));
  expectProblem(await agent.get('/api/users', { 'x-request-id': 'by-an-agent' }), 403, 'forbidden');
  const events = await tenant.rows(`SELECT actor_type FROM audit_events WHERE request_id = 'by-an-agent'`);
  expect(events).toEqual([{ actor_type: 'ai_agent' }]);
});

describe('escalation', () => {
  test('nobody makes a key that can do what they cannot', async () => {
    const maker = tenant.as(await tenant.createKey({ role: ['api_key:create', ...permissionsOfStaff] }));
    const before = await tenant.contents();
    for (const role of ['owner', 'admin', 'finance', 'auditor', 'ai_agent']) {
      expectProblem(await create({ role_id: roles[role] }, maker), 403, 'forbidden');
    }
    expect(await tenant.contents()).toEqual(before);
    expect((await create({ role_id: roles.merchant_staff }, maker)).status).toBe(201);
  });

  test('nobody within a scope makes a key at all, not even at that scope', async () => {
    const scoped = tenant.as(await tenant.createKey({ role: 'owner', merchant_org_id: org }));
    expectProblem(await create({}, scoped), 403, 'forbidden');
    expectProblem(await create({ merchant_org_id: org }, scoped), 403, 'forbidden');
  });

  test('a role that does not exist, or is of another tenant, is refused alike', async () => {
    const foreign = (await site.tenants[1]!.owner.get('/api/roles')).body.data[0]!.id;
    for (const role_id of [foreign, '0190a0a0-0000-7000-8000-000000000000']) {
      const refused = await create({ role_id });
      expectProblem(refused, 422, 'invalid');
      expect(refused.body.errors).toEqual({ role_id: ['does not exist'] });
    }
  });
});

describe('scope', () => {
  test('a key at a MerchantOrg reaches it and its merchants, and creates no further MerchantOrg', async () => {
    const key = String((await create({ role_id: roles.owner, merchant_org_id: org })).body.key);
    const client = tenant.as(key);
    expect((await client.get('/api/merchant-orgs')).body.data.map(({ id }) => id)).toEqual([org]);
    expect((await client.get('/api/merchants')).body.data.map(({ id }) => id)).toEqual([merchant]);
    expectProblem(await client.post('/api/merchant-orgs', { name: 'A' }), 403, 'forbidden');
    expect((await client.get('/api/users')).body.data).toEqual([]);
    expectProblem(await client.get('/api/audit-logs'), 403, 'forbidden');
    expectProblem(await client.patch('/api/tenants/current', { name: 'Taken over' }), 403, 'forbidden');
  });

  test('a key at a merchant reaches that one alone, and not the MerchantOrg above it', async () => {
    const client = tenant.as(String((await create({ role_id: roles.owner, merchant_id: merchant })).body.key));
    await owner.post('/api/merchants', { merchant_org_id: org, name: 'Sibling' });
    expect((await client.get('/api/merchants')).body.data.map(({ id }) => id)).toEqual([merchant]);
    expect((await client.get('/api/merchant-orgs')).body.data).toEqual([]);
    expectProblem(await client.post('/api/merchants', { merchant_org_id: org, name: 'A' }), 422, 'invalid');
  });

  test('is one: a key at both, or at something absent, is refused', async () => {
    expectProblem(await create({ merchant_org_id: org, merchant_id: merchant }), 422, 'invalid');
    for (const field of ['merchant_org_id', 'merchant_id']) {
      const refused = await create({ [field]: '0190a0a0-0000-7000-8000-000000000000' });
      expect([refused.status, refused.body.errors]).toEqual([422, { [field]: ['does not exist'] }]);
    }
  });
});

describe('a key that no longer holds', () => {
  const posting = async () => {
    const book = (await owner.get('/api/books?party_type=tenant')).body.data[0]!.id;
    const accounts = (await owner.get(`/api/accounts?book_id=${book}`)).body.data;
    return {
      description: 'Late',
      lines: [
        { account_id: accounts[0]!.id, side: 'debit', amount: 1 },
        { account_id: accounts[1]!.id, side: 'credit', amount: 1 },
      ],
    };
  };

  test('opens nothing from the moment it is revoked, in homes that have just used it too', async () => {
    const created = (await create({ role_id: roles.owner })).body;
    const doors = [tenant.home, tenant.anotherHome()].map((home) =>
      clientOf(doorOf(home, tenant.origin), String(created.key)),
    );
    const body = await posting();
    for (const client of doors) expect((await client.post('/api/transactions', body)).status).toBe(201);
    expect((await owner.delete(`/api/api-keys/${created.id}`)).status).toBe(200);
    for (const client of doors) {
      expectProblem(await client.post('/api/transactions', body), 401, 'unauthenticated');
      expectProblem(await client.get('/api/tenants'), 401, 'unauthenticated');
    }
    const again = await owner.delete(`/api/api-keys/${created.id}`);
    expect([again.status, again.body.revoked_at]).toEqual([
      200,
      (await owner.get('/api/api-keys?limit=200')).body.data.find(({ id }) => id === created.id)?.revoked_at,
    ]);
  });

  test('loses what its role loses, at once, in homes that have just used it too', async () => {
    const key = await tenant.createKey({ role: ['transaction:post', 'transaction:post_raw'] });
    const client = tenant.as(key);
    const body = await posting();
    expect((await client.post('/api/transactions', body)).status).toBe(201);
    await tenant.arrange(
      `UPDATE roles SET permissions = '{transaction:post}' WHERE 'transaction:post_raw' = ANY (permissions)`,
    );
    expectProblem(await client.post('/api/transactions', body), 403, 'forbidden');
  });

  test('ends when it expires', async () => {
    const client = tenant.as(
      String((await create({ expires_at: new Date(Date.now() + 1500).toISOString() })).body.key),
    );
    expect((await client.get('/api/tenants')).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expectProblem(await client.get('/api/tenants'), 401, 'unauthenticated');
  });
});
