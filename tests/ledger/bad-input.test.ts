import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, expectProblem } from '../support/door.ts';
import { type Books, credit, debit, type Line, openBooks } from './books.ts';

let books: Books;
let cash: string;
let revenue: string;
let euros: string;
let closed: string;

const MISSING = '0190a0a0-0000-7000-8000-000000000000';

beforeAll(async () => {
  books = await openBooks(2);
  cash = books.account('tenant', 'cash');
  revenue = books.account('tenant', 'revenue');
  const open = async (code: string, currency: string) =>
    (await books.owner.post('/api/accounts', { code, name: code, type: 'asset', currency })).body.id;
  euros = await open('EUROS', 'EUR');
  closed = await open('CLOSED', 'USD');
  await books.owner.post(`/api/accounts/${closed}/close`, {});
  const through = await books.owner.post(`/api/books/${books.book.merchant}/close-period`, { through: '2020-01-31' });
  expect(through.status, through.text).toBe(200);
});
afterAll(() => books?.site.stop());

type Bad = { name: string; code: string; body: () => object; members?: object };

const entry = (lines: Line[], more: object = {}) => ({ description: 'Bad', lines, ...more });
const pair = (amount: number) => [debit(cash, amount), credit(revenue, amount)];
const dated = (effective_date: string) =>
  entry([debit(books.account('merchant', 'cash'), 1), credit(books.account('merchant', 'revenue'), 1)], {
    effective_date,
  });

/** One row per way to be wrong; each is tried alone, previewed, and as one of a batch. */
const table: readonly Bad[] = [
  { name: 'sides that differ', code: 'unbalanced', body: () => entry([debit(cash, 100), credit(revenue, 99)]) },
  { name: 'a single side', code: 'unbalanced', body: () => entry([debit(cash, 1), debit(revenue, 1)]) },
  {
    name: 'books that balance only together',
    code: 'unbalanced',
    body: () => entry([debit(cash, 1), credit(books.account('merchant', 'cash'), 1)]),
  },
  { name: 'sides in two currencies', code: 'currency_mismatch', body: () => entry([debit(cash, 5), credit(euros, 5)]) },
  {
    name: 'an account that does not exist',
    code: 'account_not_found',
    body: () => entry([debit(MISSING, 1), credit(revenue, 1)]),
  },
  { name: 'a closed account', code: 'account_closed', body: () => entry([debit(closed, 1), credit(revenue, 1)]) },
  { name: 'a closed period', code: 'period_closed', body: () => dated('2020-01-31') },
  { name: 'an amount of zero', code: 'amount_out_of_range', body: () => entry(pair(0)) },
  { name: 'a negative amount', code: 'amount_out_of_range', body: () => entry(pair(-1)) },
  { name: 'a fraction of a minor unit', code: 'amount_out_of_range', body: () => entry(pair(1.5)) },
  { name: 'more than a line may be', code: 'amount_out_of_range', body: () => entry(pair(10_000_000_000_000)) },
  { name: 'more than 2^53 - 1', code: 'amount_out_of_range', body: () => entry(pair(2 ** 53)) },
  {
    name: 'an amount in words',
    code: 'invalid',
    body: () => entry([{ ...debit(cash, 1), amount: '1' as never }, credit(revenue, 1)]),
  },
  { name: 'one line', code: 'invalid', body: () => entry([debit(cash, 1)]) },
  { name: 'a field that nobody knows', code: 'invalid', body: () => entry(pair(1), { amout: 1 }) },
  { name: 'text that cannot be stored', code: 'invalid', body: () => entry(pair(1), { description: 'a\u0000b' }) },
  { name: 'a day that does not exist', code: 'invalid', body: () => entry(pair(1), { effective_date: '2026-02-30' }) },
  { name: 'a status that is not for asking', code: 'invalid', body: () => entry(pair(1), { status: 'reversed' }) },
  {
    name: 'an expiry of what is not held',
    code: 'invalid',
    body: () => entry(pair(1), { expires_at: '2999-01-01T00:00:00Z' }),
  },
  {
    name: 'a type without a rule',
    code: 'rule_violation',
    body: () => ({ type: 'payment', to: books.party.merchant, amount: { amount: 1, currency: 'USD' } }),
  },
  {
    name: 'a party that does not exist',
    code: 'party_not_found',
    body: () => ({
      type: 'transfer',
      from: books.party.tenant,
      to: { type: 'merchant', id: MISSING },
      amount: { amount: 1, currency: 'USD' },
    }),
  },
  {
    name: 'a currency that does not exist',
    code: 'invalid',
    body: () => ({
      type: 'transfer',
      from: books.party.tenant,
      to: books.party.org,
      amount: { amount: 1, currency: 'XXQ' },
    }),
  },
];

