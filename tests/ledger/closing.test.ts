import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Client, clientOf, doorOf } from '../support/door.ts';
import { type Books, credit, debit, openBooks } from './books.ts';

const POSTERS = 8;
const ROUNDS = 25;
const PARTIES = ['tenant', 'org', 'merchant', 'otherOrg', 'otherMerchant'] as const;
const LAST_MONTH = 7;

let books: Books;
let posters: Client[];

beforeAll(async () => {
  books = await openBooks();
  const { origin, apiKey } = books.tenant;
  posters = Array.from({ length: POSTERS }, () => clientOf(doorOf(books.tenant.anotherHome(), origin), apiKey));
}, 60_000);
afterAll(() => books?.site.stop());

const choose = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;
const between = (low: number, high: number) => low + Math.floor(Math.random() * (high - low + 1));
const monthEnd = (month: number) => new Date(Date.UTC(2025, month, 0)).toISOString().slice(0, 10);

let last: Promise<unknown> = Promise.resolve();
/** Reads one after the other, for all share one connection. */
function rows(statement: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const next = last.then(() => books.tenant.rows(statement, values));
  last = next.catch(() => {});
  return next;
}

/** What a caller may be told while others close things under its hands. */
const REFUSALS = ['period_closed', 'account_closed', 'book_closed', 'limit_exceeded'];
const NOT_YET = ['period_not_ready', 'account_not_empty', 'book_not_empty', 'conflict', 'second_person_needed'];

function expectOutcome(answer: Answer, refusals: readonly string[]): void {
  if (answer.status < 300) return;
  expect(refusals, answer.text.slice(0, 300)).toContain(answer.body.code);
}

test('while periods, accounts and books close and limits appear, nothing slips through and nobody deadlocks', async () => {
  const tills: Record<string, string[]> = {};
  for (const party of PARTIES) {
    tills[party] = [];
    for (let count = 0; count < 3; count += 1) {
      const body = { code: `TILL${count}`, name: `Till ${count}`, type: 'asset', currency: 'USD' };
      const created = await books.owner.post('/api/accounts', { ...body, book_id: books.book[party] });
      tills[party].push(created.body.id);
    }
  }
  const pending: string[] = [];

  /** There and back in one or two books, in any order, so that the tills are often empty. */
  const entry = () => {
    const used = [choose(PARTIES), choose(PARTIES)];
    const lines = used.flatMap((party) => {
      const [first, second] = [choose(tills[party]!), books.account(party, 'revenue')];
      const amount = between(1, 20);
      return choose([true, false])
        ? [debit(first, amount), credit(second, amount)]
        : [credit(first, amount), debit(second, amount)];
    });
    return {
      description: 'Entry',
      lines,
      effective_date: `2025-${String(between(1, LAST_MONTH + 1)).padStart(2, '0')}-15`,
      ...(choose([true, false, false]) ? { on_closed_period: 'next_open' } : {}),
    };
  };

  const work = async (client: Client) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const dice = between(1, 10);
      if (dice <= 6) expectOutcome(await client.post('/api/transactions', entry()), REFUSALS);
      else if (dice === 7) {
        const transactions = Array.from({ length: between(2, 5) }, entry);
        expectOutcome(await client.post('/api/transactions/batch', { transactions }), REFUSALS);
      } else if (dice === 8) {
        const held = await client.post('/api/transactions', { ...entry(), status: 'pending' });
        expectOutcome(held, REFUSALS);
        if (held.status === 201) pending.push(held.body.id);
      } else {
        const id = pending.shift();
        const step = choose(['post', 'void', 'void']);
        const input = step === 'post' ? { on_closed_period: 'next_open' } : {};
        if (!id) continue;
        const answer = await client.post(`/api/transactions/${id}/${step}`, input);
        expectOutcome(answer, REFUSALS);
        if (answer.status !== 200) pending.push(id);
      }
    }
  };

  const closed = new ClosedThings();
  let isDone = false;
  /** Till it is told to stop, and once more with everything quiet. */
  const meanwhile = async (act: () => Promise<void>) => {
    while (!isDone) await act();
    await act();
  };
  const second = books.tenant.as(await books.tenant.createKey());
  const closings = { period: 0, account: 0, book: 0 };
  const closePeriods = async () => {
    for (let month = 1; month <= LAST_MONTH && !isDone; month += 1) {
      // Several at once, named in any order.
      const [first, ...others] = [...PARTIES].sort(() => Math.random() - 0.5).map((party) => books.book[party]);
      const body = { through: monthEnd(month), book_ids: others.slice(0, between(0, 4)) };
      const answer = await books.owner.post(`/api/books/${first}/close-period`, body);
      expectOutcome(answer, NOT_YET);
      if (answer.status !== 200) continue;
      closings.period += 1;
      for (const book of [first!, ...body.book_ids]) await closed.note('book_id', book, monthEnd(month));
    }
    if (choose([true, false])) return;
    const book = books.book[choose(PARTIES)];
    await closed.compare('book_id', book);
    const reopened = { through: choose([null, monthEnd(between(1, 4))]), reason: 'Once more' };
    const answer = await second.post(`/api/books/${book}/reopen-period`, reopened);
    expectOutcome(answer, NOT_YET);
    if (answer.status === 200) closed.forget(book);
  };
  const closeAccounts = async () => {
    const id = choose(tills[choose(PARTIES)]!);
    const answer = await books.owner.post(`/api/accounts/${id}/close`, {});
    expectOutcome(answer, [...NOT_YET, 'book_closed']);
    if (answer.status !== 200) return;
    closings.account += 1;
    await closed.note('account_id', id, 'infinity');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await closed.compare('account_id', id);
    closed.forget(id);
    const reopened = () => books.owner.post(`/api/accounts/${id}/reopen`, {});
    while ((await reopened()).body.code === 'book_closed') await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const closeBooks = async () => {
    // Only an empty one can be closed, and that is a matter of luck.
    for (const party of ['org', 'merchant', 'otherOrg'] as const) {
      const book = books.book[party];
      const answer = await books.owner.post(`/api/books/${book}/close`, { reason: 'Sold' });
      expectOutcome(answer, NOT_YET);
      if (answer.status === 200) return whileClosed(book);
    }
  };
  const whileClosed = async (book: string) => {
    closings.book += 1;
    const before = await closed.look('book_id', book, 'infinity');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await closed.look('book_id', book, 'infinity')).toEqual(before);
    await books.owner.post(`/api/books/${book}/reopen`, { reason: 'Bought back' });
  };
  const setLimits = async () => {
    const id = choose(tills[choose(PARTIES)]!);
    const limits = {
      minimum_balance: choose([null, -between(0, 60)]),
      maximum_balance: choose([null, between(0, 60)]),
    };
    expectOutcome(await books.owner.patch(`/api/accounts/${id}`, limits), ['limit_exceeded', 'book_closed']);
  };
  const fold = async () => {
    await rows('SELECT fold_ledger(50)');
  };

  const closers = Promise.all([closePeriods, closeAccounts, closeBooks, setLimits, fold].map(meanwhile));
  await Promise.all(posters.map(work));
  isDone = true;
  await closers;

  for (const book of PARTIES.map((party) => books.book[party])) await closed.compare('book_id', book);
  expect(await limitsBroken()).toEqual([]);
  const [counts] = await rows(`SELECT count(*)::integer AS journals FROM transaction_journals`);
  expect(Number(counts!.journals)).toBeGreaterThan(100);
  for (const [what, count] of Object.entries(closings)) expect([what, count > 0]).toEqual([what, true]);
  const { body } = await books.owner.get('/api/ledger/integrity');
  expect(body.balanced).toBe(true);
}, 120_000);

