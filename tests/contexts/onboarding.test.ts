import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ONBOARDING_ITEMS, type Onboarding } from '../../server/contexts/onboarding/schemas.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
let org: string;
const missing = '0190a0a0-0000-7000-8000-000000000000';
const WEEK = [{ weekday: 1, opens: '09:00', closes: '17:00' }];
const SERVICE = { name: 'Cut', default_duration_minutes: 30, default_price: { amount: 100, currency: 'USD' } };

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  org = await newOrg('Harbor');
});
afterAll(() => site?.stop());

const made = async (path: string, body: object) => {
  const answer = await owner.post(path, body);
  expect([path, answer.status, answer.text]).toEqual([path, 201, answer.text]);
  return answer.body.id;
};
const newOrg = (name = 'Harbor') => made('/api/merchant-orgs', { name });
const newMerchant = (merchant_org_id = org, name = 'Pine Hair') => made('/api/merchants', { merchant_org_id, name });
const bodyOf = (answer: { body: unknown }) => answer.body as Onboarding;
const checklist = async (id: string, as = owner) => bodyOf(await as.get(`/api/onboarding/${id}`));
const stateOf = async (id: string, item: string) => (await checklist(id)).items.find((each) => each.item === item);
const require = (path: string, values: object) => owner.patch(`${path}/settings`, { values });
const goLive = (path: string, more: object = {}) => owner.patch(path, { status: 'active', ...more });
const accept = (id: string, body: object = { version: '1' }, as = owner) =>
  as.post(`/api/onboarding/${id}/accept-terms`, body);
const waive = (id: string, item: string, as = owner) =>
  as.post(`/api/onboarding/${id}/waive`, { item, reason: 'Not here' });

/** What makes each item done, step by step: only the last step does. */
const DONE: Record<'merchant_org' | 'merchant', Record<string, ((id: string) => Promise<unknown>)[]>> = {
  merchant_org: {
    legal: [
      (id) => owner.patch(`/api/merchant-orgs/${id}`, { legal_name: 'Harbor LLC' }),
      (id) => owner.patch(`/api/merchant-orgs/${id}`, { tax_id: '12-3456789' }),
    ],
    billing: [(id) => owner.patch(`/api/merchant-orgs/${id}`, { billing_address: '1 Quay' })],
    owner: [
      (id) => tenant.createUser({ ...person(), role: 'merchant_staff', merchant_org_id: id }),
      (id) => tenant.createUser({ ...person(), role: 'merchant_manager', merchant_org_id: id, status: 'disabled' }),
      (id) => tenant.createUser({ ...person(), role: 'merchant_manager', merchant_org_id: id }),
    ],
    terms: [(id) => accept(id)],
  },
  merchant: {
    details: [(id) => owner.patch(`/api/merchants/${id}`, { phone: '555' })],
    location: [(id) => made('/api/locations', { merchant_id: id, name: 'Main street' })],
    services: [
      (id) => made('/api/services', { merchant_id: id, ...SERVICE }),
      (id) => made('/api/providers', { merchant_id: id, name: 'Idle' }),
      (id) => made('/api/providers', { merchant_id: id, name: 'Alma', hours: WEEK }),
    ],
    payments: [
      (id) => require(`/api/merchants/${id}`, { payment_methods: [] }),
      (id) => require(`/api/merchants/${id}`, { payment_methods: ['cash'] }),
    ],
    messaging: [
      (id) => require(`/api/merchants/${id}`, { message_reply_to: '' }),
      (id) => require(`/api/merchants/${id}`, { message_reply_to: 'hello@pine.test' }),
    ],
    terms: [(id) => accept(id)],
  },
};
let people = 0;
function person() {
  people += 1;
  return { email: `person${people}@pine.test`, password: 'correct horse battery' };
}

