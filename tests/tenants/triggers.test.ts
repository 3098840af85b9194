import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

type Trigger = { table: string; name: string; code: string; arguments: string[]; columns: string[] };

let site: Site;
let tenant: TestTenant;
let triggers: Trigger[];

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  const rows = await tenant.rows(
    `SELECT c.relname AS "table", t.tgname AS name, p.prosrc AS code,
       t.tgargs AS arguments,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
     FROM pg_trigger t
     JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = $1::regnamespace
     JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE NOT t.tgisinternal`,
    [tenant.record.schema],
  );
  // One after the other, each ended by a zero.
  const split = (bytes: unknown) => (bytes as Buffer).toString('utf8').split('\0').slice(0, -1);
  triggers = rows.map((row) => ({ ...row, arguments: split(row.arguments) }) as Trigger);
  expect(triggers.length).toBeGreaterThan(40);
});
afterAll(() => site?.stop());

test('every column that a trigger reads or sets is one of the table that it is on', () => {
  const missing = triggers.flatMap(({ table, name, code, columns }) =>
    [...code.matchAll(/\b(?:NEW|OLD)\.(\w+)/g)]
      .map(([, column = '']) => column)
      .filter((column) => !columns.includes(column))
      .map((column) => `${name} on ${table}: ${column}`),
  );
  expect(missing).toEqual([]);
});

test('what the write guard keeps out of the trail are columns, and every guarded row has an id', () => {
  const guards = triggers.filter(({ name }) => name === 'guard_write');
  expect(guards.some((guard) => guard.arguments.includes('password_hash'))).toBe(true);
  for (const guard of guards) {
    expect(guard.columns, guard.table).toEqual(expect.arrayContaining(['id', ...guard.arguments]));
  }
});

test('every guarded table that has a version counts it up, and no other does', () => {
  const tablesOf = (name: string) => triggers.filter((each) => each.name === name);
  const versioned = tablesOf('guard_write').filter(({ columns }) => columns.includes('version'));
  const names = (some: Trigger[]) => some.map(({ table }) => table).sort();
  expect(names(tablesOf('bump_version'))).toEqual(names(versioned));
});
