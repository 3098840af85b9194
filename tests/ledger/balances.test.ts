import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { findWrongSums } from '../../scripts/prove/ledger/invariants.ts';
import { postCall } from '../../scripts/prove/ledger/rig.ts';
import { type Books, credit, debit, openBooks } from './books.ts';

let books: Books;
let admin: pg.Client;
let accounts: string[];
/** When something was recorded, as answered. */
let instants: string[];

beforeAll(async () => {
  books = await openBooks();
  admin = await books.site.database.connect();
  await admin.query(`SET search_path = ${books.tenant.record.schema}, pg_catalog`);
  accounts = (['tenant', 'merchant', 'org'] as const).flatMap((party) =>
    ['cash', 'revenue', 'payable'].map((purpose) => books.account(party, purpose)),
  );
});
beforeEach(() => {
  instants = [];
});
afterAll(async () => {
  await admin?.end();
  await books?.site.stop();
});

const fold = async (journals = 2000, linesPerMark = 64) =>
  (
    await admin.query<{ step: { folded: number; has_more: boolean } }>('SELECT fold_ledger($1, $2) AS step', [
      journals,
      linesPerMark,
    ])
  ).rows[0]!.step;

/** Folds all that was committed before, and counts the steps. */
async function foldAll(journals?: number, linesPerMark?: number, afterStep: () => Promise<void> = async () => {}) {
  await passHorizon(books.tenant.rows);
  const steps: number[] = [];
  for (let hasMore = true; hasMore; ) {
    const step = await fold(journals, linesPerMark);
    if (step.folded > 0) steps.push(step.folded);
    await afterStep();
    hasMore = step.has_more;
  }
  return steps;
}

/** The clock is noted every few seconds only; here it is noted at every fold. */
async function foldNoting(): Promise<void> {
  await admin.query('BEGIN');
  await admin.query('CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM ledger_ticks');
  await admin.query('DELETE FROM ledger_ticks');
  await fold(3, 2);
  await admin.query('INSERT INTO ledger_ticks SELECT * FROM kept');
  await admin.query('COMMIT');
}

const DAYS = ['2026-01-15', '2026-02-28', '2026-03-01', '2026-05-20'];

async function postSome(number: number): Promise<void> {
  const party = (['tenant', 'merchant', 'org'] as const)[number % 3]!;
  const [cash, other] = [books.account(party, 'cash'), books.account(party, number % 2 ? 'revenue' : 'payable')];
  const answer = await books.post([debit(cash, 1 + number), credit(other, 1 + number)], {
    effective_date: DAYS[number % DAYS.length],
    ...(number % 5 === 0 ? { status: 'pending' } : {}),
  });
  expect(answer.status, answer.text).toBe(201);
  instants.push(String(answer.body.recorded_at));
  if (number % 10 === 0)
    await books.owner.post(`/api/transactions/${answer.body.id}/post`, { amount: 1 + (number >> 1) });
  if (number % 15 === 5) await books.owner.post(`/api/transactions/${answer.body.id}/void`, {});
  if (number % 7 === 1)
    await books.owner.post(`/api/transactions/${answer.body.id}/reverse`, {
      reason: 'Wrong',
      effective_date: '2026-04-01',
    });
}

const wrongSums = () =>
  findWrongSums(admin, new Set(Object.values(books.book)), accounts, [...DAYS, '2026-12-31'], instants);
const tables = async () => {
  const contents = await books.tenant.contents();
  return ['account_totals', 'account_months', 'account_days', 'account_marks'].map((name) => contents[name]);
};

describe('folding', () => {
  test('while callers post, reverse and void leaves every balance exact, at any moment and of any instant', async () => {
    let isPosting = true;
    const folding = (async () => {
      while (isPosting) await foldNoting();
    })();
    // One snapshot at a time, what is told of a book balances, whatever is in flight.
    const reading = (async () => {
      const reader = await books.site.database.connect();
      await reader.query(`SET search_path = ${books.tenant.record.schema}, pg_catalog`);
      while (isPosting) {
        const { rows } = await reader.query(
          `SELECT a.book_id FROM sums_now(ARRAY(SELECT id FROM accounts)) s JOIN accounts a ON a.id = s.account_id
           GROUP BY a.book_id, a.currency
           HAVING sum(s.debits) <> sum(s.credits) OR sum(s.pending_debits) <> sum(s.pending_credits)`,
        );
        expect(rows).toEqual([]);
      }
      await reader.end();
    })();
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(Array.from({ length: 8 }, (_, caller) => postSome(round * 8 + caller)));
    }
    isPosting = false;
    await Promise.all([folding, reading]);
    expect(await wrongSums()).toEqual([]);
    await foldAll();
    expect(await wrongSums()).toEqual([]);
  });

  test('again changes nothing', async () => {
    await postSome(1);
    await foldAll();
    const before = await tables();
    expect(await foldAll()).toEqual([]);
    expect(await tables()).toEqual(before);
  });

  test('in small steps ends where one large step does', async () => {
    for (let number = 0; number < 12; number += 1) await postSome(number);
    const steps = await foldAll(2, 3, async () => expect(await wrongSums()).toEqual([]));
    expect(steps.length).toBeGreaterThan(3);
  });
});

