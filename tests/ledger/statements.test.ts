import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountStatement, StatementLine } from '../../server/contexts/account-statement/schemas.ts';
import type { Chart } from '../../server/contexts/chart/schemas.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { type Books, openBooks } from './books.ts';
import { fold, netOf, postAnyMix, type Written, writtenLines } from './reports.ts';

let books: Books;
let lines: Written[];

beforeAll(async () => {
  books = await openBooks();
  await postAnyMix(books, 120, 11);
  lines = await writtenLines(books);
});
afterAll(() => books?.site.stop());

async function page(account: string, query: string, caller: Client = books.owner): Promise<AccountStatement> {
  const answer = await caller.get(`/api/accounts/${account}/statement?${query}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as unknown as AccountStatement;
}

/** All pages, each continuing where the one before ended. */
async function whole(account: string, query: string): Promise<{ first: AccountStatement; data: StatementLine[] }> {
  const first = await page(account, query);
  const data = [...first.data];
  let balance = data.at(-1)?.balance ?? first.opening_balance;
  for (let next = first.next_cursor; next; ) {
    const following = await page(account, `${query}&cursor=${next}`);
    expect(following.brought_forward).toBe(balance);
    expect(following.closing_balance).toBe(first.closing_balance);
    data.push(...following.data);
    balance = data.at(-1)!.balance;
    next = following.next_cursor;
  }
  expect(balance).toBe(first.closing_balance);
  return { first, data };
}

const accounts = () => [
  books.account('merchant', 'cash'),
  books.account('org', 'due_from_related'),
  books.account('tenant', 'revenue'),
];

describe('a statement', () => {
  test('by day holds every posted line of the period once, with the balance after it, before and after a fold', async () => {
    for (let pass = 0; pass < 2; pass += 1) {
      for (const account of accounts()) {
        const own = lines.filter((line) => line.account_id === account);
        for (const [from, to] of [
          ['2026-02-10', '2026-04-05'],
          ['2026-03-01', '2026-03-01'],
          [null, '2026-03-15'],
          ['2026-02-01', null],
          [null, null],
        ] as const) {
          const period = `${from ? `&from=${from}` : ''}${to ? `&to=${to}` : ''}`;
          const { first, data } = await whole(account, `limit=4${period}`);
          const within = own.filter((line) => line.day >= (from ?? '') && line.day <= (to ?? '9'));
          expect(first).toMatchObject({ axis: 'effective', from, to, final: false });
          expect(first.opening_balance).toBe(netOf(own.filter((line) => line.day < (from ?? ''))));
          expect([first.debits, first.credits]).toEqual([
            within.reduce((sum, { debit }) => sum + debit, 0),
            within.reduce((sum, { credit }) => sum + credit, 0),
          ]);
          expect(data.map((line) => line.effective_date)).toEqual(within.map(({ day }) => day).sort());
          expect(new Set(data.map((line) => `${line.journal_id} ${line.position}`)).size).toBe(within.length);
          data.reduce((balance, line) => {
            expect(line.balance).toBe(balance + (line.side === 'debit' ? line.amount : -line.amount));
            return line.balance;
          }, first.opening_balance);
        }
      }
      await fold(books);
    }
  });

  test('as recorded holds what was recorded between two instants, whatever its date', async () => {
    const instants = [...new Set(lines.map((line) => line.recorded_at))].sort();
    for (const account of accounts()) {
      const own = lines.filter((line) => line.account_id === account);
      for (const [from, to] of [
        [instants[10]!, instants[50]!],
        [null, instants[30]!],
        [instants[40]!, null],
      ] as const) {
        const period = `${from ? `&from=${from}` : ''}${to ? `&to=${to}` : ''}&axis=recorded`;
        const { first, data } = await whole(account, `limit=3${period}`);
        const within = own.filter((line) => line.recorded_at > (from ?? '') && line.recorded_at <= (to ?? '9'));
        expect(first.axis).toBe('recorded');
        expect(data.map((line) => line.recorded_at)).toEqual(within.map((line) => line.recorded_at).sort());
        expect(first.opening_balance).toBe(netOf(own.filter((line) => line.recorded_at <= (from ?? ''))));
      }
    }
  });

  test('counts what is backdated while its pages are turned', async () => {
    const account = books.account('merchant', 'cash');
    const first = await page(account, 'limit=2');
    const lines = [
      { account_id: account, side: 'debit' as const, amount: 900 },
      { account_id: books.account('merchant', 'equity'), side: 'credit' as const, amount: 900 },
    ];
    expect((await books.post(lines, { effective_date: '2025-06-01' })).status).toBe(201);
    const second = await page(account, `limit=200&cursor=${first.next_cursor}`);
    expect(second.brought_forward).toBe(first.data.at(-1)!.balance + 900);
    expect(second.data.at(-1)!.balance).toBe(second.closing_balance);
  });

  test('streams whole as CSV and NDJSON', async () => {
    const account = books.account('merchant', 'cash');
    const { data } = await page(account, 'limit=200');
    const ndjson = await books.owner.get(`/api/accounts/${account}/statement?format=ndjson`);
    expect(
      ndjson.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(data);
    const csv = await books.owner.get(`/api/accounts/${account}/statement?format=csv&from=2026-02-01`);
    expect(csv.text.split('\r\n')[0]).toContain('journal_id,position,transaction_id');
  });

  test('names a counterparty only to who may see its books', async () => {
    const amount = { amount: 5, currency: 'USD' };
    const { org, tenant } = books.party;
    await books.owner.post('/api/transactions', { type: 'commission', from: org, to: tenant, amount });
    const account = books.account('org', 'due_to_related');
    const scoped = books.tenant.as(await books.tenant.createKey({ role: 'owner', merchant_org_id: org.id }));
    const last = async (caller: Client) => (await page(account, 'limit=200', caller)).data.at(-1)!;
    expect((await last(books.owner)).counterparty).toBe(books.tenant.record.name);
    expect(await last(scoped)).toMatchObject({ counterparty: null, counterparty_book_id: books.book.tenant });
  });

  test('refuses cursors of other statements, and made-up ones', async () => {
    const [account, other] = accounts() as [string, string];
    const { next_cursor } = await page(account, 'limit=1');
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const id = '0190a0a0-0000-7000-8000-000000000000';
    for (const [of, query] of [
      [other, `cursor=${next_cursor}`],
      [account, `cursor=${next_cursor}&from=2026-01-01`],
      [account, `cursor=${next_cursor}&axis=recorded`],
      [account, `cursor=${encode([`statement ${account} effective `, '2026-02-31', 0, '1', id, 1, 0])}`],
      [account, `cursor=${encode([`statement ${account} effective `, '2026-02-01', 0, '-1', id, 1, 0])}`],
      [account, `cursor=${encode([`statement ${account} effective `, '2026-02-01', 0, '1', id, 1, 0.5])}`],
      [account, 'cursor=x'],
    ]) {
      expectProblem(await books.owner.get(`/api/accounts/${of}/statement?${query}`), 400, 'malformed');
    }
  });
});

describe('a chart of accounts', () => {
  const chart = async (book: string, caller: Client = books.owner) =>
    (await caller.get(`/api/books/${book}/chart`)).body as unknown as Chart;

  test('places accounts by type and code, with sums of their own and of all below them, per currency', async () => {
    const open = (code: string, currency = 'USD', type = 'asset') =>
      books.owner.post('/api/accounts', {
        code,
        name: `Account ${code}`,
        type,
        currency,
        book_id: books.book.merchant,
      });
    for (const code of ['1000.10', '10501', '1500', '1510', '1500.7', '15', 'X', 'X.1', 'X-2']) await open(code);
    await open('1510-EUR', 'EUR');
    await open('1520', 'USD', 'expense');
    const { data } = await chart(books.book.merchant);
    const byCode = new Map(data.map((node) => [node.code, node]));
    const byId = new Map(data.map((node) => [node.account_id, node]));
    const parent = (code: string) => byId.get(byCode.get(code)?.parent_id ?? '')?.code ?? null;
    for (const [code, above] of [
      ['1000', null],
      ['1050', '1000'],
      ['1000.10', '1000'],
      ['10501', '1050'],
      ['1100', null],
      ['15', null],
      ['1500', '15'],
      ['1510', '1500'],
      ['1510-EUR', '1510'],
      ['1500.7', '1500'],
      ['1520', null],
      ['X', null],
      ['X.1', 'X'],
      ['X-2', 'X'],
    ] as const) {
      expect([code, parent(code)]).toEqual([code, above]);
    }
    for (const [index, node] of data.entries()) {
      const own = lines.filter((line) => line.account_id === node.account_id);
      const isTouchedLater = ['cash', 'equity'].some(
        (purpose) => node.account_id === books.account('merchant', purpose),
      );
      if (!isTouchedLater) expect([node.code, node.balance]).toEqual([node.code, netOf(own)]);
      if (node.parent_id) expect(data.findIndex(({ account_id }) => account_id === node.parent_id)).toBeLessThan(index);
      const below = data.filter((other) => {
        for (let at = byId.get(other.account_id); at; at = byId.get(at.parent_id ?? '')) if (at === node) return true;
        return false;
      });
      for (const { currency, balance, debits } of node.subtree) {
        const same = below.filter((other) => other.currency === currency);
        expect(balance).toBe(same.reduce((sum, other) => sum + other.balance, 0));
        expect(debits).toBe(same.reduce((sum, other) => sum + other.debits, 0));
      }
    }
    expect(byCode.get('1500')?.subtree.map(({ currency }) => currency)).toEqual(['USD', 'EUR']);
  });

  test('shows what is pending beside what is posted', async () => {
    const pending = books.account('otherMerchant', 'receivable');
    const hold = [
      { account_id: pending, side: 'debit' as const, amount: 31 },
      { account_id: books.account('otherMerchant', 'revenue'), side: 'credit' as const, amount: 31 },
    ];
    const before = (await chart(books.book.otherMerchant)).data.find(({ account_id }) => account_id === pending)!;
    await books.post(hold, { status: 'pending' });
    const after = (await chart(books.book.otherMerchant)).data.find(({ account_id }) => account_id === pending)!;
    expect(after.balance).toBe(before.balance);
    expect(after.pending_debits).toBe(before.pending_debits + 31);
  });
});
