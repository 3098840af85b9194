import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { GoodRow, RowError } from '../../imports/examine.ts';
import type { ImportKind, Owner } from '../../imports/kinds.ts';
import { allOf, equals, listPage } from '../../operations/list.ts';
import type { Place } from '../../operations/may-grant.ts';
import {
  importError,
  type importErrorListInput,
  importedRow,
  type importedRowListInput,
  MOST_ERRORS,
} from './schemas.ts';

const nothing = v.object({});
const counted = v.object({ count: v.number() });

/** What an earlier check has left. */
export async function dropFindings(tx: CommonQueryMethods, id: string): Promise<void> {
  await tx.query(sql.type(nothing)`DELETE FROM import_rows WHERE import_id = ${id}`);
  await tx.query(sql.type(nothing)`DELETE FROM import_errors WHERE import_id = ${id}`);
}

export async function insertRows(tx: CommonQueryMethods, id: string, rows: readonly GoodRow[]): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO import_rows (import_id, line, fields)
    SELECT ${id}, r.line, r.fields
    FROM jsonb_to_recordset(${sql.jsonb(rows as never)}) AS r (line integer, fields jsonb)
    ORDER BY r.line`);
}

export async function insertErrors(tx: CommonQueryMethods, id: string, errors: readonly RowError[]): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO import_errors (import_id, line, field, column_name, message, value)
    SELECT ${id}, e.line, e.field, e."column", e.message, e.value
    FROM jsonb_to_recordset(${sql.jsonb(errors as never)})
      AS e (line integer, field text, "column" text, message text, value text)
    ORDER BY e.line`);
}

export function countRows(tx: CommonQueryMethods, id: string): Promise<number> {
  return tx.oneFirst(sql.type(counted)`SELECT count(*) FROM import_rows WHERE import_id = ${id}`);
}

const currencyRow = v.object({ code: v.string(), exponent: v.number() });
const defaultsRow = v.object({ currency: v.string(), time_zone: v.string() });

export async function selectExponents(tx: CommonQueryMethods): Promise<Map<string, number>> {
  const rows = await tx.any(sql.type(currencyRow)`SELECT code, exponent FROM currencies ORDER BY code`);
  return new Map(rows.map(({ code, exponent }) => [code, exponent]));
}

export function selectDefaults(tx: CommonQueryMethods) {
  return tx.one(sql.type(defaultsRow)`SELECT currency, time_zone FROM tenant`);
}

const ownerRow = v.object({ id: v.string(), name: v.string(), status: v.string(), currency: v.string() });

/** Parties in use at a place: merchants as `m`, MerchantOrgs as `o`. */
function inUseAt(party: 'merchant' | 'merchant_org', place: Place): FragmentSqlToken {
  return party === 'merchant'
    ? allOf([
        sql.fragment`m.archived_at IS NULL`,
        equals(sql.fragment`m.merchant_org_id`, place.merchant_id ? null : place.merchant_org_id),
        equals(sql.fragment`m.id`, place.merchant_id),
      ])
    : allOf([sql.fragment`o.archived_at IS NULL`, equals(sql.fragment`o.id`, place.merchant_org_id)]);
}

/** How many rows belong to parties that have left the place or are out of use since the check. Those that are there stay so long. */
export function countStrayed(
  tx: CommonQueryMethods,
  id: string,
  { column, party }: NonNullable<ImportKind['owner']>,
  place: Place,
): Promise<number> {
  const held =
    party === 'merchant'
      ? sql.fragment`SELECT m.id FROM merchants m WHERE m.id IN (SELECT n.id FROM named n) AND ${inUseAt(party, place)} ORDER BY m.id FOR KEY SHARE`
      : sql.fragment`SELECT o.id FROM merchant_orgs o WHERE o.id IN (SELECT n.id FROM named n) AND ${inUseAt(party, place)} ORDER BY o.id FOR KEY SHARE`;
  return tx.oneFirst(sql.type(counted)`
    WITH named AS MATERIALIZED (
      SELECT (r.fields ->> ${column}::text)::uuid AS id, count(*) AS rows FROM import_rows r WHERE r.import_id = ${id} GROUP BY 1),
    held AS MATERIALIZED (${held})
    SELECT coalesce(sum(n.rows), 0)::bigint AS count FROM named n WHERE n.id NOT IN (SELECT h.id FROM held h)`);
}

