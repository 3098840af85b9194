import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { merchantOrgStates, merchantStates } from '../../server/contexts/merchant-org/schemas.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { forceState, statesOf } from '../support/states.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
});
afterAll(() => site?.stop());

const newOrg = async (name = 'Harbor') => (await owner.post('/api/merchant-orgs', { name })).body.id;
const newMerchant = async (merchant_org_id: string, name = 'Pine Hair') =>
  (await owner.post('/api/merchants', { merchant_org_id, name })).body.id;
const move = (path: string, status: string, more: object = {}) => owner.patch(path, { status, ...more });

describe.each([
  ['a MerchantOrg', merchantOrgStates, 'merchant_orgs', '/api/merchant-orgs'],
  ['a merchant', merchantStates, 'merchants', '/api/merchants'],
] as const)('%s', (_what, machine, table, path) => {
  const make = async () => (table === 'merchants' ? newMerchant(await newOrg()) : newOrg());

  test('takes every move in the states that it leaves, and no other', async () => {
    const id = await make();
    for (const state of statesOf(machine)) {
      for (const to of statesOf(machine)) {
        await forceState(tenant, table, id, state);
        const answer = await move(`${path}/${id}`, to);
        const isTaken =
          to === state ||
          Object.values(machine.moves).some(({ from, to: end }) => end === to && from.some((each) => each === state));
        expect([state, to, answer.status]).toEqual([state, to, isTaken ? 200 : 409]);
        const { status } = (await owner.get(`${path}/${id}`)).body;
        expect(status).toBe(isTaken ? to : state);
      }
    }
  });

  test('keeps why it was moved until it moves again, and the trail has it too', async () => {
    const at = `${path}/${await make()}`;
    await move(at, 'active');
    expect((await move(at, 'suspended', { status_reason: 'Licence expired' })).body.status_reason).toBe(
      'Licence expired',
    );
    // What is no move keeps the reason of the last one.
    expect((await owner.patch(at, { name: 'Renamed' })).body.status_reason).toBe('Licence expired');
    expect((await move(at, 'suspended', { status_reason: 'Other' })).body.status_reason).toBe('Licence expired');
    const [row] = await tenant.rows(
      `SELECT e.details ->> 'summary' AS summary FROM audit_changes c JOIN audit_events e ON e.id = c.event_id
       WHERE c.after ->> 'status_reason' = 'Licence expired' AND c.row_id = $1`,
      [at.split('/').pop()],
    );
    expect(row?.summary).toMatch(/to suspended: Licence expired$/);
    expect((await move(at, 'active')).body.status_reason).toBeNull();
    const refused = await owner.patch(at, { status_reason: 'Nothing moved' });
    expectProblem(refused, 422, 'invalid');
    expect(refused.body.errors).toEqual({ status_reason: ['needs a status'] });
  });

  test('is archived while it is onboarding or closed, is found when asked for, and comes back', async () => {
    const id = await make();
    const at = `${path}/${id}`;
    const listed = async (query: string) =>
      (await owner.get(`${path}?limit=200${query}`)).body.data.some((row) => row.id === id);
    const archived = await owner.post(`${at}/archive`, {});
    expect(archived.body.archived_at).not.toBeNull();
    expect((await owner.post(`${at}/archive`, {})).body.archived_at).toBe(archived.body.archived_at);
    expect([await listed(''), await listed('&archived=true')]).toEqual([false, true]);
    expect((await owner.get(at)).status).toBe(200);
    expectProblem(await move(at, 'active'), 409, 'conflict');
    expect((await owner.post(`${at}/restore`, {})).body.archived_at).toBeNull();
    expect([await listed(''), await listed('&archived=true')]).toEqual([true, false]);
    for (const status of ['active', 'suspended']) {
      await move(at, status);
      expectProblem(await owner.post(`${at}/archive`, {}), 409, 'conflict');
    }
    await move(at, 'closed');
    expect((await owner.post(`${at}/archive`, {})).status).toBe(200);
    const [event] = (await owner.get(`/api/audit-logs?resource_id=${id}&limit=1`)).body.data;
    expect(event).toMatchObject({ action: expect.stringMatching(/\.archive$/), outcome: 'success' });
  });

  test('is archived by those who may, within their scope and tenant', async () => {
    const at = `${path}/${await make()}`;
    const auditor = tenant.as(await tenant.createKey({ role: 'auditor' }));
    const elsewhere = tenant.as(await tenant.createKey({ role: 'admin', merchant_org_id: await newOrg('Elsewhere') }));
    for (const step of ['archive', 'restore']) {
      expectProblem(await auditor.post(`${at}/${step}`, {}), 403, 'forbidden');
      expectProblem(await elsewhere.post(`${at}/${step}`, {}), 404, 'not_found');
      expectProblem(await site.tenants[1]!.owner.post(`${at}/${step}`, {}), 404, 'not_found');
    }
  });
});

