import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, expectProblem } from '../support/door.ts';
import { type Books, openBooks } from './books.ts';
import { settle } from './sealed.ts';

let books: Books;
const customer = { type: 'end_customer', id: '0190a0a0-0000-7000-8000-00000000000c' };
const usd = (amount: number, currency = 'USD') => ({ amount, currency });

async function post(type: string, day: string, amount: number, more: object): Promise<string> {
  const body = { type, effective_date: day, amount: usd(amount), ...more };
  const answer = await books.owner.post('/api/transactions', body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body.id;
}

type Flow = { type: string; category: string | null; currency: string; amount: number; transactions: number };
type Report = {
  totals: (Flow & { from_type: string | null; to_type: string | null })[];
  flows: (Flow & {
    from: { id: string; name: string | null } | null;
    to: { id: string; name: string | null } | null;
  })[];
  is_cut: boolean;
};

async function report(query: string, as: Client = books.owner): Promise<Report> {
  const answer = await as.get(`/api/reports/flow-of-funds?${query}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as unknown as Report;
}

async function totals(query: string, as?: Client): Promise<string[]> {
  const { totals: rows } = await report(query, as);
  return rows
    .map((row) => {
      const kind = row.category ? `${row.type}/${row.category}` : row.type;
      return `${kind} ${row.from_type} → ${row.to_type}: ${row.amount} ${row.currency} in ${row.transactions}`;
    })
    .sort();
}

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books?.site.stop());

describe('the flow of funds', () => {
  beforeAll(async () => {
    const { merchant, otherMerchant, org, tenant } = books.party;
    const visit = { category: 'full', from: customer, to: merchant };
    await post('payment', '2026-01-31', 1_000, visit);
    await post('payment', '2026-02-01', 2_000, visit);
    await post('payment', '2026-02-28', 4_000, { ...visit, to: otherMerchant });
    const wrong = await post('payment', '2026-02-10', 7_777, visit);
    await settle(books.tenant);
    await books.owner.post(`/api/transactions/${wrong}/reverse`, { reason: 'Wrong', effective_date: '2026-02-11' });
    await post('commission', '2026-02-15', 300, { from: merchant, to: org });
    await post('subscription_charge', '2026-03-01', 90, { from: org, to: tenant });
    const held = await post('payment', '2026-02-20', 500, { ...visit, status: 'pending' });
    await books.owner.post(`/api/transactions/${held}/post`, { amount: 200 });
    await post('payment', '2026-02-21', 600, { ...visit, status: 'pending' });
    await post('payment', '2026-02-22', 55, { ...visit, amount: usd(55, 'EUR') });
    await post('payout', '2026-03-02', 1_500, { to: merchant });
  });

  describe.each(['partly aggregated', 'aggregated whole'])('%s,', (state) => {
    beforeAll(async () => {
      if (state === 'aggregated whole') await settle(books.tenant);
    });

    test('sums what was posted, reversals and what is only held left out, currencies apart', async () => {
      expect(await totals('from=2026-02-01&to=2026-02-28')).toEqual([
        'commission merchant → merchant_org: 300 USD in 1',
        'payment/full end_customer → merchant: 55 EUR in 1',
        'payment/full end_customer → merchant: 6200 USD in 3',
      ]);
      expect(await totals('from=2026-02-01&to=2026-02-28&currency=EUR')).toEqual([
        'payment/full end_customer → merchant: 55 EUR in 1',
      ]);
    });

    test.each([
      ['2026-01-31', '2026-03-02', 7_200],
      ['2026-01-31', '2026-01-31', 1_000],
      ['2026-02-01', '2026-02-10', 9_777],
      ['2026-02-11', '2026-02-28', 4_200 - 7_777],
      ['2026-02-10', '2026-02-11', 0],
      ['2026-02-02', '2026-03-31', 4_200],
      ['1900-01-01', '9999-12-31', 7_200],
    ])('from %s to %s counts whole months and single days alike', async (from, to, expected) => {
      const { totals: rows } = await report(`from=${from}&to=${to}&currency=USD`);
      expect(rows.find(({ type }) => type === 'payment')?.amount ?? 0).toBe(expected);
    });

    test('goes on to the MerchantOrg, the platform and the bank, with names', async () => {
      const { flows, is_cut } = await report('from=2026-01-01&to=2026-12-31&currency=USD');
      expect(is_cut).toBe(false);
      const line = flows.map(
        (flow) => `${flow.type} ${flow.from?.name ?? '–'} → ${flow.to?.name ?? '–'} ${flow.amount}`,
      );
      expect(line).toEqual([
        'payment – → Yoga 4000',
        'payment – → Pine 3200',
        'payout – → Pine 1500',
        'commission Pine → Harbor 300',
        `subscription_charge Harbor → ${books.tenant.record.name} 90`,
      ]);
    });

    test('is that of one MerchantOrg when asked', async () => {
      const { id } = books.party.otherOrg;
      expect(await totals(`from=2026-01-01&to=2026-12-31&merchant_org_id=${id}`)).toEqual([
        'payment/full end_customer → merchant: 4000 USD in 1',
      ]);
    });

    test("shows a scoped reader the flows of its own parties, without others' names", async () => {
      const scoped = books.tenant.as(
        await books.tenant.createKey({ role: 'owner', merchant_org_id: books.party.org.id }),
      );
      const { flows } = await report('from=2026-01-01&to=2026-12-31&currency=USD', scoped);
      expect(flows.map(({ type, to }) => [type, to?.name ?? null])).toEqual([
        ['payment', 'Pine'],
        ['payout', 'Pine'],
        ['commission', 'Harbor'],
        ['subscription_charge', null],
      ]);
    });
  });

  test('equals the sum of the transactions themselves after everything is aggregated', async () => {
    await settle(books.tenant);
    const [row] = await books.tenant.rows(`
      SELECT (SELECT sum(amount) FROM flow_days)::text AS days, (SELECT sum(amount) FROM flow_months)::text AS months,
        (SELECT sum(posted_amount) FROM transactions WHERE status = 'posted')::text AS posted`);
    expect([row?.days, row?.months]).toEqual([row?.posted, row?.posted]);
  });

  test('is of this month when no period is given, and refuses one that ends before it begins', async () => {
    const { body } = await books.owner.get('/api/reports/flow-of-funds');
    expect(String(body.from)).toMatch(/-01$/);
    expectProblem(await books.owner.get('/api/reports/flow-of-funds?from=2026-02-02&to=2026-02-01'), 422, 'invalid');
    expectProblem(await books.owner.get('/api/reports/flow-of-funds?from=2026-02-30'), 422, 'invalid');
  });
});

describe('a trace', () => {
  type Node = { id: string; kind: string; label: string | null; depth?: number };
  type Trace = { nodes: Node[]; edges: { source: string; target: string; kind: string }[]; is_cut: boolean };
  let payment: string;
  let fee: string;
  let charge: string;

  async function trace(id: string, as: Client = books.owner): Promise<Trace> {
    const answer = await as.get(`/api/transactions/${id}/trace`);
    expect(answer.status, answer.text).toBe(200);
    return answer.body as unknown as Trace;
  }
  const steps = ({ nodes }: Trace) =>
    nodes.filter(({ kind }) => kind === 'transaction').map(({ label, depth }) => [label, depth]);

  beforeAll(async () => {
    const { merchant, org, tenant } = books.party;
    payment = await post('payment', '2026-04-01', 8_000, {
      category: 'full',
      from: customer,
      to: merchant,
      description: 'Visit',
      external_id: 'ch_1',
      source: 'processor',
    });
    await post('payment', '2026-04-01', 8_000, {
      category: 'full',
      from: customer,
      to: merchant,
      description: 'The same, told by the till',
      external_id: 'ch_1',
      source: 'till',
    });
    fee = await post('commission', '2026-04-02', 240, {
      from: merchant,
      to: org,
      caused_by: payment,
      description: 'Fee',
    });
    charge = await post('subscription_charge', '2026-04-03', 50, {
      from: org,
      to: tenant,
      caused_by: fee,
      description: 'Charge',
    });
  });

  test('leads back to what it follows from and forward to what followed', async () => {
    const middle = await trace(fee);
    expect(steps(middle)).toEqual(
      [
        ['Visit', -1],
        ['The same, told by the till', -2],
        ['Fee', 0],
        ['Charge', 1],
      ].sort(([, a], [, b]) => Number(a) - Number(b)),
    );
    expect(middle.is_cut).toBe(false);
    expect(middle.edges.filter(({ kind }) => kind === 'caused')).toMatchObject([
      { source: payment, target: fee },
      { source: fee, target: charge },
    ]);
  });

  test('names the parties, and what one came to owe the other', async () => {
    const { nodes, edges } = await trace(fee);
    const { merchant, org } = books.party;
    expect(nodes.filter(({ kind }) => kind === 'party').map(({ label }) => label)).toEqual(
      expect.arrayContaining(['Pine', 'Harbor', null]),
    );
    expect(edges).toContainEqual({
      source: merchant.id,
      target: org.id,
      kind: 'owes',
      amount: usd(240),
      by: fee,
    });
    expect(edges).toContainEqual({
      source: customer.id,
      target: payment,
      kind: 'from_party',
      amount: usd(8_000),
      by: null,
    });
  });

  test('joins what two systems call the same', async () => {
    const both = await trace(payment);
    expect(steps(both).map(([label]) => label)).toContain('The same, told by the till');
    expect(both.edges.map(({ kind }) => kind)).toContain('same_external_id');
  });

  test('ends where the scope of its reader ends', async () => {
    const merchant = books.tenant.as(
      await books.tenant.createKey({ role: 'owner', merchant_id: books.party.merchant.id }),
    );
    const seen = await trace(payment, merchant);
    expect(steps(seen).map(([label]) => label)).not.toContain('Charge');
    expect(seen.nodes.map(({ label }) => label)).not.toContain('Harbor');
    expectProblem(await merchant.get(`/api/transactions/${charge}/trace`), 404, 'not_found');
    const other = books.tenant.as(
      await books.tenant.createKey({ role: 'owner', merchant_id: books.party.otherMerchant.id }),
    );
    expectProblem(await other.get(`/api/transactions/${payment}/trace`), 404, 'not_found');
  });

  test('is cut at 200 nodes, and says so', async () => {
    const root = await post('payment', '2026-04-04', 10, {
      category: 'full',
      from: customer,
      to: books.party.merchant,
    });
    const transactions = Array.from({ length: 150 }, (_, index) => ({
      type: 'commission',
      from: books.party.merchant,
      to: books.party.org,
      amount: usd(1),
      caused_by: root,
      description: `Part ${index}`,
    }));
    expect((await books.owner.post('/api/transactions/batch', { transactions })).status).toBe(201);
    const wide = await trace(root);
    expect(wide.is_cut).toBe(true);
    expect(wide.nodes.length).toBeLessThanOrEqual(200);
    const known = new Set(wide.nodes.map(({ id }) => id));
    expect(wide.edges.every(({ source, target }) => known.has(source) && known.has(target))).toBe(true);
  });
});