/** The parties in use at a place that have these names, in any case, or ids. */
export async function selectOwners(
  tx: CommonQueryMethods,
  party: 'merchant' | 'merchant_org',
  place: Place,
  names: readonly string[],
): Promise<Map<string, Owner[]>> {
  const wanted = sql.array([...names], 'text');
  const found = await tx.any(
    party === 'merchant'
      ? sql.type(ownerRow)`
          SELECT m.id, m.name, m.status, m.currency FROM merchants m
          WHERE (lower(m.name) = ANY (${wanted}) OR m.id::text = ANY (${wanted})) AND ${inUseAt(party, place)}
          ORDER BY m.id`
      : sql.type(ownerRow)`
          SELECT o.id, o.name, o.status, t.currency FROM merchant_orgs o CROSS JOIN tenant t
          WHERE (lower(o.name) = ANY (${wanted}) OR o.id::text = ANY (${wanted})) AND ${inUseAt(party, place)}
          ORDER BY o.id`,
  );
  const owners = new Map<string, Owner[]>();
  for (const { name, ...owner } of found) {
    owners.set(owner.id, [owner]);
    if (names.includes(name.toLowerCase())) {
      owners.set(name.toLowerCase(), [...(owners.get(name.toLowerCase()) ?? []), owner]);
    }
  }
  return owners;
}

/** What rows are compared by, as one text, so that they are hashed and never walked row by row. */
function keyOf(read: (column: string) => FragmentSqlToken, compared: readonly string[], isExact: boolean) {
  const parts = compared.map((column) => sql.fragment`coalesce(${read(column)}, '')`);
  const joined = sql.fragment`concat_ws(chr(31), ${sql.join(parts, sql.fragment`, `)})`;
  return isExact ? joined : sql.fragment`lower(${joined})`;
}

/** Rows of an import that are there already, and where it looks `inFile` those that are like an earlier line. */
function duplicates(id: string, kind: ImportKind, inFile: boolean): FragmentSqlToken {
  const ownedBy = kind.owner ? [kind.owner.column] : [];
  const rules = kind.sameness.map(({ field, columns: alike, unless, isConstraint = false }) => {
    const compared = [...ownedBy, ...alike];
    const staged = (column: string) => sql.fragment`r.fields ->> ${column}::text`;
    const there = (column: string) => sql.fragment`t.${sql.identifier([column])}::text`;
    const applies = sql.fragment`${staged(field)} IS NOT NULL ${unless ? sql.fragment`AND ${staged(unless)} IS NULL` : sql.fragment``}`;
    return sql.fragment`
      SELECT s.line, ${field}::text AS field, s.value,
        CASE WHEN known.key IS NOT NULL THEN 'is there already' ELSE 'is the same as on line ' || s.first END AS message
      FROM (
        SELECT r.line, ${staged(field)} AS value, ${keyOf(staged, compared, isConstraint)} AS key,
          min(r.line) OVER (PARTITION BY ${keyOf(staged, compared, isConstraint)}) AS first
        FROM import_rows r
        WHERE r.import_id = ${id} AND ${applies}) s
      LEFT JOIN (
        SELECT DISTINCT ${keyOf(there, compared, isConstraint)} AS key
        FROM ${sql.identifier([kind.table])} t
        ${isConstraint ? sql.fragment`` : sql.fragment`WHERE t.${sql.identifier([kind.outOfUse ?? 'archived_at'])} IS NULL`}) known ON known.key = s.key
      WHERE known.key IS NOT NULL ${inFile ? sql.fragment`OR s.line > s.first` : sql.fragment``}`;
  });
  return sql.join(rules, sql.fragment` UNION ALL `) as unknown as FragmentSqlToken;
}

/** Complains about rows that are the same as others, and says how many lines those are. */
export function keepDuplicates(
  tx: CommonQueryMethods,
  id: string,
  kind: ImportKind,
  mapped: Readonly<Record<string, string>>,
): Promise<number> {
  return tx.oneFirst(sql.type(counted)`
    WITH found AS MATERIALIZED (${duplicates(id, kind, true)}),
    kept AS (
      INSERT INTO import_errors (import_id, line, field, column_name, message, value)
      SELECT ${id}, f.line, f.field, ${sql.jsonb(mapped)} ->> f.field, f.message, left(f.value, 200)
      FROM found f
      ORDER BY f.line
      LIMIT greatest(0, ${MOST_ERRORS} - (SELECT count(*) FROM import_errors e WHERE e.import_id = ${id})))
    SELECT count(DISTINCT f.line) FROM found f`);
}