describe.each(['merchant_org', 'merchant'] as const)('of a %s', (kind) => {
  const items = Object.keys(ONBOARDING_ITEMS[kind]);
  const make = () => (kind === 'merchant' ? newMerchant() : newOrg());

  test('every item is missing at first, and done when the data says so', async () => {
    expect(Object.keys(DONE[kind])).toEqual(items);
    const id = await make();
    const fresh = await checklist(id);
    expect(fresh).toMatchObject({ id, party_type: kind, status: 'onboarding', progress: 0, blocking: [] });
    expect(fresh.items.map(({ item, state }) => [item, state])).toEqual(items.map((item) => [item, 'missing']));
    for (const item of items) {
      for (const step of DONE[kind][item]!) {
        expect([item, (await stateOf(id, item))?.state]).toEqual([item, 'missing']);
        await step(id);
      }
      expect([item, (await stateOf(id, item))?.state]).toEqual([item, 'done']);
    }
    expect((await checklist(id)).progress).toBe(100);
  });

  test('what is required and missing stops it from going live, whole and by name; done or waived it does not', async () => {
    const id = await make();
    const path = `/api/${kind === 'merchant' ? 'merchants' : 'merchant-orgs'}/${id}`;
    const [first = '', second = ''] = items;
    const key = kind === 'merchant' ? 'onboarding_merchant_items' : 'onboarding_org_items';
    await require(path, { [key]: [second, first] });
    const refused = await goLive(path);
    expectProblem(refused, 409, 'not_ready');
    expect(refused.body.missing).toEqual([first, second]);
    expect((await checklist(id)).blocking).toEqual([first, second]);
    expect((await owner.get(path)).body.status).toBe('onboarding');
    const waived = await waive(id, first);
    expect(bodyOf(waived).items[0]).toMatchObject({ item: first, state: 'waived', waiver: { reason: 'Not here' } });
    expectProblem(await waive(id, first), 409, 'conflict');
    for (const step of DONE[kind][second]!) await step(id);
    expect((await checklist(id)).blocking).toEqual([]);
    expect((await owner.post(`/api/onboarding/${id}/unwaive`, { item: first })).body.blocking).toEqual([first]);
    expectProblem(await owner.post(`/api/onboarding/${id}/unwaive`, { item: first }), 409, 'conflict');
    expectProblem(await goLive(path), 409, 'not_ready');
    await waive(id, first);
    expect((await goLive(path)).body.status).toBe('active');
    // Live once, it pauses and works again without being asked anew.
    await owner.post(`/api/onboarding/${id}/unwaive`, { item: first });
    await owner.patch(path, { status: 'suspended' });
    expect((await goLive(path)).status).toBe(200);
  });
});

test('nothing is required until somebody requires it, and the nearest level decides', async () => {
  const other = await newOrg('Other');
  const id = await newMerchant(other);
  const required = async () =>
    (await checklist(id)).items.filter(({ is_required }) => is_required).map(({ item }) => item);
  expect(await required()).toEqual([]);
  await require('/api/tenants/current', { onboarding_merchant_items: ['services'] });
  expect(await required()).toEqual(['services']);
  await require(`/api/merchant-orgs/${other}`, { onboarding_merchant_items: ['terms', 'location'] });
  expect(await required()).toEqual(['location', 'terms']);
  await require(`/api/merchants/${id}`, { onboarding_merchant_items: [] });
  expect((await goLive(`/api/merchants/${id}`)).status).toBe(200);
  await require('/api/tenants/current', { onboarding_merchant_items: null });
});

test('what comes with the move itself counts', async () => {
  const id = await newMerchant();
  await require(`/api/merchants/${id}`, { onboarding_merchant_items: ['details'] });
  expectProblem(await goLive(`/api/merchants/${id}`), 409, 'not_ready');
  expect((await goLive(`/api/merchants/${id}`, { email: 'hello@pine.test' })).body.status).toBe('active');
});

