import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newWorkspace } from '../doors/workspace-doors.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { createParties, newPerson, type Parties, startViewing } from '../support/impersonation.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let other: TestTenant;
let parties: Parties;
let inside: Awaited<ReturnType<typeof newWorkspace>>;

type Hit = {
  kind: string;
  id: string;
  label: string;
  detail: string | null;
  starts_at: string | null;
  merchant_name: string | null;
};

async function find(client: Client, q: string): Promise<Hit[]> {
  const answer = await client.get(`/api/search?q=${encodeURIComponent(q)}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.data as unknown as Hit[];
}
const kindsOf = (hits: Hit[]) => [...new Set(hits.map(({ kind }) => kind))];

async function make(path: string, body: object): Promise<string> {
  const made = await tenant.owner.post(path, body);
  expect(made.status, made.text).toBe(201);
  return made.body.id;
}

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  [tenant, other] = site.tenants as [TestTenant, TestTenant];
  parties = await createParties(tenant);
  inside = await newWorkspace(tenant, parties.merchant);
  await make('/api/end-customers', { merchant_id: parties.merchant, name: 'Ida Zephyr', phone: '555 0101' });
  await make('/api/end-customers', { merchant_id: parties.sibling, name: 'Zephyr' });
  await make('/api/end-customers', { merchant_id: parties.other, name: 'Zephyrine' });
  await make('/api/services', {
    merchant_id: parties.other,
    name: 'Azephyr',
    default_duration_minutes: 30,
    default_price: { amount: 100, currency: 'USD' },
  });
  await make('/api/prospects', { name: 'Zephyr Spa' });
});
afterAll(() => site?.stop());

describe('a search', () => {
  test('finds things of every kind, each with what tells it from another', async () => {
    const { body: account } = await tenant.owner.get('/api/accounts?limit=1');
    const flag = (await tenant.owner.get('/api/feature-flags?limit=1')).body.data[0] as unknown as { key: string };
    const invoice = await tenant.owner.post('/api/customer-invoices', {
      merchant_id: parties.merchant,
      appointment_id: inside.appointment,
    });
    const { number } = invoice.body as unknown as { number: string };
    const kinds = async (q: string) => kindsOf(await find(tenant.owner, q));
    expect(await kinds('Harbor')).toEqual(['merchant_org', 'merchant']);
    expect(await kinds('Regular')).toEqual(['end_customer', 'appointment']);
    expect(await kinds(number)).toEqual(['customer_invoice']);
    expect(await kinds('Zephyr Spa')).toEqual(['prospect']);
    expect(await kinds('main street')).toEqual(['location']);
    expect(await kinds('Chair 1')).toEqual(['provider']);
    expect(await kinds('Cut')).toContain('service');
    expect(await kinds(flag.key)).toContain('feature_flag');
    expect(await kinds(account.data[0]!.id)).toEqual(['account']);
    await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.merchant });
    expect(await kinds('@acme.test')).toEqual(['user']);
    const visit = (await find(tenant.owner, 'regular')).find(({ kind }) => kind === 'appointment');
    expect(visit).toMatchObject({
      label: 'Regular',
      detail: 'Cut',
      merchant_name: 'Harbor Spa',
      time_zone: expect.any(String),
    });
    expect(visit?.starts_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test('finds transactions by their words', async () => {
    const { body: books } = await tenant.owner.get(`/api/books?party_id=${parties.merchant}`);
    const account = (code: string) =>
      make('/api/accounts', { book_id: books.data[0]!.id, code, name: 'Till', type: 'asset', currency: 'USD' });
    const [debit, credit] = [await account('Q1'), await account('Q2')];
    await make('/api/transactions', {
      description: 'Quillwork takings',
      lines: [
        { account_id: debit, side: 'debit', amount: 100 },
        { account_id: credit, side: 'credit', amount: 100 },
      ],
    });
    expect(await find(tenant.owner, 'quillwork')).toMatchObject([{ kind: 'transaction', label: 'Quillwork takings' }]);
  });

  test('tells the best match first, and keeps kinds together', async () => {
    const hits = await find(tenant.owner, 'zephyr');
    expect(hits.map(({ kind, label }) => [kind, label])).toEqual([
      ['end_customer', 'Zephyr'],
      ['end_customer', 'Zephyrine'],
      ['end_customer', 'Ida Zephyr'],
      ['prospect', 'Zephyr Spa'],
      ['service', 'Azephyr'],
    ]);
    expect((await find(tenant.owner, 'zephyr ida')).map(({ label }) => label)).toEqual(['Ida Zephyr']);
  });

  test('takes what people type as text, not as a pattern', async () => {
    for (const q of ['%', '_', '\\', "'", '100%', '(', '"', ':*', '&'])
      expect(await find(tenant.owner, `${q}zq`)).toEqual([]);
    expectProblem(await tenant.owner.get('/api/search?q='), 422);
    expectProblem(await tenant.owner.get(`/api/search?q=${'x'.repeat(201)}`), 422);
    expectProblem(await tenant.owner.get('/api/search'), 422);
    expectProblem(await tenant.as(null).get('/api/search?q=zephyr'), 401);
  });

  test('tells at most five of a kind', async () => {
    await tenant.arrange(
      `INSERT INTO end_customers (merchant_id, name) SELECT $1, 'Quentin ' || n FROM generate_series(1, 12) n`,
      [parties.merchant],
    );
    expect(await find(tenant.owner, 'quentin')).toHaveLength(5);
  });
});

describe('whoever searches finds only what they may read', () => {
  test('at one merchant: what is there, and neither prospects, flags nor other merchants', async () => {
    const { client } = await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.merchant });
    expect((await find(client, 'zephyr')).map(({ label }) => label)).toEqual(['Ida Zephyr']);
    expect((await find(client, 'harbor')).map(({ label }) => label)).toEqual(['Harbor Spa']);
    expect(await find(client, parties.sibling)).toEqual([]);
  });

  test('at one MerchantOrg: its merchants, accounts and people', async () => {
    const { client } = await newPerson(tenant, { role: 'merchant_manager', merchant_org_id: parties.org });
    expect((await find(client, 'zephyr')).map(({ label }) => label)).toEqual(['Zephyr', 'Ida Zephyr']);
    expect(kindsOf(await find(client, 'summit'))).toEqual([]);
    expect(kindsOf(await find(client, 'harbor'))).toEqual(['merchant_org', 'merchant']);
    const own = (await client.get('/api/accounts?limit=1')).body.data[0] as unknown as { id: string };
    expect(kindsOf(await find(client, own.id))).toEqual(['account']);
    const theirs = await newPerson(tenant, { role: 'merchant_manager', merchant_org_id: parties.other_org });
    expect(await find(theirs.client, own.id)).toEqual([]);
  });

  test('kind by kind: who may read merchants alone is asked nothing else', async () => {
    const { client } = await newPerson(tenant, { role: 'ai_agent' });
    expect(kindsOf(await find(client, 'harbor'))).toEqual(['merchant_org', 'merchant']);
    expect(await find(client, 'zephyr')).toEqual([]);
  });

  test('in their own tenant', async () => {
    expect(await find(other.owner, 'zephyr')).toEqual([]);
    expect(await find(other.owner, parties.merchant)).toEqual([]);
  });

  test('and as the other while they view as somebody, which leaves one event', async () => {
    const support = await newPerson(tenant, { role: 'support' });
    const staff = await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.merchant });
    await startViewing(support.client, staff.id);
    expect((await find(support.client, 'zephyr')).map(({ label }) => label)).toEqual(['Ida Zephyr']);
    const events = await tenant.rows(
      `SELECT details ->> 'summary' AS summary FROM audit_events WHERE action = 'search.find' AND impersonator ->> 'id' = $1`,
      [support.id],
    );
    expect(events).toEqual([{ summary: 'Searched for “zephyr”, while impersonating' }]);
  });
});