describe('a merchant whose MerchantOrg', () => {
  test('is suspended is neither activated nor resumed, until that is over', async () => {
    const org = await newOrg();
    const [fresh, paused] = [await newMerchant(org), await newMerchant(org)];
    await move(`/api/merchants/${paused}`, 'active');
    await move(`/api/merchants/${paused}`, 'suspended');
    await move(`/api/merchant-orgs/${org}`, 'active');
    await move(`/api/merchant-orgs/${org}`, 'suspended');
    for (const id of [fresh, paused]) {
      const refused = await move(`/api/merchants/${id}`, 'active');
      expectProblem(refused, 409, 'conflict');
      expect(refused.body.detail).toBe('Its MerchantOrg Harbor is suspended.');
    }
    await move(`/api/merchant-orgs/${org}`, 'active');
    expect((await move(`/api/merchants/${paused}`, 'active')).status).toBe(200);
  });

  test('is to close is named as what it waits for, and under a closed one none begins', async () => {
    const org = await newOrg();
    const id = await newMerchant(org);
    const refused = await move(`/api/merchant-orgs/${org}`, 'closed');
    expectProblem(refused, 409, 'conflict');
    expect(refused.body.detail).toBe('Harbor cannot be closed before its merchants: Pine Hair.');
    expect(refused.body.merchants).toEqual([{ id, name: 'Pine Hair', status: 'onboarding' }]);
    await move(`/api/merchants/${id}`, 'closed');
    expect((await move(`/api/merchant-orgs/${org}`, 'closed')).status).toBe(200);
    expectProblem(await owner.post('/api/merchants', { merchant_org_id: org, name: 'Late' }), 409, 'conflict');
  });
});

test('a merchant does not close while a card is pending; closed, it asks for nothing and takes nothing', async () => {
  const merchant_id = await newMerchant(await newOrg());
  const end_customer_id = (await owner.post('/api/end-customers', { merchant_id, name: 'Chen Wei' })).body.id;
  const lines = [{ description: 'Cut', unit_price: { amount: 1_000, currency: 'USD' } }];
  const bill = () => owner.post('/api/customer-invoices', { merchant_id, end_customer_id, lines });
  const pay = (invoice_id: unknown, more: object) =>
    owner.post('/api/customer-payments', { invoice_id, kind: 'full_pay', ...more });
  const [charged, unpaid] = [(await bill()).body.id, (await bill()).body.id];
  const card = (await pay(charged, { method: 'card', card_token: 'tok_visa' })).body.id;
  const refused = await move(`/api/merchants/${merchant_id}`, 'closed');
  expect(refused.body.detail).toMatch(/^Pine Hair cannot be closed while cards are pending/);
  await owner.post(`/api/customer-payments/${card}/process`, {});
  expect((await move(`/api/merchants/${merchant_id}`, 'closed')).body.status).toBe('closed');
  for (const late of [await bill(), await pay(unpaid, { method: 'cash' })]) {
    expect([late.status, late.body.detail]).toEqual([409, 'Pine Hair is closed.']);
  }
});

test('nothing closes while money is pending or on its way in its books, and what blocks is named', async () => {
  const id = await newMerchant(await newOrg());
  const at = `/api/merchants/${id}`;
  const amount = { amount: 5_000, currency: 'USD' };
  const to = { type: 'merchant', id };
  const payment = { type: 'payment', category: 'full', to, amount };
  const held = (await owner.post('/api/transactions', { ...payment, status: 'pending' })).body.id;
  const refused = await move(at, 'closed');
  expectProblem(refused, 409, 'conflict');
  expect(refused.body.detail).toMatch(/^Pine Hair cannot be closed while money is pending .*clearing/);
  expect((await owner.post(`/api/transactions/${held}/post`, {})).status).toBeLessThan(300);
  const payout = (await owner.post('/api/payouts', { merchant_id: id, amount })).body.id;
  expect((await move(at, 'closed')).body.detail).toMatch(/transit/);
  await owner.post(`/api/payouts/${payout}/settle`, {});
  expect((await move(at, 'closed')).body.status).toBe('closed');
});

test('only staff of the whole tenant stop a business, let it work again or close it; whoever may change it goes live', async () => {
  const org = await newOrg();
  const id = await newMerchant(org);
  const theirs = [
    tenant.as(await tenant.createKey({ role: 'merchant_manager', merchant_id: id })),
    tenant.as(await tenant.createKey({ role: 'owner', merchant_org_id: org })),
  ];
  const support = tenant.as(await tenant.createKey({ role: 'support' }));
  for (const client of theirs) {
    const set = (status: string) => client.patch(`/api/merchants/${id}`, { status });
    await forceState(tenant, 'merchants', id, 'onboarding');
    expectProblem(await set('closed'), 403, 'forbidden');
    expect((await set('active')).body.status).toBe('active');
    expectProblem(await set('suspended'), 403, 'forbidden');
    expect((await support.patch(`/api/merchants/${id}`, { status: 'suspended' })).body.status).toBe('suspended');
    expectProblem(await set('active'), 403, 'forbidden');
    expect((await client.patch(`/api/merchants/${id}`, { status: 'suspended', email: 'a@pine.test' })).status).toBe(
      200,
    );
  }
  await move(`/api/merchant-orgs/${org}`, 'active');
  await move(`/api/merchant-orgs/${org}`, 'suspended');
  expectProblem(await theirs[1]!.patch(`/api/merchant-orgs/${org}`, { status: 'active' }), 403, 'forbidden');
});
