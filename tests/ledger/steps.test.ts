import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Journal } from '../../server/contexts/transaction-journal/schemas.ts';
import { expectProblem } from '../support/door.ts';
import { type Books, credit, debit, openBooks } from './books.ts';

let books: Books;
let till: string;
let sales: string;

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books?.site.stop());

let accounts = 0;
async function open(type: string, limits: object = {}): Promise<string> {
  accounts += 1;
  const body = { code: `S${accounts}`, name: 'Step', type, currency: 'USD', ...limits };
  const opened = await books.owner.post('/api/accounts', body);
  expect(opened.status, opened.text).toBe(201);
  return opened.body.id;
}
beforeEach(async () => {
  till = await open('asset');
  sales = await open('revenue');
});

const hold = async (amount: number, more: object = {}) =>
  (await books.post([debit(till, amount), credit(sales, amount)], { status: 'pending', ...more })).body.id as string;
const step = (id: string, name: string, body: object = {}) => books.owner.post(`/api/transactions/${id}/${name}`, body);
const balance = async (id: string) => {
  const { debits, credits, pending_debits, pending_credits } = (await books.owner.get(`/api/accounts/${id}/balance`))
    .body;
  return [debits, credits, pending_debits, pending_credits];
};

describe('a hold', () => {
  test('is pending and no part of the balance', async () => {
    const id = await hold(500);
    const { status, journals } = (await books.owner.get(`/api/transactions/${id}`)).body;
    expect([status, journals.map(({ kind }: { kind: string }) => kind)]).toEqual(['pending', ['hold']]);
    expect([await balance(till), await balance(sales)]).toEqual([
      [0, 0, 500, 0],
      [0, 0, 0, 500],
    ]);
  });

  test('is posted whole', async () => {
    const posted = await step(await hold(500), 'post');
    expect([posted.status, posted.body.status, posted.body.posted_amount]).toEqual([200, 'posted', 500]);
    expect(posted.body.journals.map(({ kind }: { kind: string }) => kind)).toEqual(['hold', 'release', 'post']);
    expect([await balance(till), await balance(sales)]).toEqual([
      [500, 0, 0, 0],
      [0, 500, 0, 0],
    ]);
  });

  test('is posted in part, and the rest is released', async () => {
    const posted = await step(await hold(500), 'post', { amount: 201 });
    expect([posted.body.status, posted.body.posted_amount]).toEqual(['posted', 201]);
    expect([await balance(till), await balance(sales)]).toEqual([
      [201, 0, 0, 0],
      [0, 201, 0, 0],
    ]);
  });

  test('of several lines is posted in parts that round alike on both sides', async () => {
    const more = await open('liability');
    const lines = [debit(till, 100), debit(more, 233), credit(sales, 111), credit(sales, 111), credit(sales, 111)];
    const held = await books.post(lines, { status: 'pending' });
    const posted = await step(held.body.id, 'post', { amount: 100 });
    const post = posted.body.journals.at(-1) as unknown as Journal;
    const sum = (side: string) =>
      post.lines.filter((line) => line.side === side).reduce((total, line) => total + line.amount, 0);
    expect([sum('debit'), sum('credit')]).toEqual([100, 100]);
  });

  test('is voided', async () => {
    const voided = await step(await hold(500), 'void', { reason: 'Gone' });
    expect([voided.status, voided.body.status, voided.body.reason]).toEqual([200, 'voided', 'Gone']);
    expect([await balance(till), await balance(sales)]).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  test('expires by itself', async () => {
    const id = await hold(500, { expires_at: '2026-01-01T00:00:00Z' });
    const lasting = await hold(500, { expires_at: '2100-01-01T00:00:00Z' });
    await books.tenant.arrange(
      `UPDATE jobs SET run_at = now() WHERE operation = 'transaction.expire' AND run_at < '2099-01-01'`,
    );
    await books.tenant.home.runJobs();
    expect((await books.owner.get(`/api/transactions/${id}`)).body).toMatchObject({
      status: 'voided',
      reason: 'expired',
    });
    expect((await books.owner.get(`/api/transactions/${lasting}`)).body.status).toBe('pending');
  });

  test('that somebody is at when it expires is tried again at once', async () => {
    const id = await hold(500, { expires_at: '2026-01-01T00:00:00Z' });
    const { database, record } = books.tenant;
    const busy = await database.connect();
    await busy.query('BEGIN');
    await busy.query(`SELECT FROM ${record.schema}.transactions WHERE id = $1 FOR UPDATE`, [id]);
    expect(await books.tenant.rows('SELECT expire_holds() AS n')).toEqual([{ n: 0 }]);
    await busy.query('ROLLBACK');
    await busy.end();
    expect((await books.owner.get(`/api/transactions/${id}`)).body.status).toBe('pending');
    const due = `operation = 'transaction.expire' AND state = 'queued' AND run_at < now() + interval '2 seconds'`;
    await books.tenant.arrange(`UPDATE jobs SET run_at = now() WHERE ${due}`);
    await books.tenant.home.runJobs();
    expect((await books.owner.get(`/api/transactions/${id}`)).body.status).toBe('voided');
    expect(await books.tenant.rows(`SELECT FROM jobs WHERE ${due}`)).toEqual([]);
  });

  test('counts against limits whichever way it ends', async () => {
    const purse = await open('asset', { minimum_balance: 0, maximum_balance: 1000 });
    expect((await books.post([debit(purse, 600), credit(sales, 600)])).status).toBe(201);
    const out = [credit(purse, 400), debit(sales, 400)];
    const held = await books.post(out, { status: 'pending' });
    expect(held.status).toBe(201);
    expectProblem(await books.post([credit(purse, 201), debit(sales, 201)]), 422, 'limit_exceeded');
    expectProblem(await books.post([debit(purse, 401), credit(sales, 401)]), 422, 'limit_exceeded');
    await step(held.body.id, 'void');
    expect((await books.post([credit(purse, 201), debit(sales, 201)])).status).toBe(201);
    expect(await balance(purse)).toEqual([600, 201, 0, 0]);
  });
});

describe('what is posted', () => {
  test('is reversed by a journal, and stays to be seen', async () => {
    const posted = await books.post([debit(till, 70), credit(sales, 70)], { effective_date: '2026-03-01' });
    const reversed = await step(posted.body.id, 'reverse', { reason: 'Typed wrong', effective_date: '2026-03-02' });
    expect([reversed.status, reversed.body.status, reversed.body.reason]).toEqual([200, 'reversed', 'Typed wrong']);
    expect(reversed.body.journals.map((each: object) => each)).toMatchObject([
      { kind: 'post', effective_date: '2026-03-01' },
      {
        kind: 'reversal',
        effective_date: '2026-03-02',
        lines: [
          { account_id: till, side: 'credit' },
          { account_id: sales, side: 'debit' },
        ],
      },
    ]);
    expect(await balance(till)).toEqual([70, 70, 0, 0]);
  });

  test('every further step is refused by name', async () => {
    const posted = (await books.post([debit(till, 1), credit(sales, 1)])).body.id;
    expectProblem(await step(posted, 'post'), 409, 'already_posted');
    expectProblem(await step(posted, 'void'), 409, 'already_posted');
    await step(posted, 'reverse', { reason: 'Once' });
    for (const name of ['post', 'void']) expectProblem(await step(posted, name), 409, 'already_reversed');
    expectProblem(await step(posted, 'reverse', { reason: 'Twice' }), 409, 'already_reversed');
    const held = await hold(9);
    expectProblem(await step(held, 'reverse', { reason: 'Too early' }), 409, 'not_posted');
    for (const amount of [10, 9_999_999_999_999])
      expectProblem(await step(held, 'post', { amount }), 422, 'amount_out_of_range');
    await step(held, 'void');
    for (const name of ['post', 'void']) expectProblem(await step(held, name), 409, 'already_voided');
  });

  test('of eight callers who post, void and reverse at once, each step succeeds once', async () => {
    const held = await hold(50);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => step(held, index % 2 ? 'post' : 'void')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect([status, body.code]).toEqual([409, expect.stringMatching(/^already_(posted|voided)$/)]);
    }
    const posted = (await books.post([debit(till, 5), credit(sales, 5)])).body.id;
    const reversals = await Promise.all(Array.from({ length: 8 }, () => step(posted, 'reverse', { reason: 'Race' })));
    expect(reversals.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('a step is replayed with its key', async () => {
    const held = await hold(50);
    const post = () =>
      books.owner.post(`/api/transactions/${held}/post`, { amount: 20 }, { 'idempotency-key': `post-${held}` });
    const first = await post();
    const second = await post();
    expect([second.status, second.body, second.headers.get('idempotent-replayed')]).toEqual([200, first.body, 'true']);
  });
});

describe('a cause', () => {
  test('is told with what follows from it, and must exist', async () => {
    const first = (await books.post([debit(till, 1), credit(sales, 1)])).body.id;
    const next = await books.post([debit(till, 1), credit(sales, 1)], { caused_by: first });
    expect([next.status, next.body.caused_by]).toEqual([201, first]);
    const orphan = await books.post([debit(till, 1), credit(sales, 1)], { caused_by: crypto.randomUUID() });
    expectProblem(orphan, 422, 'invalid');
    expect(orphan.body.errors).toEqual({ caused_by: ['is not a transaction that you may see'] });
  });
});

describe('a preview', () => {
  test('tells the balances afterwards, and keeps nothing', async () => {
    await books.post([debit(till, 100), credit(sales, 100)]);
    const before = await books.tenant.contents();
    const lines = [credit(till, 30), debit(sales, 30)];
    const seen = await books.owner.post('/api/transactions/preview', { description: 'What if', lines });
    expect(seen.status, seen.text).toBe(200);
    expect(seen.body.journals).toHaveLength(1);
    expect(seen.body.balances).toMatchObject([
      { account_id: till, debits: 100, credits: 30, balance: 70 },
      { account_id: sales, debits: 30, credits: 100, balance: -70 },
    ]);
    expect(await books.tenant.contents()).toEqual(before);
  });

  test('is refused like the posting itself', async () => {
    const lines = [credit(till, 30), debit(sales, 31)];
    expectProblem(
      await books.owner.post('/api/transactions/preview', { description: 'What if', lines }),
      422,
      'unbalanced',
    );
  });
});