describe('a posting that is written and not yet committed', () => {
  test('counts as soon as it commits: folds stop before it, and nothing of its time is final until then', async () => {
    await foldAll();
    const slow = await books.site.database.connectAs(books.tenant.record);
    const cash = books.account('tenant', 'cash');
    const call = postCall({ description: 'Slow', effective_date: '2026-05-20' }, [
      { entry: 1, account: cash, side: 'debit', amount: 777 },
      { entry: 1, account: books.account('tenant', 'revenue'), side: 'credit', amount: 777 },
    ]);
    await slow.query('BEGIN');
    const { rows } = await slow.query<{ answer: { body: string } }>(call.text, call.values(null, ''));
    const written = String(JSON.parse(rows[0]!.answer.body).recorded_at);
    const before = await books.balanceOf(cash);
    for (let number = 1; number < 5; number += 1) await postSome(number * 3);
    await foldNoting();
    await fold();
    const balanceAt = async (instant: string) =>
      (await books.owner.get(`/api/accounts/${cash}/balance?at=${instant}`)).body as unknown as {
        balance: number;
        final: boolean;
      };
    expect((await balanceAt(written)).final).toBe(false);
    expect(await wrongSums()).toEqual([]);
    const meanwhile = await books.balanceOf(cash);
    expect(meanwhile).not.toBe(before);
    await slow.query('COMMIT');
    await slow.end();
    instants.push(written);
    expect(await books.balanceOf(cash)).toBe(meanwhile + 777);
    expect(await wrongSums()).toEqual([]);
    await foldAll();
    expect(await wrongSums()).toEqual([]);
    await foldNoting();
    await passHorizon(books.tenant.rows);
    expect((await balanceAt(written)).final).toBe(true);
  });

  test('no matter how young its id is: what began last before a tick is found at its own instant', async () => {
    // Nothing has finished after it began, so that a snapshot's upper end lies at its id, not behind it.
    const slow = await books.site.database.connectAs(books.tenant.record);
    await slow.query('BEGIN');
    const call = postCall({ description: 'Young', effective_date: '2026-05-20' }, [
      { entry: 1, account: books.account('tenant', 'cash'), side: 'debit', amount: 5 },
      { entry: 1, account: books.account('tenant', 'revenue'), side: 'credit', amount: 5 },
    ]);
    const { rows } = await slow.query<{ answer: { body: string } }>(call.text, call.values(null, ''));
    instants.push(String(JSON.parse(rows[0]!.answer.body).recorded_at));
    await foldNoting();
    const [final] = await books.tenant.rows('SELECT is_final_at($1) AS is_final', [instants[0]]);
    expect(final).toEqual({ is_final: false });
    await slow.query('COMMIT');
    await slow.end();
    expect(await wrongSums()).toEqual([]);
  });
});

test('another epoch, as after a move to another server, begins with what was held and counts on', async () => {
  for (let number = 0; number < 6; number += 1) await postSome(number);
  await foldNoting();
  await postSome(7);
  await books.tenant.arrange('SELECT begin_epoch()');
  expect(await wrongSums()).toEqual([]);
  const [state] = await books.tenant.rows('SELECT epoch FROM ledger_state');
  expect(state).toEqual({ epoch: 1 });
  for (let number = 8; number < 20; number += 1) {
    await postSome(number);
    if (number % 4 === 0) await foldNoting();
  }
  expect(await wrongSums()).toEqual([]);
  await foldAll();
  expect(await wrongSums()).toEqual([]);
  const [epochs] = await books.tenant.rows('SELECT count(DISTINCT epoch)::integer AS n FROM transaction_lines');
  expect(epochs).toEqual({ n: 2 });
});
