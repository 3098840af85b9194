import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, inScope, listPage } from '../../operations/list.ts';
import { statementLine } from '../statement/schemas.ts';
import { ledgerLine, match, type matchListInput } from './schemas.ts';

const nothing = v.object({});
const json = (value: unknown) => sql.jsonb(JSON.parse(JSON.stringify(value)));

export type Window = { from: string; to: string; limit: number };

/** Posted lines of an account that nothing is matched with, oldest first; one more than the limit when there are more. */
export function selectOpenLedgerLines(
  tx: CommonQueryMethods,
  accountId: string,
  { from, to, limit }: Window,
  q?: string,
) {
  return tx.any(sql.type(ledgerLine)`
    SELECT l.journal_id, l.position, l.effective_date, l.amount, l.memo, t.id AS transaction_id, t.description, t.external_id
    FROM open_ledger_lines(${accountId}, ${from}::date, ${to}::date, NULL, NULL) l
    JOIN transaction_journals j ON j.id = l.journal_id
    JOIN transactions t ON t.id = j.transaction_id
    WHERE ${allOf([contains([sql.fragment`t.description`, sql.fragment`t.external_id`, sql.fragment`l.memo`], q)])}
    ORDER BY l.effective_date, l.journal_id, l.position
    LIMIT ${limit + 1}`);
}

const openLine = v.omit(statementLine, ['match_id', 'statement_id']);

/**
 * Lines of a statement that nothing is matched with, oldest first, from behind another line on; one more than the limit when
 * there are more.
 */
export function selectOpenStatementLines(
  tx: CommonQueryMethods,
  statementId: string,
  { from, to, limit }: Window,
  after?: { date: string; id: string },
) {
  const { date, id } = after ?? { date: from, id: '00000000-0000-0000-0000-000000000000' };
  return tx.any(sql.type(openLine)`
    SELECT l.id, l.date, l.amount, l.description, l.reference
    FROM statement_lines l
    WHERE l.statement_id = ${statementId} AND (l.date, l.id) > (${date}::date, ${id}::uuid) AND l.date <= ${to}::date
      AND (SELECT m.match_id FROM matched_statement_lines m WHERE m.statement_line_id = l.id) IS NULL
    ORDER BY l.date, l.id
    LIMIT ${limit + 1}`);
}

const sumRow = v.object({ amount: v.number() });

export function sumOfStatementLines(tx: CommonQueryMethods, statementId: string, ids: readonly string[]) {
  return tx.oneFirst(sql.type(sumRow)`
    SELECT coalesce(sum(l.amount), 0)::bigint AS amount FROM statement_lines l
    WHERE l.statement_id = ${statementId} AND l.id = ANY(${sql.array([...ids], 'uuid')})`);
}

export type LineRef = { journal_id: string; position: number };

export function sumOfLedgerLines(tx: CommonQueryMethods, accountId: string, lines: readonly LineRef[]) {
  return tx.oneFirst(sql.type(sumRow)`
    SELECT coalesce(sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END), 0)::bigint AS amount
    FROM jsonb_to_recordset(${json(lines)}) AS i (journal_id uuid, "position" smallint)
    JOIN transaction_lines l ON l.journal_id = i.journal_id AND l.position = i.position AND l.account_id = ${accountId}`);
}

/** The latest of the days that lines of a statement are of; null when it has none of them. */
export function selectLatestDay(tx: CommonQueryMethods, statementId: string, ids: readonly string[]) {
  return tx.oneFirst(sql.type(v.object({ date: v.nullable(v.string()) }))`
    SELECT max(l.date)::text AS date FROM statement_lines l
    WHERE l.statement_id = ${statementId} AND l.id = ANY(${sql.array([...ids], 'uuid')})`);
}

/** Where on an account a transaction has its posted lines. */
export function selectLinesOfTransaction(tx: CommonQueryMethods, accountId: string, transactionId: string) {
  const row = v.object({ journal_id: v.string(), position: v.number() });
  return tx.any(sql.type(row)`
    SELECT l.journal_id, l.position
    FROM transaction_journals j
    JOIN transaction_lines l ON l.journal_id = j.id
    WHERE j.transaction_id = ${transactionId} AND l.account_id = ${accountId} AND l.kind IN ('post', 'reversal')
    ORDER BY l.journal_id, l.position`);
}

export type NewMatch = {
  id: string;
  rule: string;
  score?: number;
  statement_line_ids: readonly string[];
  ledger_lines: readonly LineRef[];
  difference?: number;
  difference_transaction_id?: string;
};

/** Records matches; answers how many lines of the statement they match. */
export function callRecordMatches(
  tx: CommonQueryMethods,
  statementId: string,
  matches: readonly NewMatch[],
  actor: object,
) {
  return tx.oneFirst(sql.type(v.object({ lines: v.number() }))`
    SELECT record_matches(${statementId}, ${json(matches)}, ${json(actor)}) AS lines`);
}

export async function callRemoveMatch(tx: CommonQueryMethods, id: string): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT remove_match(${id})`);
}

const matchColumns = sql.fragment`m.id, m.statement_id, m.rule, m.score::double precision AS score, m.amount, m.difference,
  m.difference_transaction_id, m.matched_by, m.created_at,
  (SELECT coalesce(json_agg(json_build_object('id', l.id, 'date', l.date, 'amount', l.amount, 'description', l.description,
      'reference', l.reference) ORDER BY l.date, l.id), '[]')
    FROM statement_lines l WHERE l.id = ANY (m.statement_line_ids)) AS statement_lines,
  (SELECT coalesce(json_agg(json_build_object('journal_id', l.journal_id, 'position', l.position,
      'effective_date', l.effective_date, 'amount', CASE l.side WHEN 'debit' THEN l.amount::bigint ELSE -l.amount::bigint END,
      'memo', l.memo, 'transaction_id', t.id, 'description', t.description, 'external_id', t.external_id)
      ORDER BY l.effective_date, l.journal_id, l.position), '[]')
    FROM matched_ledger_lines k
    JOIN transaction_lines l ON l.journal_id = k.journal_id AND l.position = k.position
    JOIN transaction_journals j ON j.id = l.journal_id
    JOIN transactions t ON t.id = j.transaction_id
    WHERE k.match_id = m.id) AS ledger_lines`;
const matchTables = sql.fragment`reconciliation_matches m JOIN statements s ON s.id = m.statement_id
  JOIN statement_sources o ON o.id = s.source_id JOIN accounts a ON a.id = o.account_id JOIN books b ON b.id = a.book_id`;

function visible(scope: Scope) {
  return inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
}

export function pageOfMatches(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof matchListInput>) {
  return listPage(
    tx,
    {
      name: 'reconciliation_matches',
      row: match,
      select: sql.fragment`SELECT ${matchColumns} FROM ${matchTables}`,
      id: sql.fragment`m.id`,
      sorts: { created_at: 'id' },
      defaultSort: '-created_at',
      where: [visible(scope), equals(sql.fragment`m.statement_id`, input.statement_id)],
    },
    input,
  );
}

export function selectMatch(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(match)`
    SELECT ${matchColumns} FROM ${matchTables} WHERE ${allOf([sql.fragment`m.id = ${id}`, visible(scope)])}`);
}
