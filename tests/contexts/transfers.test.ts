import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
const missing = '0190a0a0-0000-7000-8000-000000000000';

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
});
afterAll(() => site?.stop());

const newOrg = async (name: string) => (await owner.post('/api/merchant-orgs', { name })).body.id;
const newMerchant = async (merchant_org_id: string) =>
  (await owner.post('/api/merchants', { merchant_org_id, name: 'Pine Hair' })).body.id;
const preview = (id: string, merchant_org_id: string, as = owner) =>
  as.post(`/api/merchants/${id}/transfer-preview`, { merchant_org_id });
const transfer = (id: string, merchant_org_id: string, digest: unknown, as = owner) =>
  as.post(`/api/merchants/${id}/transfer`, { merchant_org_id, digest, reason: 'Sold to Cove' });

test('a transfer is reviewed and carried out: scope, books and keys follow, past postings stay', async () => {
  const [from, to] = [await newOrg('Harbor'), await newOrg('Cove')];
  const id = await newMerchant(from);
  const amount = { amount: 5_000, currency: 'USD' };
  const ends = { from: { type: 'merchant', id }, to: { type: 'merchant_org', id: from } };
  await owner.post('/api/transactions', { type: 'franchise_fee', ...ends, amount });
  const [old, next] = await Promise.all(
    [from, to].map(async (merchant_org_id) => tenant.as(await tenant.createKey({ merchant_org_id }))),
  );
  const seen = (await preview(id, to)).body;
  expect(seen).toMatchObject({
    from: { id: from, name: 'Harbor' },
    to: { id: to, name: 'Cove' },
    loses_access: [{ type: 'api_key', name: 'Test', role: 'Owner' }],
    gains_access: [{ type: 'api_key', name: 'Test', role: 'Owner' }],
    open_items: [{ name: 'Due to related parties', balance: -5_000, currency: 'USD' }],
  });
  expect((await old!.get(`/api/merchants/${id}`)).status).toBe(200);
  const before = (await owner.get('/api/transactions?limit=200')).body.data;
  const done = await transfer(id, to, seen.digest);
  expect(done.body).toMatchObject({ id, merchant_org_id: to });
  expect((await owner.get(`/api/merchants/${id}`)).body.merchant_org_id).toBe(to);
  expectProblem(await old!.get(`/api/merchants/${id}`), 404, 'not_found');
  expect((await next!.get(`/api/merchants/${id}`)).status).toBe(200);
  expect((await old!.get(`/api/books?party_id=${id}`)).body.data).toEqual([]);
  expect((await next!.get(`/api/books?party_id=${id}`)).body.data).toHaveLength(1);
  expect((await owner.get('/api/transactions?limit=200')).body.data).toEqual(before);
  expect((await owner.get('/api/ledger/integrity')).body.balanced).toBe(true);
  expect((await owner.get(`/api/merchant-transfers?merchant_id=${id}`)).body.data).toMatchObject([
    { id: done.body.transfer_id, from_merchant_org_id: from, to_merchant_org_id: to, reason: 'Sold to Cove' },
  ]);
  const [event] = (await owner.get(`/api/audit-logs?resource_id=${id}&action=merchant_transfer.create`)).body.data;
  expect(event).toMatchObject({ summary: 'Moved a merchant to another MerchantOrg: Sold to Cove', outcome: 'success' });
});

test('rights that were read before a transfer are of no use after it', async () => {
  const [from, to] = [await newOrg('Harbor'), await newOrg('Cove')];
  const id = await newMerchant(from);
  const [before] = await tenant.rows('SELECT version FROM access_state');
  await transfer(id, to, (await preview(id, to)).body.digest);
  const [after] = await tenant.rows('SELECT version FROM access_state');
  expect(Number(after?.version)).toBeGreaterThan(Number(before?.version));
});

test('what changed since the review is not carried out', async () => {
  const [from, to] = [await newOrg('Harbor'), await newOrg('Cove')];
  const id = await newMerchant(from);
  const { digest } = (await preview(id, to)).body;
  await tenant.createKey({ merchant_org_id: from });
  const contents = await tenant.contents();
  expectProblem(await transfer(id, to, digest), 409, 'conflict');
  expectProblem(await transfer(id, to, '0'.repeat(64)), 409, 'conflict');
  expectProblem(await transfer(id, to, 'seen'), 422, 'invalid');
  expect(await tenant.contents()).toEqual(contents);
});

test('a merchant goes only where it can work, and stays when it is closed', async () => {
  const [from, gone, paused] = [await newOrg('Harbor'), await newOrg('Gone'), await newOrg('Paused')];
  const id = await newMerchant(from);
  await owner.patch(`/api/merchants/${id}`, { status: 'active' });
  await owner.patch(`/api/merchant-orgs/${gone}`, { status: 'closed' });
  for (const status of ['active', 'suspended']) await owner.patch(`/api/merchant-orgs/${paused}`, { status });
  const archived = await newOrg('Archived');
  await owner.post(`/api/merchant-orgs/${archived}/archive`, {});
  const foreign = (await site.tenants[1]!.owner.post('/api/merchant-orgs', { name: 'Foreign' })).body.id;
  for (const [org, why] of [
    [from, 'is where the merchant is already'],
    [gone, 'is closed'],
    [paused, 'is suspended'],
    [archived, 'is archived'],
    [foreign, 'does not exist'],
    [missing, 'does not exist'],
  ] as const) {
    for (const refused of [await preview(id, org), await transfer(id, org, '0'.repeat(64))]) {
      expectProblem(refused, 422, 'invalid');
      expect(refused.body.errors).toEqual({ merchant_org_id: [why] });
    }
  }
  await owner.patch(`/api/merchants/${id}`, { status: 'closed' });
  expectProblem(await preview(id, await newOrg('Cove')), 409, 'conflict');
  expectProblem(await preview(missing, from), 404, 'not_found');
});

test('it takes the permission for the whole tenant', async () => {
  const [from, to] = [await newOrg('Harbor'), await newOrg('Cove')];
  const id = await newMerchant(from);
  const { digest } = (await preview(id, to)).body;
  const within = tenant.as(await tenant.createKey({ role: 'admin', merchant_org_id: from }));
  const sales = tenant.as(await tenant.createKey({ role: 'sales' }));
  for (const client of [within, sales]) {
    expectProblem(await preview(id, to, client), 403, 'forbidden');
    expectProblem(await transfer(id, to, digest, client), 403, 'forbidden');
    expectProblem(await client.get('/api/merchant-transfers'), 403, 'forbidden');
  }
});