/** What is refused leaves nothing: no transaction, no key, no event of success. */
async function refuses(ask: () => Promise<Answer>, code: string): Promise<Answer> {
  const before = await books.tenant.contents();
  const answer = await ask();
  expectProblem(answer, 422, code);
  expect(await books.tenant.contents()).toEqual(before);
  return answer;
}

describe.each(table)('$name', ({ code, body }) => {
  test(`is refused as ${code}, posted and previewed alike, and uses no key up`, async () => {
    const headers = { 'idempotency-key': `bad-${code}` };
    const posted = await refuses(() => books.owner.post('/api/transactions', body(), headers), code);
    const previewed = await refuses(() => books.owner.post('/api/transactions/preview', body()), code);
    const { request_id: _, ...problem } = posted.body;
    const { request_id: __, ...preview } = previewed.body;
    expect(preview).toEqual(problem);
  });

  test('as one of a batch keeps all of it from being posted, and says which it is', async () => {
    const transactions = [entry(pair(1)), entry(pair(2)), body(), entry(pair(3))];
    const { body: problem } = await refuses(() => books.owner.post('/api/transactions/batch', { transactions }), code);
    const fields = Object.keys(problem.errors ?? {});
    const isBySchema = fields.length > 0 && fields.every((field) => field.startsWith('transactions.2.'));
    expect(isBySchema || problem.index === 2, JSON.stringify(problem)).toBe(true);
  });
});

describe('a batch', () => {
  test('of more than 1,000, or of none, is refused', async () => {
    const many = Array.from({ length: 1001 }, () => entry(pair(1)));
    await refuses(() => books.owner.post('/api/transactions/batch', { transactions: many }), 'invalid');
    await refuses(() => books.owner.post('/api/transactions/batch', { transactions: [] }), 'invalid');
  });

  test('of 1,000 of which one is bad posts nothing and names its place', async () => {
    const transactions = Array.from({ length: 1000 }, (_, index) => entry(pair(index === 777 ? 1 : 2)));
    transactions[777] = entry([debit(cash, 100), credit(revenue, 99)]);
    const answer = await refuses(() => books.owner.post('/api/transactions/batch', { transactions }), 'unbalanced');
    expect(answer.body).toMatchObject({ index: 777, imbalances: [{ debits: 100, credits: 99 }] });
    expect(answer.body.detail).toContain('Transaction 778');
  });

  test('of 1,000 good ones is posted whole, once per key', async () => {
    const transactions = Array.from({ length: 1000 }, () => entry(pair(1)));
    const before = await books.balanceOf(cash);
    const send = () => books.owner.post('/api/transactions/batch', { transactions }, { 'idempotency-key': 'thousand' });
    const [first, second] = [await send(), await send()];
    expect([first.status, first.body.data.length]).toEqual([201, 1000]);
    expect([second.status, second.headers.get('idempotent-replayed'), second.text === first.text]).toEqual([
      201,
      'true',
      true,
    ]);
    expect(await books.balanceOf(cash)).toBe(before + 1000);
  });

  test('in which two carry one external id is refused', async () => {
    const transactions = [entry(pair(1), { external_id: 'twin' }), entry(pair(1), { external_id: 'twin' })];
    const before = await books.tenant.contents();
    expectProblem(await books.owner.post('/api/transactions/batch', { transactions }), 409, 'conflict');
    expect(await books.tenant.contents()).toEqual(before);
  });
});

