import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, inScope, listPage } from '../../operations/list.ts';
import {
  type Mapping,
  type Rule,
  source,
  type sourceListInput,
  type sourceUpdateInput,
  statement,
  statementLine,
  type statementLineListInput,
  type statementListInput,
} from './schemas.ts';

const nothing = v.object({});
const idRow = v.object({ id: v.string() });

const sourceColumns = sql.fragment`o.id, o.name, o.account_id, a.code AS account_code, a.name AS account_name, a.book_id, a.currency, o.mapping,
  o.rules, o.difference_account_id, o.version, o.created_at, o.updated_at`;
const sourceTables = sql.fragment`statement_sources o JOIN accounts a ON a.id = o.account_id JOIN books b ON b.id = a.book_id`;
const statementColumns = sql.fragment`s.id, s.source_id, o.name AS source_name, o.account_id, a.currency, s.file_name, s.period_from,
  s.period_to, s.opening_balance, s.closing_balance, s.line_count, s.skipped_count, s.matched_count, s.status, s.signed_off_at,
  s.signed_off_by, s.note, s.reopened_by, s.reopened_reason, s.version, s.created_at, s.updated_at`;

function visible(scope: Scope) {
  return inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
}

export function pageOfSources(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof sourceListInput>) {
  return listPage(
    tx,
    {
      name: 'statement_sources',
      row: source,
      select: sql.fragment`SELECT ${sourceColumns} FROM ${sourceTables}`,
      id: sql.fragment`o.id`,
      sorts: {
        name: { column: sql.fragment`o.name`, type: 'text' },
        created_at: { column: sql.fragment`o.created_at`, type: 'timestamptz' },
      },
      defaultSort: 'name',
      where: [
        visible(scope),
        equals(sql.fragment`o.account_id`, input.account_id),
        equals(sql.fragment`a.book_id`, input.book_id),
        contains([sql.fragment`o.name`, sql.fragment`a.name`, sql.fragment`a.code`], input.q),
      ],
    },
    input,
  );
}

export function selectSource(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(source)`
    SELECT ${sourceColumns} FROM ${sourceTables} WHERE ${allOf([sql.fragment`o.id = ${id}`, visible(scope)])}`);
}

const readingRow = v.object({ ...source.entries, exponent: v.number() });

/** A source, and how many decimals its currency has. */
export function selectSourceForReading(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(readingRow)`
    SELECT ${sourceColumns}, c.exponent
    FROM ${sourceTables} JOIN currencies c ON c.code = a.currency
    WHERE ${allOf([sql.fragment`o.id = ${id}`, visible(scope)])}`);
}

export type NewSource = {
  name: string;
  account_id: string;
  mapping: Mapping;
  rules: readonly Rule[];
  difference_account_id?: string | null | undefined;
};
const json = (value: unknown) => sql.jsonb(JSON.parse(JSON.stringify(value)));

/** Inserts a source of an account in scope; null when there is no such account, or none for differences in its book. */
export async function insertSource(tx: CommonQueryMethods, scope: Scope, id: string, input: NewSource) {
  const other = input.difference_account_id ?? null;
  const inserted = await tx.maybeOne(sql.type(idRow)`
    INSERT INTO statement_sources (id, account_id, name, mapping, rules, difference_account_id)
    SELECT ${id}, a.id, ${input.name}, ${json(input.mapping)}, ${json(input.rules)}, d.id
    FROM accounts a
    JOIN books b ON b.id = a.book_id
    LEFT JOIN accounts d ON d.id = ${other}::uuid AND d.book_id = a.book_id AND d.currency = a.currency AND d.id <> a.id
    WHERE ${allOf([sql.fragment`a.id = ${input.account_id}`, sql.fragment`(${other}::uuid IS NULL OR d.id IS NOT NULL)`, visible(scope)])}
    RETURNING id`);
  return inserted && selectSource(tx, scope, inserted.id);
}

