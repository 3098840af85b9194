import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Books, openBooks } from './books.ts';
import { bundleOf, postMix, settle, verify, verifyBundle } from './sealed.ts';

// Whoever is superuser can change, remove and add anything, past triggers and constraints. All of it is found.

let books: Books;

/** Everything that is sealed, and the columns that prove nothing, with the reason. */
const sealed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  transactions: {},
  transaction_journals: {},
  transaction_lines: {},
  audit_events: {},
  audit_changes: {},
  seal_blocks: {},
  seal_leaves: {},
  'platform.anchors': { anchored_at: 'Says when; the block says it too, and is hashed.' },
};

/** Another value of the same type: the least that can be changed. */
const changes: Readonly<Record<string, (column: string) => string>> = {
  text: (column) => `${column} || ' '`,
  uuid: () => 'gen_random_uuid()',
  date: (column) => `${column} + 1`,
  timestamptz: (column) => `${column} + interval '1 microsecond'`,
  int2: (column) => `${column} + 1000`,
  int4: (column) => `${column} + 1000`,
  int8: (column) => `${column} + 1`,
  bpchar: (column) => `CASE ${column} WHEN 'EUR' THEN 'USD' ELSE 'EUR' END`,
  bytea: (column) => `set_byte(${column}, 0, get_byte(${column}, 0) # 1)`,
  jsonb: (column) => `jsonb_build_object('was', ${column})`,
  xid8: (column) => `(${column}::text::numeric + 1)::text::xid8`,
};
const fresh: Readonly<Record<string, string>> = {
  text: `'x'`,
  uuid: 'gen_random_uuid()',
  date: `'2025-01-01'`,
  timestamptz: 'now()',
  int2: '1',
  int4: '1',
  int8: '1',
  bpchar: `'EUR'`,
  bytea: `sha256('x')`,
  jsonb: `'null'`,
};

const folded = [
  'account_totals',
  'account_days',
  'account_months',
  'account_counterparty_days',
  'account_marks',
  'limited_balances',
];
const tables = [...Object.keys(sealed), ...folded];
const copyOf = (table: string) => `kept_${table.replace('.', '_')}`;

