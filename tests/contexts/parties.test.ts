import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

async function chartOf(party: string) {
  const [book] = (await owner.get(`/api/books?party_id=${party}`)).body.data;
  const accounts = (await owner.get(`/api/accounts?book_id=${book?.id}`)).body.data;
  return {
    book,
    purposes: accounts.map(({ purpose }) => purpose).sort(),
    currencies: new Set(accounts.map(({ currency }) => currency)),
  };
}

const everybody = [
  'adjustment_expense',
  'adjustment_income',
  'bad_debt',
  'cash',
  'due_from_related',
  'due_to_related',
  'equity',
  'operating_expense',
  'payable',
  'processor_clearing',
  'processor_fees',
  'receivable',
  'revenue',
];
const paying = ['commission_expense', 'franchise_expense', 'payouts_in_transit', 'subscription_expense'];
const chart = {
  tenant: [...everybody, 'commission_income', 'franchise_income', 'subscription_income'].sort(),
  merchant_org: [...everybody, ...paying, 'commission_income', 'franchise_income'].sort(),
  merchant: [
    ...[...everybody, ...paying],
    ...['customer_deposits', 'no_show_income', 'refunds', 'tax_payable', 'tips_payable'],
  ].sort(),
};

describe('a new tenant', () => {
  test('lists itself alone, has its own books, its roles and its owner, who is invited', async () => {
    const { data, next_cursor } = (await owner.get('/api/tenants')).body;
    expect(data).toMatchObject([{ id: tenant.record.id, slug: tenant.slug, status: 'active', currency: 'USD' }]);
    expect(next_cursor).toBeNull();
    expect((await owner.get('/api/tenants/current')).body).toEqual(data[0]);
    expect((await chartOf(tenant.record.id)).purposes).toEqual(chart.tenant);
    const roles = (await owner.get('/api/roles')).body.data;
    expect(roles.map(({ key }) => key)).toContain('owner');
    expect(roles.every(({ is_built_in }) => is_built_in)).toBe(true);
    const users = (await owner.get('/api/users')).body.data;
    expect(users).toMatchObject([
      { email: `owner@${tenant.slug}.test`, status: 'invited', roles: [{ role_name: 'Owner' }] },
    ]);
    expect((await owner.get('/api/ledger/integrity')).body.balanced).toBe(true);
  });

  test('changes its settings, each checked', async () => {
    const settings = {
      legal_name: 'Acme Inc.',
      support_email: 'help@acme.test',
      locale: 'de-DE',
      time_zone: 'Europe/Berlin',
    };
    const changed = await owner.patch('/api/tenants/current', { ...settings, currency: 'EUR' });
    expect(changed.body).toMatchObject({ ...settings, currency: 'EUR' });
    expect((await owner.patch('/api/tenants/current', { legal_name: null })).body.legal_name).toBeNull();
    for (const wrong of [
      { currency: 'XXQ' },
      { currency: 'eur' },
      { time_zone: 'Mars/Base' },
      { time_zone: '+02:00' },
      // JavaScript knows them, Postgres does not.
      { time_zone: 'AET' },
      { time_zone: 'US/Pacific-New' },
      { locale: 'x y' },
      { support_email: 'a@' },
      { name: null },
      { name: '' },
      { slug: 'other' },
      { status: 'suspended' },
    ]) {
      const refused = await owner.patch('/api/tenants/current', wrong);
      expectProblem(refused, 422, 'invalid');
      expect(Object.keys(refused.body.errors)).toEqual(Object.keys(wrong));
    }
    await owner.patch('/api/tenants/current', { currency: 'USD', time_zone: 'UTC' });
  });
});

describe('a MerchantOrg', () => {
  test('is created with its books in the currency of the tenant, read, changed and listed', async () => {
    const details = {
      name: 'Harbor',
      legal_name: 'Harbor LLC',
      email: 'a@harbor.test',
      phone: '+1 555',
      tax_id: '12-3',
    };
    const created = await owner.post('/api/merchant-orgs', details);
    expect(created.body).toMatchObject({ ...details, status: 'onboarding', version: 1 });
    const { book, purposes, currencies } = await chartOf(created.body.id);
    expect([book?.party_type, book?.name, purposes, currencies]).toEqual([
      'merchant_org',
      'Harbor',
      chart.merchant_org,
      new Set(['USD']),
    ]);
    const path = `/api/merchant-orgs/${created.body.id}`;
    expect((await owner.get(path)).body).toEqual(created.body);
    const changed = await owner.patch(path, { name: 'Pine', phone: null });
    expect(changed.body).toMatchObject({ ...details, name: 'Pine', phone: null, version: 2 });
    expect((await owner.get('/api/merchant-orgs?name=Pine')).body.data).toEqual([changed.body]);
  });

  test.each([{}, { name: '' }, { name: '  ' }, { name: 'x'.repeat(201) }, { name: null }, { name: 'A', email: 'no' }])(
    'with %j is refused',
    async (body) => {
      const before = await tenant.contents();
      expectProblem(await owner.post('/api/merchant-orgs', body), 422, 'invalid');
      expect(await tenant.contents()).toEqual(before);
    },
  );
});