export function countKnown(tx: CommonQueryMethods, id: string, kind: ImportKind): Promise<number> {
  return tx.oneFirst(sql.type(counted)`
    SELECT count(DISTINCT f.line) FROM (${duplicates(id, kind, false)}) f`);
}

/**
 * Takes the tenant's turn to write an import: what two of them hold alike is found by the later one. The time-outs that bound
 * requests make room for a file of any size; that of a transaction is heeded anew only after it was off.
 */
export async function beginWriting(tx: CommonQueryMethods): Promise<void> {
  await tx.query(sql.type(nothing)`
    SELECT set_config('transaction_timeout', '0', true), set_config('transaction_timeout', '10min', true),
      set_config('statement_timeout', '2min', true)`);
  await tx.query(sql.type(nothing)`
    SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' import.write', 0))`);
}

const placed = v.object({ last: v.nullable(v.number()), count: v.number() });

/** The line at which the next rows end, and how many they are. */
export function nextLines(tx: CommonQueryMethods, id: string, after: number, most: number) {
  return tx.one(sql.type(placed)`
    SELECT max(n.line) AS last, count(*)
    FROM (SELECT r.line FROM import_rows r WHERE r.import_id = ${id} AND r.line > ${after} ORDER BY r.line LIMIT ${most}) n`);
}

/** An event of its own for the rows to come. */
export async function continueWork(tx: CommonQueryMethods, summary: string): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT continue_work(${summary})`);
}

/** Makes the rows of some lines, and opens their books. */
export async function writeRows(
  tx: CommonQueryMethods,
  id: string,
  kind: ImportKind,
  fields: readonly string[],
  lines: { after: number; last: number },
): Promise<void> {
  const table = sql.identifier([kind.table]);
  const names = sql.join(
    fields.map((name) => sql.identifier([name])),
    sql.fragment`, `,
  );
  const values = sql.join(
    fields.map((name) => sql.fragment`t.${sql.identifier([name])}`),
    sql.fragment`, `,
  );
  const wanted = sql.fragment`r.import_id = ${id} AND r.line > ${lines.after} AND r.line <= ${lines.last}`;
  await tx.query(sql.type(nothing)`
    INSERT INTO ${table} (id, ${names})
    SELECT r.row_id, ${values}
    FROM import_rows r
    CROSS JOIN LATERAL jsonb_populate_record(NULL::${table}, r.fields) t
    WHERE ${wanted}
    ORDER BY r.line`);
  if (kind.opensBookOf) {
    const org =
      kind.opensBookOf === 'merchant' ? sql.fragment`(r.fields ->> 'merchant_org_id')::uuid` : sql.fragment`r.row_id`;
    await tx.query(sql.type(nothing)`
      SELECT count(open_book(${kind.opensBookOf}::party_type, r.row_id, ${org}, r.fields ->> 'name',
        coalesce(r.fields ->> 'currency', t.currency)))
      FROM import_rows r
      CROSS JOIN tenant t
      WHERE ${wanted}`);
  }
}

export function pageOfErrors(tx: CommonQueryMethods, input: v.InferOutput<typeof importErrorListInput>) {
  return listPage(
    tx,
    {
      name: 'import_errors',
      row: importError,
      select: sql.fragment`SELECT e.id, e.line, e.field, e.column_name AS "column", e.message, e.value FROM import_errors e`,
      id: sql.fragment`e.id`,
      sorts: { line: { column: sql.fragment`e.line`, type: 'integer' } },
      defaultSort: 'line',
      where: [sql.fragment`e.import_id = ${input.id}`, equals(sql.fragment`e.field`, input.field)],
    },
    input,
  );
}

/** What was made of the lines: nothing unless the import is done. */
export function pageOfImportedRows(tx: CommonQueryMethods, input: v.InferOutput<typeof importedRowListInput>) {
  return listPage(
    tx,
    {
      name: 'import_rows',
      row: importedRow,
      select: sql.fragment`SELECT r.row_id AS id, r.line FROM import_rows r JOIN imports i ON i.id = r.import_id`,
      id: sql.fragment`r.row_id`,
      sorts: { line: { column: sql.fragment`r.line`, type: 'integer' } },
      defaultSort: 'line',
      where: [sql.fragment`r.import_id = ${input.id} AND i.status = 'done'`],
    },
    input,
  );
}
