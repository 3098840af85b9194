import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { type Books, credit, debit, openBooks } from './books.ts';
import { settle } from './sealed.ts';

let books: Books;
let ids: Record<string, string>;
const usd = (amount: number) => ({ amount, currency: 'USD' });

async function raw(description: string, party: keyof Books['party'], amount: number, more: object = {}) {
  const [cash, revenue] = [books.account(party, 'cash'), books.account(party, 'revenue')];
  const answer = await books.post([debit(cash, amount), { ...credit(revenue, amount), memo: 'Gutschein' }], {
    description,
    ...more,
  });
  expect(answer.status, answer.text).toBe(201);
  return answer.body.id;
}

async function typed(body: object): Promise<string> {
  const answer = await books.owner.post('/api/transactions', body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body.id;
}

/** Whose names a list answers, in their order. */
async function found(query: string, as: Client = books.owner): Promise<string[]> {
  const answer = await as.get(`/api/transactions?limit=200&${query}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.data.map(({ id }) => Object.entries(ids).find(([, known]) => known === id)?.[0] ?? id);
}

beforeAll(async () => {
  books = await openBooks();
  const { merchant, otherMerchant, org } = books.party;
  const customer = { type: 'end_customer', id: '0190a0a0-0000-7000-8000-00000000000c' };
  ids = {};
  ids.rent = await raw(`Rent of November, O'Brien & Söhne`, 'merchant', 125_050, { external_id: 'INV-2026-001' });
  ids.yoga = await raw('Yoga takings', 'otherMerchant', 4_000, {
    effective_date: '2026-01-05',
    external_id: '1b4e28ba-2fa1-11d2-883f-0016d3cca427',
  });
  ids.payment = await typed({
    type: 'payment',
    category: 'full',
    from: customer,
    to: merchant,
    amount: usd(8_500),
    source: 'till',
  });
  ids.commission = await typed({
    type: 'commission',
    from: merchant,
    to: org,
    amount: usd(300),
    caused_by: ids.payment,
    description: 'Commission of the visit',
  });
  await settle(books.tenant);
  // Not indexed yet: found in the lines that lie above the horizon.
  ids.hold = await raw('Held takings', 'merchant', 900, { status: 'pending' });
  ids.far = await typed({ type: 'transfer', from: otherMerchant, to: books.party.tenant, amount: usd(77) });
});
afterAll(() => books?.site.stop());

describe.each(['partly indexed', 'indexed whole'])('%s, the list', (state) => {
  beforeAll(async () => {
    if (state === 'indexed whole') await settle(books.tenant);
  });

  test.each([
    ['q=november', ['rent']],
    ['q=nov', ['rent']],
    ['q=ovember', []],
    ['q=RENT%20of', ['rent']],
    ['q=sohne', ['rent']],
    ['q=S%C3%B6hne', ['rent']],
    [`q=o'brien`, ['rent']],
    ['q=rent%20yoga', []],
    ['q=inv-2026', ['rent']],
    ['q=gutschein', ['hold', 'yoga', 'rent']],
    ['q=takings', ['hold', 'yoga']],
    ['q=takings&status=pending', ['hold']],
    ['q=%25_%25', []],
    ['q=1b4e28ba-2fa1-11d2-883f-0016d3cca427', ['yoga']],
    ['type=commission', ['commission']],
    ['type=journal', ['hold', 'yoga', 'rent']],
    ['category=full', ['payment']],
    ['source=till', ['payment']],
    ['status=pending', ['hold']],
    ['status=failed', []],
    ['external_id=INV-2026-001', ['rent']],
    ['external_id=inv-2026-001', []],
    ['currency=USD&type=transfer', ['far']],
    ['currency=EUR', []],
    ['amount_min=8500', ['rent', 'payment'].reverse()],
    ['amount_min=300&amount_max=4000', ['hold', 'commission', 'yoga']],
    ['amount_max=100', ['far']],
    ['from=2026-01-01&to=2026-01-31', ['yoga']],
    ['sort=effective_date&type=journal', ['yoga', 'rent', 'hold']],
    ['type=%27%20%7C%20%27%40source=till%27', []],
    ['source=%5C%27', []],
  ])('answers %s', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  test('finds by party, book, account, cause, and by the ids of a transaction and of its journals', async () => {
    const { merchant, org, tenant } = books.party;
    expect(await found(`party=${merchant.id}`)).toEqual(['commission', 'payment']);
    expect(await found(`party=${org.id}&type=commission`)).toEqual(['commission']);
    expect(await found(`party=${tenant.id}`)).toEqual(['far']);
    expect(await found(`book_id=${books.book.otherMerchant}`)).toEqual(['far', 'yoga']);
    expect(await found(`account_id=${books.account('merchant', 'cash')}`)).toEqual(['hold', 'rent']);
    expect(await found(`account_id=${books.account('merchant', 'cash')}&q=rent&amount_min=125050`)).toEqual(['rent']);
    expect(await found(`caused_by=${ids.payment}`)).toEqual(['commission']);
    expect(await found(`q=${ids.rent}`)).toEqual(['rent']);
    const [journal] = (await books.owner.get(`/api/transaction-journals?transaction_id=${ids.yoga}`)).body.data;
    expect(await found(`q=${journal?.id}`)).toEqual(['yoga']);
    expect(await found('q=0190a0a0-0000-7000-8000-000000000000')).toEqual([]);
  });

  test('pages through what it found, every transaction once', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/api/transactions?limit=1&amount_min=1${cursor && `&cursor=${cursor}`}`;
      const { body } = await books.owner.get(path);
      seen.push(...body.data.map(({ id }) => id));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual([ids.far, ids.hold, ids.commission, ids.payment, ids.yoga, ids.rent]);
  });

  test('shows a scoped reader the transactions of its own books, whatever it asks for', async () => {
    const { org, otherMerchant } = books.party;
    const inner = books.tenant.as(await books.tenant.createKey({ role: 'owner', merchant_org_id: org.id }));
    const outer = books.tenant.as(await books.tenant.createKey({ role: 'owner', merchant_id: otherMerchant.id }));
    expect(await found('', inner)).toEqual(['hold', 'commission', 'payment', 'rent']);
    expect(await found('', outer)).toEqual(['far', 'yoga']);
    expect(await found('q=takings', outer)).toEqual(['yoga']);
    expect(await found(`q=${ids.rent}`, outer)).toEqual([]);
    expect(await found(`q=${ids.far}`, outer)).toEqual(['far']);
    // It touches the tenant's book too, which is not for this reader to find out.
    expect(await found(`book_id=${books.book.tenant}`, outer)).toEqual([]);
    expect(await found(`account_id=${books.account('tenant', 'cash')}`, outer)).toEqual([]);
    const empty = (await books.owner.post('/api/merchant-orgs', { name: 'Empty' })).body.id;
    const nobody = books.tenant.as(await books.tenant.createKey({ role: 'owner', merchant_org_id: empty }));
    expect(await found('', nobody)).toEqual([]);
  });
});

test.each(['not indexed yet', 'indexed'])(
  'what is %s is not found by what it says and moves in books outside the scope',
  async (state) => {
    const [own, other] = ['merchant', 'otherMerchant'] as const;
    const lines = [
      { ...debit(books.account(own, 'cash'), 100), memo: 'ours' },
      credit(books.account(own, 'revenue'), 100),
      { ...debit(books.account(other, 'cash'), 777_000), memo: 'theirs' },
      credit(books.account(other, 'revenue'), 777_000),
    ];
    const name = `shared ${state}`;
    ids[name] = (await books.owner.post('/api/transactions', { description: name, lines })).body.id;
    if (state === 'indexed') await settle(books.tenant);
    const reader = books.tenant.as(await books.tenant.createKey({ role: 'owner', merchant_id: books.party[own].id }));
    expect(await found('q=ours', reader)).toContain(name);
    expect(await found('q=theirs', reader)).toEqual([]);
    expect(await found('q=theirs')).toContain(name);
    expect(await found('amount_min=770000', reader)).not.toContain(name);
    expect(await found('amount_min=770000')).toContain(name);
    expect(await found('amount_min=100&amount_max=100', reader)).toContain(name);
    expect(await found('amount_max=100')).not.toContain(name);
  },
);

test('a transaction is indexed once, however often it takes a step, and nothing is left to do afterwards', async () => {
  expect((await books.owner.post(`/api/transactions/${ids.hold}/post`, {})).status).toBe(200);
  expect(await found('q=held')).toEqual(['hold']);
  await settle(books.tenant);
  expect(await found('q=held')).toEqual(['hold']);
  expect(await books.tenant.rows('SELECT count(*)::integer AS n FROM transaction_search')).toEqual([
    { n: Object.keys(ids).length },
  ]);
  expect(await books.tenant.rows('SELECT index_ledger() AS step')).toEqual([{ step: { indexed: 0, has_more: false } }]);
});

test('indexing in small steps never divides a batch, and misses nothing of those who post meanwhile', async () => {
  const [cash, revenue] = [books.account('org', 'cash'), books.account('org', 'revenue')];
  const one = (description: string) => ({ description, lines: [debit(cash, 5), credit(revenue, 5)] });
  const batch = { transactions: Array.from({ length: 30 }, (_, index) => one(`Wave ${index}`)) };
  const posting = Promise.all(Array.from({ length: 8 }, () => books.owner.post('/api/transactions/batch', batch)));
  let isPosting = true;
  const posted = posting.finally(() => {
    isPosting = false;
  });
  while (isPosting) {
    await books.tenant.rows('SELECT fold_ledger(10)');
    await books.tenant.rows('SELECT index_ledger(7)');
    const { body } = await books.owner.get('/api/transactions?limit=200&q=wave');
    expect(new Set(body.data.map(({ id }) => id)).size).toBe(body.data.length);
  }
  expect((await posted).map(({ status }) => status)).toEqual(Array(8).fill(201));
  await passHorizon(books.tenant.rows);
  for (const size of [3, 50, 2000]) {
    await books.tenant.rows('SELECT fold_ledger()');
    await books.tenant.rows('SELECT index_ledger($1)', [size]);
  }
  expect((await books.owner.get('/api/transactions?limit=200&q=wave%202')).body.data).toHaveLength(8 * 11);
  const rows = await books.tenant.rows(`
    SELECT (SELECT count(*) FROM transactions)::integer AS posted, (SELECT count(*) FROM transaction_search)::integer AS indexed`);
  expect(rows[0]?.indexed).toBe(rows[0]?.posted);
});

test('what is no filter value is refused', async () => {
  expectProblem(await books.owner.get('/api/transactions?amount_min=0'), 422, 'amount_out_of_range');
  for (const query of ['amount_max=1.5', 'currency=usd', 'party=me', 'caused_by=x', 'status=odd', 'to=2026-02-30']) {
    expectProblem(await books.owner.get(`/api/transactions?${query}`), 422, 'invalid');
  }
});
