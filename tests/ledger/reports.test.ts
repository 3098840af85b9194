import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BalanceSheet, IncomeStatement, TrialBalance } from '../../server/contexts/report/schemas.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { type Books, openBooks } from './books.ts';
import { fold, netOf, postAnyMix, type Written, writtenLines } from './reports.ts';

let books: Books;
let lines: Written[];
let orgBooks: string[];
const missing = '0190a0a0-0000-7000-8000-000000000000';

beforeAll(async () => {
  books = await openBooks();
  await postAnyMix(books, 90, 7);
  lines = await writtenLines(books);
  orgBooks = [books.book.org, books.book.merchant];
});
afterAll(() => books?.site.stop());

async function read<T>(path: string, caller: Client = books.owner): Promise<T> {
  const answer = await caller.get(path);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as T;
}
const trial = (query: string) => read<TrialBalance>(`/api/reports/trial-balance?${query}`);
const sheet = (query: string) => read<BalanceSheet>(`/api/reports/balance-sheet?${query}`);
const income = (query: string) => read<IncomeStatement>(`/api/reports/income-statement?${query}`);
const days = ['2025-12-31', '2026-01-01', '2026-02-14', '2026-03-31', '2026-05-20', '2026-06-28', '2030-01-01'];
const ofType = (types: string[]) => (line: Written) => types.includes(line.type);
const currencies = ['USD', 'EUR'];

