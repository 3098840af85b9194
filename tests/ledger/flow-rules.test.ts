import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Journal } from '../../server/contexts/transaction-journal/schemas.ts';
import { expectProblem } from '../support/door.ts';
import { type Books, openBooks } from './books.ts';

let books: Books;
const customer = { type: 'end_customer', id: crypto.randomUUID() };

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books?.site.stop());

const money = (amount: number) => ({ amount, currency: 'USD' });

/** The lines of all journals as `party purpose debit|credit amount`, in the order of the answer. */
async function linesOf(body: object): Promise<string[]> {
  const posted = await books.owner.post('/api/transactions', body);
  expect(posted.status, posted.text).toBe(201);
  const accounts = await books.tenant.rows('SELECT id, purpose, book_id FROM accounts');
  const parties = Object.entries(books.book);
  return (posted.body.journals as unknown as Journal[]).flatMap(({ lines }) =>
    lines.map(({ account_id, side, amount }) => {
      const account = accounts.find(({ id }) => id === account_id)!;
      const [party] = parties.find(([, book]) => book === account.book_id)!;
      return `${party} ${account.purpose} ${side} ${amount}`;
    }),
  );
}

describe('what money from customers means', () => {
  test('a full payment is revenue, less the tip and the tax in it', async () => {
    const parties = { from: customer, to: books.party.merchant };
    const components = { tip: 1500, tax: 800 };
    const body = { type: 'payment', category: 'full', ...parties, amount: money(12300), components };
    expect(await linesOf(body)).toEqual([
      'merchant processor_clearing debit 12300',
      'merchant revenue credit 10000',
      'merchant tips_payable credit 1500',
      'merchant tax_payable credit 800',
    ]);
  });

  test('a deposit is owed to the customer until the balance is paid', async () => {
    const parties = { from: customer, to: books.party.merchant };
    expect(await linesOf({ type: 'payment', category: 'deposit', ...parties, amount: money(3000) })).toEqual([
      'merchant processor_clearing debit 3000',
      'merchant customer_deposits credit 3000',
    ]);
    const components = { deposit: 3000 };
    const body = { type: 'payment', category: 'balance', ...parties, amount: money(7000), components };
    expect(await linesOf(body)).toEqual([
      'merchant processor_clearing debit 7000',
      'merchant customer_deposits debit 3000',
      'merchant revenue credit 10000',
    ]);
  });

  test('a tip is owed to the staff, a no-show fee is income of its own', async () => {
    const parties = { from: customer, to: books.party.merchant };
    expect(await linesOf({ type: 'payment', category: 'tip', ...parties, amount: money(400) })).toEqual([
      'merchant processor_clearing debit 400',
      'merchant tips_payable credit 400',
    ]);
    expect(await linesOf({ type: 'payment', category: 'no_show', ...parties, amount: money(2500) })).toEqual([
      'merchant processor_clearing debit 2500',
      'merchant no_show_income credit 2500',
    ]);
  });

  test('a refund takes back revenue, tip and tax', async () => {
    const components = { tip: 100, tax: 50 };
    const body = { type: 'refund', from: books.party.merchant, to: customer, amount: money(1000), components };
    expect(await linesOf(body)).toEqual([
      'merchant refunds debit 850',
      'merchant tips_payable debit 100',
      'merchant tax_payable debit 50',
      'merchant processor_clearing credit 1000',
    ]);
  });

  test('fees, write-offs and payouts need one party only', async () => {
    const { merchant } = books.party;
    expect(await linesOf({ type: 'processor_fee', from: merchant, amount: money(320) })).toEqual([
      'merchant processor_fees debit 320',
      'merchant processor_clearing credit 320',
    ]);
    expect(await linesOf({ type: 'write_off', from: merchant, to: customer, amount: money(70) })).toEqual([
      'merchant bad_debt debit 70',
      'merchant receivable credit 70',
    ]);
    const begin = { type: 'payout', to: merchant, amount: money(900) };
    const ends = ['settled', 'returned'].map(async (category) => {
      const { id } = (await books.owner.post('/api/transactions', begin)).body;
      return linesOf({ ...begin, category, caused_by: id });
    });
    expect([await linesOf(begin), ...(await Promise.all(ends))].flat()).toEqual([
      'merchant payouts_in_transit debit 900',
      'merchant processor_clearing credit 900',
      'merchant cash debit 900',
      'merchant payouts_in_transit credit 900',
      'merchant processor_clearing debit 900',
      'merchant payouts_in_transit credit 900',
    ]);
  });
});