/** Changes a source that is in scope and of the expected version; null when there is none, or no such account for differences. */
export async function updateSource(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof sourceUpdateInput>,
  expectedVersion?: number,
) {
  const other = input.difference_account_id ?? null;
  const version = expectedVersion ?? null;
  const updated = await tx.maybeOne(sql.type(idRow)`
    UPDATE statement_sources o
    SET name = coalesce(${input.name ?? null}, o.name),
      mapping = coalesce(${input.mapping ? json(input.mapping) : null}::jsonb, o.mapping),
      rules = coalesce(${input.rules ? json(input.rules) : null}::jsonb, o.rules),
      difference_account_id = CASE WHEN ${input.difference_account_id !== undefined} THEN ${other}::uuid ELSE o.difference_account_id END
    FROM accounts a
    JOIN books b ON b.id = a.book_id
    WHERE ${allOf([
      sql.fragment`o.id = ${input.id} AND a.id = o.account_id`,
      sql.fragment`(${version}::integer IS NULL OR o.version = ${version}::integer)`,
      sql.fragment`(${other}::uuid IS NULL OR EXISTS (
        SELECT FROM accounts d WHERE d.id = ${other}::uuid AND d.book_id = a.book_id AND d.currency = a.currency AND d.id <> a.id))`,
      visible(scope),
    ])}
    RETURNING o.id`);
  return updated && selectSource(tx, scope, updated.id);
}

const statementTables = sql.fragment`statements s JOIN statement_sources o ON o.id = s.source_id
  JOIN accounts a ON a.id = o.account_id JOIN books b ON b.id = a.book_id`;

export function pageOfStatements(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof statementListInput>,
) {
  return listPage(
    tx,
    {
      name: 'statements',
      row: statement,
      select: sql.fragment`SELECT ${statementColumns} FROM ${statementTables}`,
      id: sql.fragment`s.id`,
      sorts: {
        period_to: { column: sql.fragment`s.period_to`, type: 'date' },
        created_at: { column: sql.fragment`s.created_at`, type: 'timestamptz' },
      },
      defaultSort: '-period_to',
      where: [
        visible(scope),
        equals(sql.fragment`s.source_id`, input.source_id),
        equals(sql.fragment`s.status`, input.status),
      ],
    },
    input,
  );
}

export function selectStatement(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(statement)`
    SELECT ${statementColumns} FROM ${statementTables} WHERE ${allOf([sql.fragment`s.id = ${id}`, visible(scope)])}`);
}

export type NewLine = {
  position: number;
  date: string;
  amount: number;
  description: string;
  reference: string | null;
  fingerprint: string;
};

export async function callImport(tx: CommonQueryMethods, input: object, lines: readonly NewLine[]): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT import_statement(${json(input)}, ${json(lines)})`);
}

export async function callDiscard(tx: CommonQueryMethods, id: string): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT discard_statement(${id})`);
}

/** How many lines of a file its source has already. */
export async function countKnownLines(tx: CommonQueryMethods, sourceId: string, fingerprints: readonly string[]) {
  return tx.oneFirst(sql.type(v.object({ count: v.number() }))`
    SELECT count(*) AS count FROM statement_lines l
    WHERE l.source_id = ${sourceId} AND l.fingerprint = ANY(${sql.array([...fingerprints], 'text')})`);
}

export function pageOfStatementLines(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof statementLineListInput>,
) {
  const match = sql.fragment`(SELECT m.match_id FROM matched_statement_lines m WHERE m.statement_line_id = l.id)`;
  return listPage(
    tx,
    {
      name: 'statement_lines',
      row: statementLine,
      select: sql.fragment`
        SELECT l.id, l.statement_id, l.date, l.amount, l.description, l.reference, ${match} AS match_id
        FROM statement_lines l JOIN ${statementTables} ON s.id = l.statement_id`,
      id: sql.fragment`l.id`,
      sorts: { date: { column: sql.fragment`l.date`, type: 'date' } },
      defaultSort: 'date',
      where: [
        visible(scope),
        equals(sql.fragment`l.statement_id`, input.statement_id),
        input.is_matched === undefined ? null : sql.fragment`(${match} IS NOT NULL) = ${input.is_matched}`,
        input.from ? sql.fragment`l.date >= ${input.from}::date` : null,
        input.to ? sql.fragment`l.date <= ${input.to}::date` : null,
        contains([sql.fragment`l.description`, sql.fragment`l.reference`], input.q),
      ],
    },
    input,
  );
}