describe('a merchant', () => {
  let org: string;
  beforeAll(async () => {
    org = (await owner.post('/api/merchant-orgs', { name: 'Holding' })).body.id;
  });

  test('takes what is left out from the tenant, and opens its books in its own currency', async () => {
    const plain = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'Pine Hair' })).body;
    expect(plain).toMatchObject({ public_name: 'Pine Hair', vertical: 'other', currency: 'USD', time_zone: 'UTC' });
    const given = { currency: 'JPY', time_zone: 'Asia/Tokyo', vertical: 'healthcare', public_name: 'Pine' };
    const other = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'Pine Hair', ...given })).body;
    expect(other).toMatchObject(given);
    const { book, purposes, currencies } = await chartOf(other.id);
    expect([book?.currency, purposes, currencies]).toEqual(['JPY', chart.merchant, new Set(['JPY'])]);
    expect((await owner.get(`/api/merchants?merchant_org_id=${org}`)).body.data).toHaveLength(2);
  });

  test('needs a MerchantOrg of its own tenant', async () => {
    const foreign = (await site.tenants[1]!.owner.post('/api/merchant-orgs', { name: 'Foreign' })).body.id;
    for (const merchant_org_id of [foreign, missing]) {
      const refused = await owner.post('/api/merchants', { merchant_org_id, name: 'A' });
      expectProblem(refused, 422, 'invalid');
      expect(refused.body.errors).toEqual({ merchant_org_id: ['does not exist'] });
    }
  });

  test('keeps its MerchantOrg and its currency for good', async () => {
    const { id } = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'A' })).body;
    for (const change of [{ merchant_org_id: org }, { currency: 'EUR' }, { id: missing }]) {
      expectProblem(await owner.patch(`/api/merchants/${id}`, change), 422, 'invalid');
    }
  });
});

describe.each([
  ['a MerchantOrg', '/api/merchant-orgs'],
  ['a merchant', '/api/merchants'],
])('the status of %s', (_what, path) => {
  test('goes onboarding → active ⇄ suspended → closed and no other way', async () => {
    const org = (await owner.post('/api/merchant-orgs', { name: 'Holding' })).body.id;
    const { id } = (await owner.post(path, { name: 'A', ...(path === '/api/merchants' && { merchant_org_id: org }) }))
      .body;
    const to = (status: string) => owner.patch(`${path}/${id}`, { status });
    expectProblem(await to('suspended'), 409, 'conflict');
    for (const status of ['active', 'suspended', 'active', 'active', 'closed']) {
      expect((await to(status)).body.status).toBe(status);
    }
    for (const status of ['onboarding', 'active', 'suspended']) expectProblem(await to(status), 409, 'conflict');
    expectProblem(await to('paused'), 422, 'invalid');
    expect((await owner.get(`${path}/${id}`)).body.status).toBe('closed');
  });
});

