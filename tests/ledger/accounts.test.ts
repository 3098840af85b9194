import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/door.ts';
import { type Books, credit, debit, openBooks } from './books.ts';

let books: Books;
let equity: string;

beforeAll(async () => {
  books = await openBooks();
  equity = books.account('tenant', 'equity');
});
afterAll(() => books?.site.stop());

let count = 0;
async function newAccount(type = 'asset', more: object = {}): Promise<string> {
  count += 1;
  const body = { code: `T${count}`, name: `Till ${count}`, type, currency: 'USD', ...more };
  const created = await books.owner.post('/api/accounts', body);
  expect(created.status, created.text).toBe(201);
  return created.body.id;
}
const path = (id: string, verb = '') => `/api/accounts/${id}${verb}`;
const fill = (id: string, amount: number, more = {}) => books.post([debit(id, amount), credit(equity, amount)], more);

describe('changing an account', () => {
  test('a name changes, the limits stay, and a stale version changes nothing', async () => {
    const id = await newAccount('asset', { minimum_balance: 0 });
    const etag = (await books.owner.get(path(id))).headers.get('etag')!;
    const changed = await books.owner.patch(path(id), { name: 'Front desk' }, { 'if-match': etag });
    expect(changed.body).toMatchObject({ name: 'Front desk', minimum_balance: 0, maximum_balance: null });
    expectProblem(await books.owner.patch(path(id), { name: 'Late' }, { 'if-match': etag }), 412, 'stale');
    expectProblem(await books.owner.patch(path(id), { maximum_balance: 1 }, { 'if-match': etag }), 412, 'stale');
    expect((await books.owner.get(path(id))).body).toEqual(changed.body);
  });

  test('a limit that is set holds for what is posted next, and is lifted by null', async () => {
    const id = await newAccount();
    await fill(id, 100);
    expect((await books.owner.patch(path(id), { maximum_balance: 150, minimum_balance: 50 })).status).toBe(200);
    expectProblem(await fill(id, 51), 422, 'limit_exceeded');
    expectProblem(await books.post([debit(equity, 51), credit(id, 51)]), 422, 'limit_exceeded');
    expect((await fill(id, 50)).status).toBe(201);
    const lifted = await books.owner.patch(path(id), { maximum_balance: null });
    expect(lifted.body).toMatchObject({ minimum_balance: 50, maximum_balance: null });
    expect((await fill(id, 1_000)).status).toBe(201);
    await books.owner.patch(path(id), { minimum_balance: null });
    expect((await books.post([debit(equity, 5_000), credit(id, 5_000)])).status).toBe(201);
  });

  test('limits are on the normal side of the account', async () => {
    const id = await newAccount('liability');
    await books.post([debit(equity, 100), credit(id, 100)]);
    expectProblem(await books.owner.patch(path(id), { minimum_balance: 101 }), 422, 'limit_exceeded');
    expect((await books.owner.patch(path(id), { minimum_balance: 100 })).status).toBe(200);
  });

  test('a limit that the balance breaks, also through what is pending, is refused and nothing is kept', async () => {
    const id = await newAccount();
    await fill(id, 100);
    await fill(id, 100, { status: 'pending' });
    const before = await books.tenant.contents();
    for (const limits of [{ minimum_balance: 101 }, { maximum_balance: 199 }, { maximum_balance: 99, name: 'Kept?' }]) {
      expectProblem(await books.owner.patch(path(id), limits), 422, 'limit_exceeded');
    }
    const crossed = await books.owner.patch(path(id), { minimum_balance: 150, maximum_balance: 120 });
    expectProblem(crossed, 422, 'invalid');
    expect(crossed.body.errors).toEqual({ minimum_balance: ['must not be above the maximum'] });
    expect(await books.tenant.contents()).toEqual(before);
    expect((await books.owner.patch(path(id), { maximum_balance: 200 })).status).toBe(200);
  });

  test('a new account cannot have its limits crossed either', async () => {
    const body = { code: 'X1', name: 'X', type: 'asset', currency: 'USD', minimum_balance: 5, maximum_balance: 4 };
    expectProblem(await books.owner.post('/api/accounts', body), 422, 'invalid');
  });

  test('a replay changes nothing and answers the same', async () => {
    const id = await newAccount();
    const key = { 'idempotency-key': 'limit-once' };
    const first = await books.owner.patch(path(id), { maximum_balance: 10 }, key);
    await books.owner.patch(path(id), { maximum_balance: 20 });
    const again = await books.owner.patch(path(id), { maximum_balance: 10 }, key);
    expect([again.status, again.text]).toEqual([200, first.text]);
    expect((await books.owner.get(path(id))).body.maximum_balance).toBe(20);
  });
});

