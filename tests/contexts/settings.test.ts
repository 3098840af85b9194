import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
let org: string;
let merchant: string;
const SLOT = 'booking_slot_minutes';
const missing = '0190a0a0-0000-7000-8000-000000000000';

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  org = (await owner.post('/api/merchant-orgs', { name: 'Harbor' })).body.id;
  merchant = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'Pine Hair' })).body.id;
});
afterAll(() => site?.stop());

const pathOf = { tenant: '/api/tenants/current/settings', merchant_org: '', merchant: '' };
const paths = () => ({
  ...pathOf,
  merchant_org: `/api/merchant-orgs/${org}/settings`,
  merchant: `/api/merchants/${merchant}/settings`,
});
const set = (level: keyof typeof pathOf, values: object, as = owner) => as.patch(paths()[level], { values });
const slot = async () => (await owner.get(paths().merchant)).body.data.find(({ key }) => key === SLOT);

test('the nearest level that sets a value is the one that holds, and clearing it returns to the next', async () => {
  expect(await slot()).toMatchObject({ value: 15, origin: 'default', own: null });
  await set('tenant', { [SLOT]: 20 });
  expect(await slot()).toMatchObject({ value: 20, origin: 'tenant', own: null });
  await set('merchant_org', { [SLOT]: 30 });
  expect(await slot()).toMatchObject({ value: 30, origin: 'merchant_org', own: null });
  const answer = await set('merchant', { [SLOT]: 45, deposit_is_required: false });
  expect(answer.body.data.find(({ key }) => key === SLOT)).toMatchObject({
    value: 45,
    origin: 'merchant',
    own: 45,
    inherited: { value: 30, origin: 'merchant_org' },
  });
  // False and what equals the default are set all the same.
  expect(answer.body.data.find(({ key }) => key === 'deposit_is_required')).toMatchObject({
    value: false,
    origin: 'merchant',
  });
  await set('merchant', { [SLOT]: null });
  await set('merchant_org', { [SLOT]: null });
  expect(await slot()).toMatchObject({ value: 20, origin: 'tenant' });
  await set('tenant', { [SLOT]: null });
  expect(await slot()).toMatchObject({ value: 15, origin: 'default' });
});

test('every change is an event of its owner that names the settings, and setting the same again changes no row', async () => {
  await set('merchant', { [SLOT]: 10 });
  const [event] = (await owner.get(`/api/audit-logs?resource_id=${merchant}&limit=1`)).body.data;
  expect(event).toMatchObject({
    action: 'merchant_setting.update',
    summary: 'Changed settings of a merchant: slot length',
    outcome: 'success',
  });
  const before = await tenant.rows(`SELECT version FROM settings WHERE key = '${SLOT}'`);
  await set('merchant', { [SLOT]: 10 });
  expect(await tenant.rows(`SELECT version FROM settings WHERE key = '${SLOT}'`)).toEqual(before);
  await set('merchant', { [SLOT]: null });
});

test.each([
  { [SLOT]: 4 },
  { [SLOT]: 7.5 },
  { [SLOT]: '15' },
  { no_show_fee_percent: 101 },
  { deposit_is_required: 'yes' },
  { deposit_tiers: [] },
  { deposit_tiers: [{ up_to: 5_000, percent: 50 }] },
  {
    deposit_tiers: [
      { up_to: null, percent: 50 },
      { up_to: null, percent: 20 },
    ],
  },
  {
    deposit_tiers: [
      { up_to: 900, percent: 50 },
      { up_to: 900, percent: 40 },
      { up_to: null, percent: 20 },
    ],
  },
  { tips_suggested_percents: [1, 2, 3, 4, 5, 6] },
  { invoice_note: 'x'.repeat(1_001) },
  { booking_colour: 'red' },
])('%j is refused at every level and sets nothing', async (values) => {
  const before = await tenant.contents();
  for (const level of ['tenant', 'merchant_org', 'merchant'] as const) {
    const refused = await set(level, values);
    expectProblem(refused, 422);
    expect(Object.keys(refused.body.errors)[0]).toMatch(new RegExp(`^values\\.${Object.keys(values)[0]}`));
  }
  expect(await tenant.contents()).toEqual(before);
});

test('who may read or change a party may do so with its settings, and nobody beyond their scope', async () => {
  const other = (await owner.post('/api/merchant-orgs', { name: 'Other' })).body.id;
  const outside = (await owner.post('/api/merchants', { merchant_org_id: other, name: 'Outside' })).body.id;
  const manager = tenant.as(await tenant.createKey({ role: 'merchant_manager', merchant_id: merchant }));
  expect((await set('merchant', { [SLOT]: 25 }, manager)).status).toBe(200);
  expectProblem(await set('merchant_org', { [SLOT]: 25 }, manager), 403, 'forbidden');
  expectProblem(await set('tenant', { [SLOT]: 25 }, manager), 403, 'forbidden');
  const staff = tenant.as(await tenant.createKey({ role: 'merchant_staff', merchant_id: merchant }));
  expect((await staff.get(paths().merchant)).status).toBe(200);
  expectProblem(await set('merchant', { [SLOT]: 25 }, staff), 403, 'forbidden');
  const within = tenant.as(await tenant.createKey({ role: 'admin', merchant_org_id: org }));
  expect((await set('merchant_org', { [SLOT]: 25 }, within)).status).toBe(200);
  expectProblem(await set('tenant', { [SLOT]: 25 }, within), 403, 'forbidden');
  for (const [client, id] of [
    [manager, outside],
    [within, outside],
    [owner, missing],
  ] as const) {
    expectProblem(await client.get(`/api/merchants/${id}/settings`), 404, 'not_found');
    expectProblem(await client.patch(`/api/merchants/${id}/settings`, { values: { [SLOT]: 25 } }), 404, 'not_found');
  }
  expectProblem(await within.get(`/api/merchant-orgs/${other}/settings`), 404, 'not_found');
  expectProblem(await site.tenants[1]!.owner.get(paths().merchant), 404, 'not_found');
});