beforeAll(async () => {
  books = await openBooks();
  const { tenant, owner } = books;
  await postMix(books);
  await owner.post('/api/accounts', { code: '1001', name: 'Safe', type: 'asset', currency: 'USD', minimum_balance: 0 });
  await fill();
  await erase();
  await settle(tenant);
  await owner.patch(`/api/merchant-orgs/${books.party.org.id}`, { name: 'Harbor and Pine' });
  await settle(tenant);
  const { rows } = tenant;
  await rows(`UPDATE account_totals SET unmarked_lines = 1000`);
  await rows('SELECT fold_range(s, s.epoch, s.horizon, 1) FROM ledger_state s');
  // Copies to put back what a test broke; constraints would only hinder who tampers.
  await rows('SET session_replication_role = replica');
  const checks = await rows(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop_it
    FROM pg_constraint WHERE contype = 'c' AND conrelid = ANY ($1::regclass[])`,
    [Object.keys(sealed)],
  );
  for (const { drop_it } of checks) await rows(String(drop_it));
  for (const table of tables) await rows(`CREATE TABLE ${copyOf(table)} AS SELECT * FROM ${table}`);
  // What exports record would be sealed, and be missing after mending.
  await rows(`DELETE FROM jobs WHERE operation = 'ledger.settle'`);
});
afterAll(() => books?.site.stop());

/** Gives a value to columns that the mix leaves empty. */
async function fill(): Promise<void> {
  const { rows } = books.tenant;
  await rows('SET session_replication_role = replica');
  await rows(`UPDATE transactions SET category = 'full', caused_by = gen_random_uuid() WHERE type = 'commission'`);
  await rows(
    `UPDATE transaction_journals SET original_effective_date = '2020-01-31' WHERE id = (SELECT max(id::text)::uuid FROM transaction_journals)`,
  );
  await rows(`UPDATE audit_events SET impersonator = '{"id": "x"}', delegator = '{"id": "y"}', address = '203.0.113.9', user_agent = 'x'
    WHERE id = (SELECT max(id::text)::uuid FROM audit_events)`);
  await rows('SET session_replication_role = origin');
}

/** Erases a transaction's texts with their salts, as an operation would: recorded by an event of its own. */
async function erase(): Promise<void> {
  const { rows, arrange } = books.tenant;
  await settle(books.tenant);
  await rows(`INSERT INTO audit_events (actor_type, actor_id, actor_name, action, outcome, door, request_id)
    VALUES ('staff', 'x', 'Staff', 'transaction.erase', 'success', 'api', 'erasure')`);
  await rows(`UPDATE seal_leaves l SET salt = NULL, texts_hash = texts_hash(l.salt, e.texts),
      erased_by = (SELECT id FROM audit_events WHERE action = 'transaction.erase')
    FROM seal_blocks b, entries_between(b.from_epoch, b.from_xid, b.to_epoch, b.to_xid) e, transactions t
    WHERE l.id = e.id AND b.number = l.block AND t.id = e.transaction_id AND t.external_id = 'x-1'`);
  await rows('SET session_replication_role = replica');
  await arrange(`UPDATE transaction_lines SET memo = NULL WHERE journal_id IN (
    SELECT j.id FROM transaction_journals j JOIN transactions t ON t.id = j.transaction_id WHERE t.external_id = 'x-1')`);
  await rows(`UPDATE transactions SET description = '[erased]', metadata = '{}' WHERE external_id = 'x-1'`);
  await rows('SET session_replication_role = origin');
}

/** Breaks something, looks whether it is found online and in a bundle, and mends it. */
async function isFound(table: string, statement: string, isOffline = false): Promise<boolean> {
  const { tenant } = books;
  const result = await tenant.rows(`WITH broken AS (${statement} RETURNING 1) SELECT count(*) AS n FROM broken`);
  expect(Number(result[0]?.n), statement).toBeGreaterThan(0);
  try {
    const { problems } = await verify(tenant);
    const offline = isOffline ? await verifyBundle(await bundleOf(tenant)) : { code: 1, output: 'problems' };
    return problems > 0 && offline.code === 1 && offline.output.includes('problems');
  } finally {
    // Exports leave events behind, which no block holds.
    await mend([...new Set([table, 'audit_events'])]);
  }
}

async function mend(broken: readonly string[] = tables): Promise<void> {
  for (const table of broken) {
    await books.tenant.rows(`DELETE FROM ${table}`);
    await books.tenant.rows(`INSERT INTO ${table} SELECT * FROM ${copyOf(table)}`);
  }
}

type Column = { name: string; type: string; nullable: boolean };

async function columnsOf(table: string): Promise<Column[]> {
  const rows = await books.tenant.rows(
    `SELECT a.attname AS name, a.attnotnull AS not_null, b.typname AS type, b.typtype AS kind
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_type b ON b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [table],
  );
  return rows.map(({ name, type, kind, not_null }) => ({
    name: String(name),
    type: kind === 'e' ? `enum ${type}` : String(type),
    nullable: not_null === false,
  }));
}

/** Another value in a column that has one; for an enum the next of its values. */
function changed({ name, type }: Column): string {
  const enumType = /^enum (.*)$/.exec(type)?.[1];
  if (enumType) return `(SELECT v FROM unnest(enum_range(NULL::${enumType})) v WHERE v <> ${name} ORDER BY v LIMIT 1)`;
  const change = changes[type];
  if (!change) throw new Error(`No test knows how to tamper with ${name} of type ${type}`);
  return change(name);
}

/** Every way to change one value of a column: to another, to nothing, and from nothing to something. */
async function waysToChange(table: string, column: Column): Promise<string[]> {
  const { name, type, nullable } = column;
  const set = (value: string, where: string) =>
    `UPDATE ${table} SET ${name} = ${value} WHERE ctid = (SELECT ctid FROM ${table} WHERE ${where} ORDER BY ctid DESC LIMIT 1)`;
  const [has] = await books.tenant.rows(
    `SELECT bool_or(${name} IS NULL) AS empty, bool_or(${name} IS NOT NULL) AS filled FROM ${table}`,
  );
  expect(has?.filled, `some ${table}.${name} has a value`).toBe(true);
  const ways = [set(changed(column), `${name} IS NOT NULL`)];
  if (nullable) ways.push(set('NULL', `${name} IS NOT NULL`));
  if (nullable && has?.empty) {
    const enumType = /^enum (.*)$/.exec(type)?.[1];
    ways.push(set(enumType ? `(enum_range(NULL::${enumType}))[1]` : fresh[type]!, `${name} IS NULL`));
  }
  return ways;
}

test('untouched, everything fits, also what was erased', async () => {
  const found = await verify(books.tenant);
  expect(found).toMatchObject({ problems: 0, findings: [], erased: 1 });
  const offline = await verifyBundle(await bundleOf(books.tenant));
  expect(offline, offline.output).toMatchObject({ code: 0, output: expect.stringContaining('(1 erased)') });
});

describe('any value that is changed is found, online and in a bundle:', () => {
  test.each(Object.keys(sealed))('%s', { timeout: 120_000 }, async (table) => {
    const overlooked: string[] = [];
    for (const column of await columnsOf(table)) {
      if (sealed[table]![column.name]) continue;
      for (const [place, way] of (await waysToChange(table, column)).entries()) {
        if (!(await isFound(table, way, place === 0))) overlooked.push(way);
      }
    }
    expect(overlooked).toEqual([]);
  });

  test.each(folded)('the sums of %s', async (table) => {
    const overlooked: string[] = [];
    for (const { name, type } of await columnsOf(table)) {
      if (type !== 'int8') continue;
      const where = `WHERE ctid = (SELECT min(ctid) FROM ${table})`;
      const isInBundle = table === 'account_totals';
      if (!(await isFound(table, `UPDATE ${table} SET ${name} = ${name} + 1 ${where}`, isInBundle)))
        overlooked.push(name);
    }
    expect(overlooked).toEqual([]);
    // Without a mark there is only more to add up.
    const most = `DELETE FROM ${table} WHERE ctid = (SELECT ctid FROM ${table} ORDER BY debits DESC LIMIT 1)`;
    if (table !== 'account_marks') expect(await isFound(table, most)).toBe(true);
  });
});

const journalOf = `(SELECT id FROM transaction_journals ORDER BY id LIMIT 1)`;
const copyOfRow = (table: string, with_: string, where: string) =>
  `INSERT INTO ${table} SELECT (jsonb_populate_record(r, ${with_})).* FROM ${table} r WHERE ${where}`;

describe('what is removed or added is found:', () => {
  const removals = Object.keys(sealed).flatMap((table) => [
    [table, 'first', `DELETE FROM ${table} WHERE ctid = (SELECT min(ctid) FROM ${table})`],
    [table, 'last', `DELETE FROM ${table} WHERE ctid = (SELECT max(ctid) FROM ${table})`],
  ]);
  test.each(removals)('the row of %s that is %s', async (table, _which, statement) => {
    expect(await isFound(table!, statement!, true)).toBe(true);
  });

  const additions: [string, string][] = [
    [
      'a whole journal',
      copyOfRow(
        'transaction_journals',
        `jsonb_build_object('id', gen_random_uuid(), 'kind', 'reversal')`,
        `id = ${journalOf}`,
      ),
    ],
    [
      'a line of a sealed journal',
      copyOfRow('transaction_lines', `'{"position": 9}'`, `journal_id = ${journalOf} AND position = 1`),
    ],
    [
      'a line of no journal',
      copyOfRow(
        'transaction_lines',
        `jsonb_build_object('journal_id', gen_random_uuid())`,
        `journal_id = ${journalOf} AND position = 1`,
      ),
    ],
    [
      'a transaction without journals',
      copyOfRow(
        'transactions',
        `jsonb_build_object('id', gen_random_uuid(), 'external_id', NULL)`,
        `id = (SELECT transaction_id FROM transaction_journals WHERE id = ${journalOf})`,
      ),
    ],
    [
      'an audit event',
      copyOfRow(
        'audit_events',
        `jsonb_build_object('id', gen_random_uuid())`,
        `id = (SELECT min(id::text)::uuid FROM audit_events)`,
      ),
    ],
    [
      'a change of a sealed event',
      `INSERT INTO audit_changes SELECT id, 1000, 'users', 'x', 'update', NULL, NULL FROM audit_events WHERE id = (SELECT min(id::text)::uuid FROM audit_events)`,
    ],
    [
      'a change of no event',
      `INSERT INTO audit_changes SELECT gen_random_uuid(), 1, 'users', 'x', 'update', NULL, NULL`,
    ],
    [
      'a journal from the future',
      copyOfRow(
        'transaction_journals',
        `jsonb_build_object('id', gen_random_uuid(), 'kind', 'reversal', 'xid', '9000000000000')`,
        `id = ${journalOf}`,
      ),
    ],
    [
      'an event of another epoch',
      copyOfRow(
        'audit_events',
        `jsonb_build_object('id', gen_random_uuid(), 'epoch', -1)`,
        `id = (SELECT min(id::text)::uuid FROM audit_events)`,
      ),
    ],
    ['a leaf', copyOfRow('seal_leaves', `'{"place": 5000}'`, 'block = 1 AND place = 1')],
    ['a block', copyOfRow('seal_blocks', `'{"number": 20}'`, 'number = 1')],
    ['an anchor', `INSERT INTO platform.anchors SELECT tenant_id, 20, hash FROM platform.anchors LIMIT 1`],
  ];
  test.each(additions)('%s', async (_what, statement) => {
    const table = /^INSERT INTO (\S+)/.exec(statement)![1]!;
    expect(await isFound(table, statement, true)).toBe(true);
  });
});

test('a chain that was rewritten from a changed journal on fits in itself, and not its anchors', async () => {
  const { rows } = books.tenant;
  await rows(`UPDATE transaction_lines SET amount = amount + 100 WHERE journal_id = ${journalOf}`);
  await rows(`UPDATE seal_leaves l SET hash = leaf_hash(e.fixed, coalesce(l.texts_hash, texts_hash(l.salt, e.texts)))
    FROM seal_blocks b, entries_between(b.from_epoch, b.from_xid, b.to_epoch, b.to_xid) e
    WHERE b.number = l.block AND e.id = l.id`);
  await rows(
    `UPDATE seal_blocks b SET root = (SELECT sha256(string_agg(l.hash, '' ORDER BY l.place)) FROM seal_leaves l WHERE l.block = b.number)`,
  );
  const blocks = await rows('SELECT number FROM seal_blocks ORDER BY number');
  for (const { number } of blocks) {
    await rows(
      `UPDATE seal_blocks b SET previous_hash = coalesce((SELECT p.hash FROM seal_blocks p WHERE p.number = b.number - 1), no_hash()) WHERE b.number = $1`,
      [number],
    );
    await rows('UPDATE seal_blocks b SET hash = block_hash(b) WHERE b.number = $1', [number]);
  }
  await rows('UPDATE account_totals t SET debits = debits + CASE WHEN debits > 0 THEN 100 ELSE 0 END');
  const found = await verify(books.tenant);
  const offline = await verifyBundle(await bundleOf(books.tenant));
  const [later] = await rows(
    `SELECT count(*)::integer AS n FROM seal_blocks WHERE number >= (SELECT l.block FROM seal_leaves l WHERE l.id = ${journalOf})`,
  );
  await mend();
  expect(later?.n).toBeGreaterThan(0);
  expect(found.findings.filter(({ what }) => what === 'anchor').length).toBe(later?.n);
  expect(found.findings.filter(({ what }) => what === 'journal' || what === 'block')).toEqual([]);
  expect(offline.output).toContain('the chain or the anchor was rewritten');
});

test('a finding names the journal', async () => {
  const [journal] = await books.tenant.rows(`SELECT id FROM transaction_journals ORDER BY id DESC LIMIT 1`);
  await books.tenant.rows(`UPDATE transaction_lines SET memo = 'Other' WHERE journal_id = $1 AND position = 1`, [
    journal?.id,
  ]);
  const { findings } = await verify(books.tenant);
  const offline = await verifyBundle(await bundleOf(books.tenant));
  await mend();
  expect(findings).toMatchObject([{ what: 'journal', id: journal?.id, problem: 'changed' }]);
  expect(offline.output).toContain(`Journal ${journal?.id} `);
});

test('a bundle that is cut short, or from which a line was taken, is not whole', async () => {
  const lines = (await bundleOf(books.tenant)).trimEnd().split('\n');
  const without = (index: number) => [...lines.slice(0, index), ...lines.slice(index + 1)].join('\n');
  for (const bundle of [lines.slice(0, -1).join('\n'), without(1), lines.slice(0, 10).join('\n'), 'x', '{}']) {
    expect((await verifyBundle(bundle)).code).toBe(1);
  }
});