describe('between companies', () => {
  test.each([
    ['commission', 'merchant', 'tenant'],
    ['franchise_fee', 'merchant', 'org'],
    ['subscription_charge', 'org', 'tenant'],
  ] as const)(
    'a %s is an expense of the one and income of the other, each naming its counterparty',
    async (type, from, to) => {
      const stem = type.split('_')[0];
      const body = { type, from: books.party[from], to: books.party[to], amount: money(500) };
      expect(await linesOf(body)).toEqual([
        `${from} ${stem}_expense debit 500`,
        `${from} due_to_related credit 500`,
        `${to} due_from_related debit 500`,
        `${to} ${stem}_income credit 500`,
      ]);
      const { journals } = (await books.owner.post('/api/transactions', body)).body;
      for (const { book_id, lines } of journals) {
        const other = book_id === books.book[from] ? books.book[to] : books.book[from];
        for (const line of lines) expect(line.counterparty_book_id).toBe(other);
      }
    },
  );

  test('a settlement pays what is due', async () => {
    const body = { type: 'settlement', from: books.party.merchant, to: books.party.org, amount: money(500) };
    expect(await linesOf(body)).toEqual([
      'merchant due_to_related debit 500',
      'merchant cash credit 500',
      'org cash debit 500',
      'org due_from_related credit 500',
    ]);
  });
});

describe('refused by its rule, and says why', () => {
  test.each([
    ['no category', { type: 'payment' }, /categories balance, deposit, full, no_show, tip/],
    ['a category that it lacks', { type: 'payment', category: 'weekly' }, /categories/],
    ['the wrong ends', { type: 'commission', from: 'tenant', to: 'merchant' }, /from merchant or merchant_org to/],
    [
      'a component that it lacks',
      { type: 'payment', category: 'tip', components: { tax: 1 } },
      /components of a payment are: none/,
    ],
    [
      'components beyond the amount',
      { type: 'payment', category: 'full', components: { tip: 101 } },
      /more than the amount/,
    ],
  ])('%s', async (_what, { from, to, ...body }: { type: string; from?: string | null; to?: string }, reason) => {
    const ends = to
      ? { from: from && books.party[from as 'tenant'], to: books.party[to as 'merchant'] }
      : { from: customer, to: books.party.merchant };
    const refused = await books.owner.post('/api/transactions', { ...body, ...ends, amount: money(100) });
    expectProblem(refused, 422, 'rule_violation');
    expect(refused.body.reason).toMatch(reason);
  });

  test('one that no rule fits, in the middle of a batch: nothing is posted, and its place is told', async () => {
    const good = { type: 'payment', category: 'tip', from: customer, to: books.party.merchant, amount: money(1) };
    const before = await books.tenant.rows('SELECT count(*) AS n FROM transactions');
    const transactions = [good, { ...good, category: 'deposit' }, { ...good, category: 'weekly' }, good];
    const refused = await books.owner.post('/api/transactions/batch', { transactions });
    expectProblem(refused, 422, 'rule_violation');
    expect(refused.body.index).toBe(2);
    expect(await books.tenant.rows('SELECT count(*) AS n FROM transactions')).toEqual(before);
  });

  test('typed and raw ones go together in a batch, in their order', async () => {
    const typed = { type: 'payment', category: 'tip', from: customer, to: books.party.merchant, amount: money(7) };
    const raw = {
      description: 'By hand',
      lines: [
        { account_id: books.account('tenant', 'cash'), side: 'debit', amount: 9 },
        { account_id: books.account('tenant', 'revenue'), side: 'credit', amount: 9 },
      ],
    };
    const posted = await books.owner.post('/api/transactions/batch', { transactions: [raw, typed, raw, typed] });
    expect(posted.status, posted.text).toBe(201);
    const kinds = posted.body.data.map(({ type, journals }) => [
      type,
      (journals as unknown as Journal[])[0]!.lines[0]!.amount,
    ]);
    expect(kinds).toEqual([
      ['journal', 9],
      ['payment', 7],
      ['journal', 9],
      ['payment', 7],
    ]);
  });
});
