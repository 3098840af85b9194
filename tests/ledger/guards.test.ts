import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Books, credit, debit, openBooks } from './books.ts';

let books: Books;
let asOwner: pg.Client;
let asTenant: pg.Client;
let journal: string;
let cash: string;
let revenue: string;

beforeAll(async () => {
  books = await openBooks();
  const { database, record } = books.tenant;
  cash = books.account('tenant', 'cash');
  revenue = books.account('tenant', 'revenue');
  const posted = await books.post([debit(cash, 100), credit(revenue, 100)], {}, { 'idempotency-key': 'guarded' });
  journal = String((posted.body.journals[0] as { id?: string }).id);
  asOwner = await database.connect();
  await asOwner.query(`SET search_path = ${record.schema}`);
  await asOwner.query('SET ROLE scp_owner');
  asTenant = await database.connectAs(record);
});
afterAll(async () => {
  await asOwner?.end();
  await asTenant?.end();
  await books?.site.stop();
});

/** Runs statements in one transaction and commits, so that checks at the commit are met too. */
async function commit(client: pg.Client, ...statements: string[]): Promise<unknown> {
  await client.query('BEGIN');
  try {
    for (const statement of statements) await client.query(statement);
    return await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

const newJournal = (id: string, book = books.book.tenant) =>
  `INSERT INTO transaction_journals (id, transaction_id, book_id, kind, effective_date)
   VALUES ('${id}', uuidv7(), '${book}', 'post', '2026-01-01')`;
const line = (id: string, position: number, side: string, amount: number, account = cash, currency = 'USD') =>
  `('${id}', ${position}, '${account}', '${books.book.tenant}', '${currency}', '${side}', ${amount}, '2026-01-01',
    coalesce((SELECT recorded_at FROM transaction_journals WHERE id = '${id}'), now()))`;
const insert = (...lines: string[]) =>
  `INSERT INTO transaction_lines (journal_id, position, account_id, book_id, currency, side, amount, effective_date, recorded_at)
   VALUES ${lines.join(', ')}`;

describe('even as the owner of the schema', () => {
  let id: string;
  beforeEach(() => {
    id = crypto.randomUUID();
  });

  test('balanced lines with their journal are written', async () => {
    const lines = insert(line(id, 1, 'debit', 5), line(id, 2, 'credit', 5, revenue));
    await expect(commit(asOwner, newJournal(id), lines)).resolves.toBeDefined();
  });

  test('a single debit line is refused', async () => {
    const statements = [newJournal(id), insert(line(id, 1, 'debit', 5))];
    await expect(commit(asOwner, ...statements)).rejects.toMatchObject({ constraint: 'transaction_lines_balance' });
    await expect(commit(asOwner, insert(line(journal, 9, 'debit', 5)))).rejects.toMatchObject({ code: '23514' });
  });

  test('lines that balance in all but not in each currency, or not in each journal, are refused', async () => {
    const currencies = insert(line(id, 1, 'debit', 5), line(id, 2, 'credit', 5, cash, 'EUR'));
    const balance = { constraint: 'transaction_lines_balance' };
    await expect(commit(asOwner, newJournal(id), currencies)).rejects.toMatchObject(balance);
    const other = crypto.randomUUID();
    const journals = insert(line(id, 1, 'debit', 5), line(other, 1, 'credit', 5));
    await expect(commit(asOwner, newJournal(id), newJournal(other), journals)).rejects.toMatchObject(balance);
  });

  test('balanced lines are not added to a journal of an earlier transaction, nor to none, nor to another book', async () => {
    const together = { constraint: 'transaction_lines_with_journal' };
    for (const [target, first] of [
      [journal, []],
      [id, []],
      [id, [newJournal(id, books.book.org)]],
    ] as const) {
      const lines = insert(line(target, 8, 'debit', 5), line(target, 9, 'credit', 5, revenue));
      await expect(commit(asOwner, ...first, lines)).rejects.toMatchObject(together);
    }
  });

  test.each(['0', '-5', '10000000000000'])('a line of %s is refused', async (amount) => {
    const lines = insert(line(id, 1, 'debit', Number(amount)), line(id, 2, 'credit', Number(amount)));
    await expect(commit(asOwner, newJournal(id), lines)).rejects.toMatchObject({ code: '23514' });
  });

  test.each(['transaction_lines', 'transaction_journals', 'audit_events', 'audit_changes'])(
    'what is written in %s is never updated, deleted or truncated',
    async (table) => {
      const [column] = await books.tenant.rows(
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum = 1`,
        [table],
      );
      const before = await books.tenant.contents();
      const statements = [
        `UPDATE ${table} SET ${column?.name} = ${column?.name}`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table} CASCADE`,
        `MERGE INTO ${table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE`,
      ];
      for (const statement of statements) {
        await expect(commit(asOwner, statement), statement).rejects.toMatchObject({ code: 'SCP03' });
      }
      expect(await books.tenant.contents()).toEqual(before);
    },
  );
});

describe("as the tenant's own role", () => {
  const tables = [
    'transactions',
    'transaction_journals',
    'transaction_lines',
    'audit_events',
    'audit_changes',
    'idempotency_keys',
    'denial_counts',
    'books',
    'accounts',
    'currencies',
    'chart_templates',
    'posting_rules',
    'posting_rule_lines',
    'limited_balances',
    'period_events',
    'access_state',
    'schema_migrations',
  ];

  test.each(tables)('%s is read and never written', async (table) => {
    await asTenant.query(`SELECT * FROM ${table} LIMIT 1`);
    const [column] = await books.tenant.rows(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum = 1`,
      [table],
    );
    const statements = [
      `INSERT INTO ${table} DEFAULT VALUES`,
      `INSERT INTO ${table} SELECT * FROM ${table}`,
      `UPDATE ${table} SET ${column?.name} = ${column?.name}`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
      `COPY ${table} FROM STDIN`,
      `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
      `SELECT * FROM ${table} FOR UPDATE`,
    ];
    for (const statement of statements) {
      await expect(asTenant.query(statement), statement).rejects.toMatchObject({ code: '42501' });
    }
  });

  test.each([
    `SELECT record_event(uuidv7(), '{}', 'success', '{}', 0::smallint)`,
    `SELECT open_accounts(uuidv7(), 'tenant', 'USD')`,
    `SELECT rule_account('{}', 'tenant', uuidv7(), 'cash', 'USD', 1, '[]')`,
    `SELECT add_journals(NULL, 'post', '2026-01-01', false)`,
    `SELECT begin_epoch()`,
    `SELECT lock_book(uuidv7())`,
    `SELECT note_period_event('{}', uuidv7(), 'close', NULL, NULL, NULL, NULL)`,
    `SELECT raise_problem('x')`,
    `SELECT install_defaults('{}')`,
    `SELECT check_lines_balance()`,
    `DROP FUNCTION post_transactions`,
    `CREATE OR REPLACE FUNCTION fold_ledger(integer, integer) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'`,
  ])('%s is refused', async (statement) => {
    await expect(asTenant.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  test('the posting function guards itself: it is called with anything, and the books balance', async () => {
    const call = (work: string, ids: string[], sides: string[], amounts: (number | null)[], status = 'posted') =>
      asTenant.query('SELECT post_transactions($1, $2, $3, $4, $5::entry_side[], $6, $7)', [
        work,
        JSON.stringify({ description: 'Past the kernel', status }),
        ids.map(() => 1),
        ids,
        sides,
        amounts,
        ids.map(() => null),
      ]);
    const work = JSON.stringify({
      operation: 'test.post',
      summary: 'Past the kernel',
      actor: { type: 'system', id: 'test', name: 'Test' },
      request: { id: 'past-the-kernel', door: 'command' },
    });
    const bad: [string[], string[], (number | null)[]][] = [
      [[], [], []],
      [[cash], ['debit'], [5]],
      [
        [cash, revenue],
        ['debit', 'credit'],
        [5, 4],
      ],
      [
        [cash, revenue],
        ['debit', 'credit'],
        [-5, -5],
      ],
      [
        [cash, revenue],
        ['debit', 'credit'],
        [0, 0],
      ],
      [
        [cash, revenue],
        ['debit', 'credit'],
        [null, null],
      ],
      [[cash, revenue], ['debit'], [5, 5]],
      [[cash], ['debit', 'credit'], [5, 5]],
      [
        [cash, revenue],
        ['debit', 'credit'],
        [10_000_000_000_000, 10_000_000_000_000],
      ],
    ];
    const before = await books.tenant.contents();
    for (const [ids, sides, amounts] of bad) {
      await expect(call(work, ids, sides, amounts), JSON.stringify([sides, amounts])).rejects.toThrow();
    }
    await expect(call('{}', [cash, revenue], ['debit', 'credit'], [5, 5])).rejects.toThrow();
    expect(await books.tenant.contents()).toEqual(before);
    // A state that only a step leads to is none to begin with.
    for (const status of ['posted', 'voided', 'reversed']) {
      const { rows } = await call(work, [cash, revenue], ['debit', 'credit'], [5, 5], status);
      expect(JSON.parse(rows[0].post_transactions.body).status).toBe('posted');
    }
    expect((await books.owner.get('/api/ledger/integrity')).body.balanced).toBe(true);
  });
});
