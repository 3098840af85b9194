import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { TenantError } from '../error.ts';
import { type CarriedTable, carriedTables, LEFT_BEHIND, PLAIN_TEXT } from './contents.ts';
import type { Head } from './format.ts';
import { type RowSink, readExport } from './reader.ts';

/**
 * Fills an empty schema that has the file's tables, but none of its functions and triggers yet. Foreign keys are made
 * again after all rows, so the order of the tables does not matter and each is checked once. Acts as the owner, with the
 * schema as search path, in the caller's transaction.
 */
export async function loadRows(
  admin: pg.Client,
  source: { path: string; secret: string; schema: string },
): Promise<{ head: Head; rows: number }> {
  const expected = await carriedTables(admin, source.schema);
  const keys = await foreignKeys(admin, source.schema);
  await run(admin, [PLAIN_TEXT, ...keys.map((key) => key.drop), truncateAll(expected)]);
  const { head, tables } = await readExport(source.path, [source.secret], {
    table: async (table) => (Object.hasOwn(LEFT_BEHIND, table.name) ? undefined : openTable(admin, table, expected)),
  });
  const missing = expected.filter((table) => !tables.has(table.name)).map((table) => table.name);
  if (missing.length > 0) throw new TenantError('failed', `The file has no rows of ${missing.join(', ')}.`);
  await setSequences(admin, head);
  await run(admin, [
    ...keys.map((key) => key.add),
    `ANALYZE ${expected.map(({ name }) => pg.escapeIdentifier(name)).join(', ')}`,
  ]);
  return { head, rows: [...tables.values()].reduce((sum, table) => sum + table.rows, 0) };
}

async function run(admin: pg.Client, statements: string[]): Promise<void> {
  await admin.query(statements.join(';\n'));
}

/** Migrations put rows into some tables; the file has its own. */
function truncateAll(tables: CarriedTable[]): string {
  return `TRUNCATE ${tables.map(({ name }) => pg.escapeIdentifier(name)).join(', ')}`;
}

async function foreignKeys(admin: pg.Client, schema: string): Promise<{ drop: string; add: string }[]> {
  const { rows } = await admin.query<{ drop: string; add: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname) AS drop,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) AS add
       FROM pg_constraint AS k
      WHERE k.connamespace = $1::regnamespace AND k.contype = 'f' AND k.conparentid = 0
      ORDER BY k.conrelid, k.conname`,
    [schema],
  );
  return rows;
}

async function openTable(admin: pg.Client, table: CarriedTable, expected: CarriedTable[]): Promise<RowSink> {
  const known = expected.find(({ name }) => name === table.name);
  if (!known || known.columns.toSorted().join() !== table.columns.toSorted().join()) {
    throw new TenantError('failed', `Table ${table.name} of the file is not the one of its version.`);
  }
  const list = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const stream = admin.query(copyFrom(`COPY ${pg.escapeIdentifier(table.name)} (${list}) FROM STDIN`));
  let failure: unknown;
  stream.on('error', (error) => {
    failure = error;
  });
  return {
    write: async (chunk) => {
      if (failure) throw failure;
      if (!stream.write(chunk)) await once(stream, 'drain');
    },
    end: async () => {
      stream.end();
      await finished(stream);
    },
    abandon: () => stream.destroy(),
  };
}

async function setSequences(admin: pg.Client, head: Head): Promise<void> {
  for (const [name, value] of Object.entries(head.sequences)) {
    await admin.query('SELECT setval($1::regclass, $2::bigint)', [pg.escapeIdentifier(name), value]);
  }
}