describe('an account', () => {
  const body = { code: 'T-1', name: 'Till', type: 'asset', currency: 'USD' };

  test("is created in the tenant's own book, or in the one that is named, and read back the same", async () => {
    const created = await owner.post('/api/accounts', body);
    const [own] = (await owner.get('/api/books?party_type=tenant')).body.data;
    expect(created.body).toMatchObject({ ...body, book_id: own?.id, status: 'open', purpose: null });
    expect((await owner.get(created.headers.get('location') ?? '')).body).toEqual(created.body);
    const org = (await owner.post('/api/merchant-orgs', { name: 'B' })).body.id;
    const [book] = (await owner.get(`/api/books?party_id=${org}`)).body.data;
    for (const ids of [[book?.id], [book?.id, own?.id]]) {
      const named = (await owner.get(`/api/books?${ids.map((id) => `ids=${id}`).join('&')}`)).body.data;
      expect(named.map(({ id }) => id).sort()).toEqual([...ids].sort());
    }
    expect(book?.merchant_org_id).toBe(org);
    expect((await owner.post('/api/accounts', { ...body, book_id: book?.id })).body.book_id).toBe(book?.id);
  });

  test('has a code that its book does not have yet', async () => {
    await owner.post('/api/accounts', { ...body, code: 'T-2' });
    const refused = await owner.post('/api/accounts', { ...body, code: 'T-2' });
    expectProblem(refused, 409, 'conflict');
    expect(refused.body.errors).toEqual({ code: ['is taken in this book'] });
  });

  test.each([
    { type: 'cash' },
    { currency: 'XXQ' },
    { code: '' },
    { code: 'a b' },
    { code: 'x'.repeat(41) },
    { name: '' },
    { book_id: 'x' },
  ])('with %j is refused', async (wrong) => {
    expectProblem(await owner.post('/api/accounts', { ...body, code: 'T-3', ...wrong }), 422, 'invalid');
  });

  test('starts at nothing', async () => {
    const { id } = (await owner.post('/api/accounts', { ...body, code: 'T-4' })).body;
    const balance = (await owner.get(`/api/accounts/${id}/balance`)).body;
    expect(balance).toMatchObject({ debits: 0, credits: 0, balance: 0, currency: 'USD' });
  });
});

test('the audit log is found by who, what, which and when', async () => {
  const { body } = await owner.post('/api/merchant-orgs', { name: 'Audited' });
  const count = async (query: string) => (await owner.get(`/api/audit-logs?${query}`)).body.data.length;
  const [event] = (await owner.get(`/api/audit-logs?resource_id=${body.id}`)).body.data;
  expect(event).toMatchObject({
    action: 'merchant_org.create',
    summary: 'Created MerchantOrg Audited',
    outcome: 'success',
  });
  const at = String(event?.recorded_at);
  expect(
    await count(`resource_id=${body.id}&action=merchant_org.create&actor_id=${event?.actor_id}&outcome=success`),
  ).toBe(1);
  expect(await count(`resource_id=${body.id}&from=${at}`)).toBe(1);
  expect(await count(`resource_id=${body.id}&to=${at}`)).toBe(0);
  expect(await count(`resource_id=${body.id}&outcome=denied`)).toBe(0);
  expect(await count('q=AUDITED')).toBe(1);
  expect(await count('resource_type=merchant_org&limit=1')).toBe(1);
});

test('every time zone that forms offer is known to the database, and a merchant has no other', async () => {
  const offered = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'Asia/Kolkata'];
  const unknown = await tenant.rows('SELECT zone FROM unnest($1::text[]) AS zone WHERE NOT is_known_zone(zone)', [
    offered,
  ]);
  expect(unknown).toEqual([]);
  const { id } = (await owner.post('/api/merchant-orgs', { name: 'Harbor' })).body;
  const merchant = (await owner.post('/api/merchants', { merchant_org_id: id, name: 'Pine Hair' })).body.id;
  for (const time_zone of ['CST', 'US/Pacific-New']) {
    const refused = await owner.patch(`/api/merchants/${merchant}`, { time_zone });
    expect([refused.status, Object.keys(refused.body.errors ?? {})]).toEqual([422, ['time_zone']]);
  }
});

test('a zone that was let through earlier becomes UTC, others stay', async () => {
  const { id } = (await owner.post('/api/merchant-orgs', { name: 'Harbor' })).body;
  const merchant = (await owner.post('/api/merchants', { merchant_org_id: id, name: 'Oak Hair' })).body.id;
  const kept = (await owner.post('/api/merchants', { merchant_org_id: id, name: 'Elm', time_zone: 'Asia/Kolkata' }))
    .body.id;
  await tenant.arrange(`ALTER TABLE merchants DISABLE TRIGGER guard_zone`);
  await tenant.arrange(`UPDATE merchants SET time_zone = 'AET' WHERE id = '${merchant}'`);
  await tenant.arrange(`ALTER TABLE merchants ENABLE TRIGGER guard_zone`);
  // As a migration runs: outside any audited unit of work.
  await tenant.rows(await readFile('tenants/migrations/0042-known-zones.sql', 'utf8'));
  expect((await owner.get(`/api/merchants/${merchant}`)).body.time_zone).toBe('UTC');
  expect((await owner.get(`/api/merchants/${kept}`)).body.time_zone).toBe('Asia/Kolkata');
});