describe('a key', () => {
  test('that is used for another request is refused, whichever part of it is another', async () => {
    const headers = { 'idempotency-key': 'one-key' };
    expect((await books.post(pair(10), {}, headers)).status).toBe(201);
    for (const more of [
      { effective_date: '2026-01-01' },
      { metadata: { a: 1 } },
      { status: 'pending' },
      { description: 'Other' },
    ]) {
      expectProblem(await books.post(pair(10), more, headers), 409, 'idempotency_conflict');
    }
    expectProblem(await books.post(pair(11), {}, headers), 409, 'idempotency_conflict');
    const { id } = (await books.post(pair(10), { status: 'pending' })).body;
    expectProblem(await books.owner.post(`/api/transactions/${id}/post`, {}, headers), 409, 'idempotency_conflict');
    expect((await books.post(pair(10), {}, headers)).headers.get('idempotent-replayed')).toBe('true');
  });

  test('of what was refused may be used again', async () => {
    const headers = { 'idempotency-key': 'second-try' };
    expectProblem(await books.post([debit(cash, 2), credit(revenue, 1)], {}, headers), 422, 'unbalanced');
    expect((await books.post(pair(2), {}, headers)).status).toBe(201);
  });
});

describe('a step that is not to be taken', () => {
  const step = (id: string, name: string, body: object = {}) =>
    books.owner.post(`/api/transactions/${id}/${name}`, body);
  const held = async () => (await books.post(pair(100), { status: 'pending' })).body.id;
  const posted = async () => (await books.post(pair(100))).body.id;
  const reason = { reason: 'Wrong' };

  test.each([
    ['posting what is posted', posted, [], 'post', 'already_posted'],
    ['voiding what is posted', posted, [], 'void', 'already_posted'],
    ['posting what was voided', held, ['void'], 'post', 'already_voided'],
    ['voiding what was voided', held, ['void'], 'void', 'already_voided'],
    ['reversing what was voided', held, ['void'], 'reverse', 'already_voided'],
    ['reversing what is only held', held, [], 'reverse', 'not_posted'],
    ['reversing what was reversed', posted, ['reverse'], 'reverse', 'already_reversed'],
    ['posting what was reversed', held, ['post', 'reverse'], 'post', 'already_reversed'],
  ] as const)('%s', async (_, make, first, name, code) => {
    const id = await make();
    const bodyOf = (which: string) => (which === 'reverse' ? reason : {});
    for (const earlier of first) expect((await step(id, earlier, bodyOf(earlier))).status).toBe(200);
    const before = await books.tenant.contents();
    expectProblem(await step(id, name, bodyOf(name)), 409, code);
    expect(await books.tenant.contents()).toEqual(before);
  });

  test.each([
    ['nothing of it', { amount: 0 }, 'amount_out_of_range'],
    ['more than was held', { amount: 101 }, 'amount_out_of_range'],
    ['a fraction', { amount: 1.5 }, 'amount_out_of_range'],
    ['a day that does not exist', { effective_date: '2026-13-01' }, 'invalid'],
    ['a field that nobody knows', { amout: 1 }, 'invalid'],
  ])('posting %s', async (_, body, code) => {
    const id = await held();
    expectProblem(await step(id, 'post', body), 422, code);
    expect((await step(id, 'post', { amount: 100 })).status).toBe(200);
  });

  test('reversing without a reason', async () => {
    const id = await posted();
    expectProblem(await step(id, 'reverse'), 422, 'invalid');
    expectProblem(await step(id, 'reverse', { reason: ' ' }), 422, 'invalid');
  });

  test("any of what is not there, or another tenant's", async () => {
    const foreign = (await books.site.tenants[1]!.owner.get('/api/accounts')).body.data;
    const other = await books.site.tenants[1]!.owner.post(
      '/api/transactions',
      entry([debit(foreign[0]!.id, 1), credit(foreign[1]!.id, 1)]),
    );
    for (const id of [MISSING, other.body.id]) {
      expectProblem(await step(id, 'post'), 404, 'not_found');
      expectProblem(await step(id, 'void'), 404, 'not_found');
      expectProblem(await step(id, 'reverse', reason), 404, 'not_found');
    }
  });
});