describe('closing an account', () => {
  test('one that holds something, or has something pending, stays open and says what it holds', async () => {
    const id = await newAccount();
    await fill(id, 100);
    const full = await books.owner.post(path(id, '/close'), {});
    expectProblem(full, 409, 'account_not_empty');
    expect(full.body).toMatchObject({ debits: 100, credits: 0, balance: 100, currency: 'USD', pending_debits: 0 });
    await books.post([debit(equity, 100), credit(id, 100)]);
    const hold = await fill(id, 40, { status: 'pending' });
    const pending = await books.owner.post(path(id, '/close'), {});
    expectProblem(pending, 409, 'account_not_empty');
    expect(pending.body).toMatchObject({ balance: 0, pending_debits: 40 });
    await books.owner.post(`/api/transactions/${hold.body.id}/void`, {});
    expect((await books.owner.post(path(id, '/close'), {})).body.status).toBe('closed');
  });

  test('a closed account takes no line, alone or in a batch, until it is reopened', async () => {
    const id = await newAccount();
    const closed = await books.owner.post(path(id, '/close'), {});
    expect([closed.status, closed.body.status]).toEqual([200, 'closed']);
    const refused = await fill(id, 5);
    expectProblem(refused, 422, 'account_closed');
    expect(refused.body.account_ids).toEqual([id]);
    const entry = { description: 'Fine', lines: [debit(equity, 1), credit(equity, 1)] };
    const bad = { description: 'Closed', lines: [debit(id, 1), credit(equity, 1)] };
    const batch = await books.owner.post('/api/transactions/batch', { transactions: [entry, bad, entry] });
    expectProblem(batch, 422, 'account_closed');
    expect(batch.body).toMatchObject({ index: 1, account_ids: [id] });
    expectProblem(await books.owner.post(path(id, '/close'), {}), 409, 'conflict');
    expect((await books.owner.post(path(id, '/reopen'), {})).body.status).toBe('open');
    expectProblem(await books.owner.post(path(id, '/reopen'), {}), 409, 'conflict');
    expect((await fill(id, 5)).status).toBe(201);
  });

  test('what an account got before it was closed is not reversed onto it', async () => {
    const id = await newAccount();
    const posted = await fill(id, 100);
    await books.post([debit(equity, 100), credit(id, 100)]);
    await books.owner.post(path(id, '/close'), {});
    const reversal = await books.owner.post(`/api/transactions/${posted.body.id}/reverse`, { reason: 'Wrong' });
    expectProblem(reversal, 422, 'account_closed');
  });

  test('the chart is listed by status', async () => {
    const id = await newAccount();
    await books.owner.post(path(id, '/close'), {});
    const closed = (await books.owner.get('/api/accounts?status=closed&limit=200')).body.data;
    expect(closed.map((each) => each.id)).toContain(id);
    expect(new Set(closed.map((each) => each.status))).toEqual(new Set(['closed']));
  });
});

describe('closing books', () => {
  const bookPath = (verb: string) => `/api/books/${books.book.merchant}/${verb}`;

  test('books that hold money, debts or pending amounts stay open; what was earned may stay in them', async () => {
    const cash = books.account('merchant', 'cash');
    const revenue = books.account('merchant', 'revenue');
    await books.post([debit(cash, 100), credit(revenue, 100)]);
    const full = await books.owner.post(bookPath('close'), { reason: 'Sold' });
    expectProblem(full, 409, 'book_not_empty');
    expect(full.body.accounts).toMatchObject([{ account_id: cash, balance: 100, currency: 'USD' }]);
    await books.post([debit(books.account('merchant', 'equity'), 100), credit(cash, 100)]);
    const hold = await books.post([debit(cash, 7), credit(revenue, 7)], { status: 'pending' });
    expectProblem(await books.owner.post(bookPath('close'), { reason: 'Sold' }), 409, 'book_not_empty');
    await books.owner.post(`/api/transactions/${hold.body.id}/void`, {});
    const closed = await books.owner.post(bookPath('close'), { reason: 'Sold' });
    expect(closed.body).toMatchObject({ id: books.book.merchant, status: 'closed', closed_through: null });
  });

  test('closed books take no line, no account and no change of one', async () => {
    const cash = books.account('merchant', 'cash');
    const lines = [debit(cash, 1), credit(books.account('merchant', 'revenue'), 1)];
    const refused = await books.post(lines);
    expectProblem(refused, 422, 'book_closed');
    expect(refused.body.book_id).toBe(books.book.merchant);
    const fine = { description: 'Fine', lines: [debit(equity, 1), credit(equity, 1)] };
    const batch = await books.owner.post('/api/transactions/batch', {
      transactions: [fine, fine, { description: 'No', lines }],
    });
    expectProblem(batch, 422, 'book_closed');
    expect(batch.body.index).toBe(2);
    const account = {
      code: 'N',
      name: 'New',
      type: 'asset',
      currency: 'USD',
      book_id: books.book.merchant,
    };
    expectProblem(await books.owner.post('/api/accounts', account), 422, 'book_closed');
    expectProblem(await books.owner.patch(path(cash), { minimum_balance: 0 }), 422, 'book_closed');
    expectProblem(await books.owner.post(path(cash, '/close'), {}), 422, 'book_closed');
    const listed = (await books.owner.get('/api/books?status=closed')).body.data;
    expect(listed.map((each) => each.id)).toEqual([books.book.merchant]);
  });

  test('they open again, and neither is done twice', async () => {
    expectProblem(await books.owner.post(bookPath('close'), { reason: 'Again' }), 409, 'conflict');
    expect((await books.owner.post(bookPath('reopen'), { reason: 'Bought back' })).body.status).toBe('open');
    expectProblem(await books.owner.post(bookPath('reopen'), { reason: 'Again' }), 409, 'conflict');
    expectProblem(await books.owner.post(bookPath('close'), {}), 422, 'invalid');
  });

  test("the platform's own books stay open", async () => {
    const refused = await books.owner.post(`/api/books/${books.book.tenant}/close`, { reason: 'No' });
    expectProblem(refused, 409, 'conflict');
  });
});