/** What was closed, and what it held then: that never changes while it is closed. */
class ClosedThings {
  readonly #seen = new Map<string, { through: string; held: unknown }>();

  async look(column: 'book_id' | 'account_id', id: string, through: string): Promise<unknown> {
    return rows(
      `SELECT account_id, count(*)::integer AS lines, sum(amount)::integer AS amount FROM transaction_lines
       WHERE ${column} = $1 AND effective_date <= $2::date GROUP BY account_id ORDER BY account_id`,
      [id, through],
    );
  }
  async note(column: 'book_id' | 'account_id', id: string, through: string): Promise<void> {
    await this.compare(column, id);
    this.#seen.set(id, { through, held: await this.look(column, id, through) });
  }
  async compare(column: 'book_id' | 'account_id', id: string): Promise<void> {
    const seen = this.#seen.get(id);
    if (seen) expect(await this.look(column, id, seen.through)).toEqual(seen.held);
  }
  forget(id: string): void {
    this.#seen.delete(id);
  }
}

/** Accounts whose lines say that a limit that is set is broken, or whose exact balance is not the sum of the lines. */
function limitsBroken() {
  return rows(`
    SELECT a.id, a.minimum_balance, a.maximum_balance, s.net
    FROM accounts a
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(n.debit - n.credit), 0) AS net, coalesce(sum(n.debit + n.pending_debit - n.credit), 0) AS highest,
        coalesce(sum(n.debit - n.credit - n.pending_credit), 0) AS lowest
      FROM line_effects n WHERE n.account_id = a.id) s
    JOIN limited_balances b ON b.account_id = a.id
    WHERE s.lowest < a.minimum_balance OR s.highest > a.maximum_balance OR s.net <> b.debits - b.credits`);
}
