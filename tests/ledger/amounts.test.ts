import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/door.ts';
import { type Books, credit, debit, openBooks } from './books.ts';

const LARGEST = 9_999_999_999_999;
let books: Books;
let cash: string;
let revenue: string;

beforeAll(async () => {
  books = await openBooks();
  cash = books.account('merchant', 'cash');
  revenue = books.account('merchant', 'revenue');
});
afterAll(() => books?.site.stop());

/** Sends an amount as it is written, since some are no JavaScript number. */
function send(amount: string, kind: 'raw' | 'typed') {
  const raw = {
    description: 'Entry',
    lines: [
      { account_id: cash, side: 'debit', amount: '@' },
      { account_id: revenue, side: 'credit', amount: '@' },
    ],
  };
  const { merchant, tenant } = books.party;
  const typed = { type: 'transfer', from: merchant, to: tenant, amount: { amount: '@', currency: 'USD' } };
  const body = JSON.stringify(kind === 'raw' ? raw : typed).replaceAll('"@"', amount);
  return books.owner.send('POST', '/api/transactions', { body, headers: { 'content-type': 'application/json' } });
}

describe.each(['raw', 'typed'] as const)('%s amounts', (kind) => {
  test.each([['1'], ['100.0'], ['1e3'], [String(LARGEST)]])('%s is posted', async (amount) => {
    const posted = await send(amount, kind);
    expect(posted.status, posted.text).toBe(201);
    expect(posted.body.journals[0]?.lines[0]?.amount).toBe(Number(amount));
  });

  test.each(['0', '-0', '-1', '0.5', '1.000001', '10000000000000', '9007199254740993', '1e300', '1e999', '-1e999'])(
    '%s is out of range, and nothing is written',
    async (amount) => {
      const before = await books.tenant.contents();
      const refused = await send(amount, kind);
      expectProblem(refused, 422, 'amount_out_of_range');
      const fields = kind === 'raw' ? ['lines.0.amount', 'lines.1.amount'] : ['amount.amount'];
      expect(Object.keys(refused.body.errors)).toEqual(fields);
      expect(await books.tenant.contents()).toEqual(before);
    },
  );

  test.each(['"1"', 'true', 'null', '[]', '{}', '"1e3"', '"NaN"'])(
    '%s is no number, and nothing is written',
    async (amount) => {
      const before = await books.tenant.contents();
      expectProblem(await send(amount, kind), 422, 'invalid');
      expect(await books.tenant.contents()).toEqual(before);
    },
  );
});

describe('sums beyond what JSON carries exactly', () => {
  test('are a named problem where they are asked for, and posting goes on', async () => {
    const half = Array.from({ length: 250 }, () => debit(cash, LARGEST));
    const lines = [...half, ...Array.from({ length: 250 }, () => credit(revenue, LARGEST))];
    for (let count = 0; count < 4; count += 1) expect((await books.post(lines)).status).toBe(201);
    expectProblem(await books.owner.get(`/api/accounts/${cash}/balance`), 422, 'amount_out_of_range');
    expectProblem(await books.owner.get('/api/ledger/integrity'), 422, 'amount_out_of_range');
    expect((await books.post([debit(cash, 1), credit(revenue, 1)])).status).toBe(201);
    expect((await books.owner.get('/api/transactions')).status).toBe(200);
    const unbalanced = await books.post([...half, ...half.slice(0, 100), credit(revenue, 1)]);
    expectProblem(unbalanced, 422, 'unbalanced');
    const tenantBooks = await books.tenant.rows(
      `SELECT sum(CASE side WHEN 'debit' THEN amount ELSE -amount END)::text AS difference FROM transaction_lines`,
    );
    expect(tenantBooks).toEqual([{ difference: '0' }]);
  });
});