test.each([
  ['COMMIT', 'not_ready'],
  ['ROLLBACK', undefined],
])('while the only location is being archived, going live waits for how that ends: %s', async (end, code) => {
  const id = await newMerchant();
  await require(`/api/merchants/${id}`, { onboarding_merchant_items: ['location'] });
  const location = await made('/api/locations', { merchant_id: id, name: 'Only' });
  const admin = await tenant.database.connect();
  try {
    await admin.query(`SET search_path = ${tenant.record.schema}`);
    await admin.query('SET session_replication_role = replica');
    await admin.query('BEGIN');
    await admin.query('UPDATE locations SET archived_at = now() WHERE id = $1', [location]);
    const moving = goLive(`/api/merchants/${id}`);
    await expect
      .poll(
        async () =>
          (
            await tenant.rows(
              `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
            )
          ).length,
      )
      .toBeGreaterThan(0);
    await admin.query(end);
    expect((await moving).body.code).toBe(code);
  } finally {
    await admin.end();
  }
});

test('terms are accepted by somebody in the version that is in force, and asked for anew with the next', async () => {
  const id = await newMerchant();
  expectProblem(await accept(id, { version: '2' }), 409, 'conflict');
  const accepted = await accept(id, { version: '1', accepted_by: 'Maria Silva' });
  expect(accepted.body.terms).toMatchObject({
    version: '1',
    url: null,
    acceptance: { terms_version: '1', accepted_by: 'Maria Silva', recorded_by: 'First API key' },
  });
  const terms = { terms_version: '2026-07', terms_url: 'https://acme.test/terms' };
  await require(`/api/merchants/${id}`, terms);
  expect(await stateOf(id, 'terms')).toMatchObject({ state: 'missing' });
  expect((await checklist(id)).terms).toMatchObject({
    version: '2026-07',
    url: terms.terms_url,
    acceptance: { terms_version: '1' },
  });
  await accept(id, { version: '2026-07' });
  expect((await checklist(id)).terms.acceptance).toMatchObject({
    terms_version: '2026-07',
    accepted_by: 'First API key',
  });
  const [event] = (await owner.get(`/api/audit-logs?resource_id=${id}&action=onboarding.accept_terms&limit=1`)).body
    .data;
  expect(event).toMatchObject({ summary: 'Accepted version 2026-07 of the terms', outcome: 'success' });
  await expect(tenant.arrange(`UPDATE terms_acceptances SET accepted_by = 'Nobody' RETURNING id`)).rejects.toThrow();
});

test('who has to pass an onboarding neither says what is asked for nor lets it pass', async () => {
  const org = await newOrg();
  const id = await newMerchant(org);
  const own = {
    manager: tenant.as(await tenant.createKey({ role: 'merchant_manager', merchant_id: id })),
    franchisee: tenant.as(await tenant.createKey({ role: 'owner', merchant_org_id: org })),
    sales: tenant.as(await tenant.createKey({ role: 'sales' })),
  };
  for (const [who, client] of Object.entries(own)) {
    for (const values of [
      { onboarding_merchant_items: [] },
      { terms_version: 'mine' },
      { terms_url: 'https://a.test/' },
    ]) {
      const refused = await client.patch(`/api/merchants/${id}/settings`, { values });
      expect([who, refused.status, refused.body.code]).toEqual([who, 403, 'forbidden']);
    }
    expectProblem(await waive(id, 'details', client), 403, 'forbidden');
    const slot = { booking_slot_minutes: 30 };
    expect((await client.patch(`/api/merchants/${id}/settings`, { values: slot })).status).toBe(200);
    const { data } = (await client.get(`/api/merchants/${id}/settings`)).body;
    const fixed = data.filter((each) => !each.is_settable).map(({ key }) => key);
    expect(fixed).toEqual(['terms_version', 'terms_url', 'onboarding_merchant_items']);
  }
});

test('waivers are recorded with who and why, for items of that kind of party alone', async () => {
  const id = await newMerchant();
  await waive(id, 'messaging');
  const [event] = (await owner.get(`/api/audit-logs?resource_id=${id}&action=onboarding.waive&limit=1`)).body.data;
  expect(event?.summary).toBe('Waived messaging in an onboarding: Not here');
  expect((await stateOf(id, 'messaging'))?.waiver).toMatchObject({ waived_by: 'First API key', reason: 'Not here' });
  await owner.post(`/api/onboarding/${id}/unwaive`, { item: 'messaging' });
  const [taken] = (await owner.get(`/api/audit-logs?resource_id=${id}&action=onboarding.unwaive&limit=1`)).body.data;
  expect(taken?.summary).toBe('Asked for messaging in an onboarding again');
  expectProblem(await waive(id, 'legal'), 422, 'invalid');
  expectProblem(await owner.post(`/api/onboarding/${org}/unwaive`, { item: 'services' }), 422, 'invalid');
  expectProblem(await waive(id, 'luck'), 422, 'invalid');
  expectProblem(await owner.post(`/api/onboarding/${id}/waive`, { item: 'terms' }), 422, 'invalid');
  await owner.patch(`/api/merchants/${id}`, { status: 'closed' });
  for (const answer of [await waive(id, 'terms'), await accept(id)]) expectProblem(answer, 409, 'conflict');
});

test('the list has what has not gone live, by age or progress, and what blocks it', async () => {
  const under = await newOrg('Listed');
  const [early, late] = [await newMerchant(under, 'Early'), await newMerchant(under, 'Late')];
  await accept(early);
  await require(`/api/merchants/${late}`, { onboarding_merchant_items: ['details'] });
  const gone = await newMerchant(under, 'Gone');
  await goLive(`/api/merchants/${gone}`);
  await owner.post(`/api/merchants/${await newMerchant(under, 'Put aside')}/archive`, {});
  const listed = async (query: string) =>
    (await owner.get(`/api/onboarding?merchant_org_id=${under}${query}`)).body.data.map(({ name }) => name);
  expect(await listed('')).toEqual(['Listed', 'Early', 'Late']);
  expect(await listed('&sort=-created_at')).toEqual(['Late', 'Early', 'Listed']);
  expect((await listed('&sort=-progress'))[0]).toBe('Early');
  expect(await listed('&party_type=merchant&sort=progress')).toEqual(['Late', 'Early']);
  expect(await listed('&is_blocked=true')).toEqual(['Late']);
  expect(await listed('&missing=terms&party_type=merchant')).toEqual(['Late']);
  expect(await listed('&q=earl')).toEqual(['Early']);
  const first = (await owner.get(`/api/onboarding?merchant_org_id=${under}&sort=progress&limit=2`)).body;
  const rest = (
    await owner.get(`/api/onboarding?merchant_org_id=${under}&sort=progress&limit=2&cursor=${first.next_cursor}`)
  ).body;
  expect([...first.data, ...rest.data].map(({ name }) => name)).toEqual(['Listed', 'Late', 'Early']);
});

test('who may read and accept does so within their scope, and nowhere else; nobody waives who may not everywhere', async () => {
  const other = await newOrg('Elsewhere');
  const [inside, outside] = [await newMerchant(), await newMerchant(other)];
  const key = async (role: string | string[], more: object) => tenant.as(await tenant.createKey({ role, ...more }));
  const manager = await key('merchant_manager', { merchant_id: inside });
  const ofOrg = await key('admin', { merchant_org_id: org });
  const nothing = await key([], {});
  expect((await checklist(inside, manager)).id).toBe(inside);
  expect((await accept(inside, { version: '1' }, manager)).status).toBe(200);
  expectProblem(await waive(inside, 'terms', manager), 403, 'forbidden');
  expectProblem(await waive(inside, 'terms', ofOrg), 403, 'forbidden');
  expect((await manager.get('/api/onboarding')).body.data.map(({ id }) => id)).toEqual([inside]);
  const reachable = (await ofOrg.get('/api/onboarding?limit=200')).body.data;
  expect(new Set(reachable.map((row) => row.merchant_org_id))).toEqual(new Set([org]));
  expectProblem(await nothing.get(`/api/onboarding/${inside}`), 403, 'forbidden');
  expectProblem(await waive(inside, 'details', nothing), 403, 'forbidden');
  for (const [client, id] of [
    [manager, outside],
    [manager, org],
    [ofOrg, outside],
    [ofOrg, other],
    [owner, missing],
    [site.tenants[1]!.owner, inside],
  ] as const) {
    expectProblem(await client.get(`/api/onboarding/${id}`), 404, 'not_found');
    expectProblem(await accept(id, { version: '1' }, client), 404, 'not_found');
    if (client !== manager && client !== ofOrg) expectProblem(await waive(id, 'terms', client), 404, 'not_found');
  }
});

test('contacts, hours and what customers read are kept with a party, and replaced as a whole', async () => {
  const contacts = [
    { name: 'Maria Silva', role: 'Owner', email: 'maria@harbor.test', phone: null },
    { name: 'Joris Bakker', role: null, email: null, phone: '+31 20 555' },
  ];
  const more = { billing_address: '1 Quay\n1011 Amsterdam', website: 'https://harbor.test' };
  const created = await owner.post('/api/merchant-orgs', { name: 'With people', contacts, ...more });
  expect(created.body).toMatchObject({ contacts, ...more });
  const path = `/api/merchant-orgs/${created.body.id}`;
  const [maria] = contacts;
  expect((await owner.patch(path, { contacts: [maria] })).body.contacts).toEqual([maria]);
  expect((await owner.patch(path, { website: null })).body).toMatchObject({ contacts: [maria], website: null });
  expect((await owner.get(path)).body.contacts).toEqual([maria]);
  const changes = await tenant.rows(
    `SELECT verb FROM audit_changes WHERE table_name = 'contacts' ORDER BY event_id, position`,
  );
  expect(changes.map(({ verb }) => verb)).toEqual(['insert', 'insert', 'delete', 'delete', 'insert']);
  const about = { description: 'Hair by the quay', website: 'https://pine.test', hours: WEEK, contacts: [maria] };
  const merchant = await owner.post('/api/merchants', { merchant_org_id: created.body.id, name: 'Pine', ...about });
  expect(merchant.body).toMatchObject(about);
  expect((await owner.patch(`/api/merchants/${merchant.body.id}`, { hours: [], contacts: [] })).body).toMatchObject({
    ...about,
    hours: [],
    contacts: [],
  });
  for (const wrong of [
    { website: 'http://pine.test' },
    { contacts: [{ name: '' }] },
    { contacts: [{ name: 'Ada', fax: '1' }] },
    { contacts: Array.from({ length: 11 }, () => ({ name: 'Ada' })) },
  ]) {
    expectProblem(await owner.patch(path, wrong), 422, 'invalid');
  }
  expectProblem(
    await owner.patch(`/api/merchants/${merchant.body.id}`, { hours: [{ ...WEEK[0], closes: '08:00' }] }),
    422,
  );
});

test('a way to pay that a merchant does not take is refused', async () => {
  const id = await newMerchant();
  await require(`/api/merchants/${id}`, { payment_methods: ['card'] });
  const end_customer_id = await made('/api/end-customers', { merchant_id: id, name: 'Ada' });
  const invoice = await made('/api/customer-invoices', {
    merchant_id: id,
    end_customer_id,
    lines: [{ description: 'Cut', quantity: 1, unit_price: { amount: 500, currency: 'USD' } }],
  });
  const take = { invoice_id: invoice, kind: 'full_pay', method: 'cash' };
  const refused = await owner.post('/api/customer-payments', take);
  expectProblem(refused, 422, 'invalid');
  expect(refused.body.errors).toEqual({ method: ['This merchant takes card.'] });
  await require(`/api/merchants/${id}`, { payment_methods: ['card', 'cash'] });
  expect((await owner.post('/api/customer-payments', take)).status).toBe(201);
});