describe('a trial balance', () => {
  test('shows what the lines add up to per account, at any day, and its totals are equal', async () => {
    for (const at of [null, ...days]) {
      for (const book of [books.book.merchant, books.book.tenant]) {
        const report = await trial(`book_id=${book}${at ? `&at=${at}` : ''}`);
        expect([report.axis, report.at]).toEqual(['effective', at]);
        for (const row of report.data) {
          const own = lines.filter((line) => line.account_id === row.account_id && (at === null || line.day <= at));
          expect(row.debits).toBe(own.reduce((sum, { debit }) => sum + debit, 0));
          expect(row.debits - row.credits).toBe(netOf(own));
          expect(row.debit_balance - row.credit_balance).toBe(netOf(own));
          expect(Math.min(row.debit_balance, row.credit_balance)).toBe(0);
        }
        expect(report.totals.length).toBeGreaterThan(0);
        for (const { debits, credits, debit_balance, credit_balance, balanced } of report.totals) {
          expect([debits, debit_balance, balanced]).toEqual([credits, credit_balance, true]);
        }
      }
    }
  });

  test('shows what had been recorded at any instant, whatever its date', async () => {
    const instants = [...new Set(lines.map((line) => line.recorded_at))].sort();
    for (let index = 0; index < instants.length; index += 9) {
      const at = instants[index]!;
      const report = await trial(`book_id=${books.book.merchant}&at=${at}`);
      expect(report.axis).toBe('recorded');
      for (const row of report.data) {
        const own = lines.filter((line) => line.account_id === row.account_id && line.recorded_at <= at);
        expect([at, row.debits - row.credits]).toEqual([at, netOf(own)]);
      }
      expect(report.totals.every(({ balanced }) => balanced)).toBe(true);
    }
  });

  test('streams as CSV, a row per account', async () => {
    const { text, headers } = await books.owner.get(`/api/reports/trial-balance?book_id=${books.book.org}&format=csv`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const { data } = await trial(`book_id=${books.book.org}`);
    expect(text.trimEnd().split('\r\n')).toHaveLength(data.length + 1);
    expect(text).toContain('account_id,code,name,currency,type,debits,credits');
  });
});

describe('a balance sheet', () => {
  test('has assets equal to liabilities and equity in every currency, current earnings included', async () => {
    for (const at of days) {
      for (const book of Object.values(books.book)) {
        const report = await sheet(`book_id=${book}&at=${at}`);
        for (const { currency, assets, liabilities, equity, difference, balanced } of report.totals) {
          const own = lines.filter((line) => line.book_id === book && line.currency === currency && line.day <= at);
          expect(assets.amount).toBe(netOf(own.filter(ofType(['asset']))));
          expect(liabilities.amount).toBe(0 - netOf(own.filter(ofType(['liability']))));
          expect(equity.amount).toBe(0 - netOf(own.filter(ofType(['equity', 'revenue', 'expense']))));
          expect([difference, balanced, assets.elimination]).toEqual([0, true, 0]);
        }
      }
    }
  });
});

describe('an income statement', () => {
  test('shows revenue and expenses of the period and of the one before it', async () => {
    for (const [from, to, previousFrom, previousTo] of [
      ['2026-03-01', '2026-03-31', '2026-02-01', '2026-02-28'],
      ['2026-04-01', '2026-06-30', '2026-01-01', '2026-03-31'],
      ['2026-02-10', '2026-02-19', '2026-01-31', '2026-02-09'],
      ['2026-05-05', '2026-05-05', '2026-05-04', '2026-05-04'],
    ] as const) {
      const report = await income(`book_id=${books.book.merchant}&from=${from}&to=${to}`);
      expect([report.previous_from, report.previous_to]).toEqual([previousFrom, previousTo]);
      for (const { currency, revenue, expenses, net_income } of report.totals) {
        const sum = (type: string, first: string, last: string) =>
          netOf(
            lines.filter(
              (line) =>
                line.book_id === books.book.merchant &&
                line.currency === currency &&
                line.type === type &&
                line.day >= first &&
                line.day <= last,
            ),
          );
        expect(revenue.amount).toBe(0 - sum('revenue', from, to));
        expect(expenses.amount).toBe(sum('expense', from, to));
        expect(revenue.previous).toBe(0 - sum('revenue', previousFrom, previousTo));
        expect(net_income.amount).toBe(revenue.amount - expenses.amount);
        expect(net_income.previous).toBe(revenue.previous - expenses.previous);
      }
    }
  });

  test('between two instants shows what was recorded then', async () => {
    const instants = [...new Set(lines.map((line) => line.recorded_at))].sort();
    const [from, to] = [instants[20]!, instants[60]!];
    const report = await income(`book_id=${books.book.org}&from=${from}&to=${to}`);
    expect([report.axis, report.previous_to]).toEqual(['recorded', from]);
    for (const { currency, net_income } of report.totals) {
      const own = lines.filter(
        (line) =>
          line.book_id === books.book.org &&
          line.currency === currency &&
          line.recorded_at > from &&
          line.recorded_at <= to &&
          ['revenue', 'expense'].includes(line.type),
      );
      expect(net_income.amount).toBe(0 - netOf(own));
    }
  });

  test('without dates is of this month so far', async () => {
    const report = await income('');
    expect(report.from).toBe(`${report.to.slice(0, 8)}01`);
    expect(report.to).toBe(new Date().toISOString().slice(0, 10));
  });
});

describe('consolidation of a MerchantOrg', () => {
  const group = () => `merchant_org_id=${books.party.org.id}`;

  test('adds its books and takes out what they posted against each other, before and after a fold', async () => {
    for (let pass = 0; pass < 2; pass += 1) {
      for (const at of [null, ...days]) {
        const within = lines.filter((line) => orgBooks.includes(line.book_id) && (at === null || line.day <= at));
        const eliminated = within.filter(({ counterparty }) => orgBooks.includes(counterparty ?? ''));
        const query = `${group()}${at ? `&at=${at}` : ''}`;
        const report = await sheet(query);
        expect(report.books.map(({ book_id }) => book_id).sort()).toEqual([...orgBooks].sort());
        for (const currency of currencies) {
          const total = report.totals.find((each) => each.currency === currency);
          const of = (some: Written[], types: string[]) =>
            netOf(some.filter((line) => line.currency === currency && types.includes(line.type)));
          if (!total) {
            expect(within.some((line) => line.currency === currency)).toBe(false);
            continue;
          }
          expect(total.assets.before).toBe(of(within, ['asset']));
          expect(total.assets.elimination).toBe(0 - of(eliminated, ['asset']));
          expect(total.liabilities.elimination).toBe(of(eliminated, ['liability']));
          expect(total.equity.elimination).toBe(of(eliminated, ['equity', 'revenue', 'expense']));
          expect([total.difference, total.balanced]).toEqual([0, true]);
        }
        const balance = await trial(query);
        for (const { currency, eliminated_debits, eliminated_credits, balanced } of balance.totals) {
          const debits = eliminated
            .filter((line) => line.currency === currency)
            .reduce((sum, { debit }) => sum + debit, 0);
          expect([eliminated_debits, eliminated_credits, balanced]).toEqual([debits, debits, true]);
        }
        expect(report.intercompany.every(({ difference }) => difference === 0)).toBe(true);
      }
      await fold(books);
    }
    expect(lines.some(({ counterparty }) => orgBooks.includes(counterparty ?? ''))).toBe(true);
  });

  test('leaves only what the group earned and spent outside itself in its income', async () => {
    const [from, to] = ['2026-01-01', '2026-06-30'];
    const report = await income(`${group()}&from=${from}&to=${to}`);
    for (const { currency, revenue, net_income } of report.totals) {
      const own = lines.filter(
        (line) => orgBooks.includes(line.book_id) && line.currency === currency && line.day >= from && line.day <= to,
      );
      const outside = own.filter(({ counterparty }) => !orgBooks.includes(counterparty ?? ''));
      expect(revenue.before).toBe(0 - netOf(own.filter(ofType(['revenue']))));
      expect(revenue.amount).toBe(0 - netOf(outside.filter(ofType(['revenue']))));
      expect(net_income.before).toBe(0 - netOf(own.filter(ofType(['revenue', 'expense']))));
    }
  });

  test('says where the books of the group do not agree about each other', async () => {
    const both = { from: books.party.merchant, to: books.party.org, amount: { amount: 4_200, currency: 'USD' } };
    await books.tenant.arrange(`UPDATE books SET closed_through = '2026-07-31' WHERE id = $1`, [books.book.merchant]);
    const late = await books.owner.post('/api/transactions', {
      type: 'transfer',
      ...both,
      effective_date: '2026-07-10',
      on_closed_period: 'next_open',
    });
    expect(late.status, late.text).toBe(201);
    const report = await sheet(`${group()}&at=2026-07-31`);
    const total = report.totals.find(({ currency }) => currency === 'USD');
    expect([Math.abs(total?.difference ?? 0), total?.balanced]).toEqual([4_200, false]);
    expect(report.intercompany.find(({ currency }) => currency === 'USD')).toMatchObject({
      difference: expect.toSatisfy((value: number) => Math.abs(value) === 4_200),
    });
    expect((await sheet(`${group()}&at=2026-08-01`)).totals.every(({ balanced }) => balanced)).toBe(true);
    expect((await sheet(`book_id=${books.book.merchant}&at=2026-07-31`)).final).toBe(true);
    expect((await sheet(`${group()}&at=2026-07-31`)).final).toBe(false);
  });
});

describe('integrity and the dashboard', () => {
  test('add up every line and the revenue of thirty days, before and after a fold', async () => {
    await books.post([
      { account_id: books.account('tenant', 'cash'), side: 'debit', amount: 77 },
      { account_id: books.account('tenant', 'revenue'), side: 'credit', amount: 77 },
    ]);
    const sides = await books.tenant.rows(
      `SELECT book_id, currency, sum(amount) FILTER (WHERE side = 'debit')::text AS debits,
         sum(amount) FILTER (WHERE side = 'credit')::text AS credits FROM transaction_lines GROUP BY 1, 2`,
    );
    const revenue = await books.tenant.rows(
      `SELECT l.currency, sum(CASE side WHEN 'credit' THEN amount ELSE -amount END)::text AS amount
       FROM transaction_lines l JOIN accounts a ON a.id = l.account_id AND a.type = 'revenue'
       WHERE l.kind IN ('post', 'reversal') AND l.effective_date > current_date - 30 AND l.effective_date <= current_date
       GROUP BY 1 ORDER BY 1`,
    );
    for (let pass = 0; pass < 2; pass += 1) {
      const integrity = await read<{ balanced: boolean; books: Record<string, unknown>[] }>('/api/ledger/integrity');
      expect(integrity.balanced).toBe(true);
      for (const { book_id, currency, debits, credits } of sides) {
        const row = integrity.books.find((each) => each.book_id === book_id && each.currency === currency);
        expect(row).toMatchObject({ debits: Number(debits), credits: Number(credits), difference: 0 });
      }
      const overview = await read<{ revenue_last_30_days: unknown }>('/api/overview');
      expect(overview.revenue_last_30_days).toEqual(
        revenue.map(({ currency, amount }) => ({ currency, amount: Number(amount) })),
      );
      await fold(books);
    }
  });
});

describe('readers', () => {
  test('see only the books in their scope; a MerchantOrg is consolidated only for who may see all of it', async () => {
    const org = books.tenant.as(
      await books.tenant.createKey({ role: 'owner', merchant_org_id: String(books.party.org.id) }),
    );
    const merchant = books.tenant.as(
      await books.tenant.createKey({ role: 'owner', merchant_id: String(books.party.merchant.id) }),
    );
    for (const report of ['trial-balance', 'balance-sheet', 'income-statement']) {
      const path = `/api/reports/${report}`;
      const refused = [
        await org.get(`${path}?book_id=${books.book.tenant}`),
        await org.get(`${path}?book_id=${books.book.otherMerchant}`),
        await org.get(`${path}?merchant_org_id=${books.party.otherOrg.id}`),
        await merchant.get(`${path}?merchant_org_id=${books.party.org.id}`),
        await merchant.get(`${path}?book_id=${books.book.org}`),
        await books.owner.get(`${path}?book_id=${missing}`),
        await books.owner.get(`${path}?merchant_org_id=${missing}`),
      ];
      for (const answer of refused) expectProblem(answer, 404, 'not_found');
      const own = await read<TrialBalance>(path, merchant);
      expect(own.books.map(({ book_id }) => book_id)).toEqual([books.book.merchant]);
      expect((await read<TrialBalance>(path, org)).books[0]?.book_id).toBe(books.book.org);
      expect((await read<TrialBalance>(`${path}?merchant_org_id=${books.party.org.id}`, org)).books).toHaveLength(2);
      expect((await read<TrialBalance>(path)).books[0]?.book_id).toBe(books.book.tenant);
    }
  });

  test('are told what is wrong with what they ask', async () => {
    const [at, day] = ['2026-01-01T00:00:00Z', '2026-01-01'];
    const both = `book_id=${books.book.org}&merchant_org_id=${books.party.org.id}`;
    for (const [query, field] of [
      [`trial-balance?at=${at}&axis=effective`, 'at'],
      [`trial-balance?at=${day}&axis=recorded`, 'at'],
      ['trial-balance?at=2026-02-30', 'at'],
      ['trial-balance?axis=other', 'axis'],
      [`trial-balance?${both}`, 'merchant_org_id'],
      [`balance-sheet?merchant_org_id=${books.party.org.id}&at=${at}`, 'axis'],
      [`income-statement?from=${at}&to=${day}`, 'to'],
      [`income-statement?from=${at}`, 'to'],
      ['income-statement?from=2026-02-01&to=2026-01-01', 'from'],
      ['income-statement?at=2026-02-01', 'at'],
    ] as const) {
      const refused = await books.owner.get(`/api/reports/${query}`);
      expectProblem(refused, 422, 'invalid');
      expect([query, Object.keys(refused.body.errors)]).toEqual([query, [field]]);
    }
    expect((await books.owner.get('/api/reports/income-statement?from=1900-01-01&to=9999-12-31')).status).toBe(200);
  });
});
