import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, inScope } from '../../operations/list.ts';
import { statementLine } from './schemas.ts';

/** Where a page of a statement begins: behind this line. */
export type Place = { day: string; epoch: number; xid: string; journal: string; position: number };

export type Period = { axis: 'effective' | 'recorded'; from: string | null; to: string | null };

const { balance: _computed, ...written } = statementLine.entries;
const row = v.object({
  currency: v.string(),
  opening_debits: v.number(),
  opening_credits: v.number(),
  closing_debits: v.number(),
  closing_credits: v.number(),
  /** What was held before the day of the place. */
  before: v.number(),
  final: v.boolean(),
  lines: v.array(v.object({ ...written, epoch: v.number(), xid: v.string() })),
});
export type StatementRow = v.InferOutput<typeof row>;

const nothing = sql.fragment`(SELECT 0::bigint AS debits, 0::bigint AS credits)`;
const now = sql.fragment`sums_now(ARRAY[a.id])`;

/** Which lines belong to the page, and in which order, so that one index range is read from its beginning. */
function linesByDay({ from, to }: Period, place: Place | null) {
  const after = place
    ? sql.fragment`(${place.day}::date, ${place.journal}::uuid, ${place.position}::smallint)`
    : sql.fragment`(${from ?? '-infinity'}::date, '00000000-0000-0000-0000-000000000000'::uuid, 0::smallint)`;
  return {
    where: sql.fragment`(n.effective_date, n.journal_id, n.position) > ${after} AND n.effective_date <= ${to ?? 'infinity'}::date`,
    order: sql.fragment`n.effective_date, n.journal_id, n.position`,
  };
}

/** In the order of recording. A tick tells which lines cannot be in the period (see sums_at). */
function linesByRecord({ from, to }: Period, place: Place | null) {
  const tick = (column: FragmentSqlToken, rest: FragmentSqlToken) =>
    sql.fragment`(SELECT ${column} FROM ledger_ticks t WHERE ${rest} LIMIT 1)`;
  const below = sql.fragment`t.after <= ${from ?? '-infinity'}::timestamptz ORDER BY t.after DESC`;
  const above = sql.fragment`t.before >= ${to ?? 'infinity'}::timestamptz ORDER BY t.before`;
  // Not one row comparison: of such the planner looks at the first column alone, and would expect no rows of a later epoch.
  const after = place
    ? sql.fragment`(n.epoch, n.xid) >= (${place.epoch}::smallint, ${place.xid}::xid8)
        AND NOT (n.epoch = ${place.epoch}::smallint AND n.xid = ${place.xid}::xid8
          AND (n.journal_id, n.position) <= (${place.journal}::uuid, ${place.position}::smallint))`
    : sql.fragment`(n.epoch, n.xid)
        >= (coalesce(${tick(sql.fragment`t.epoch`, below)}, 0::smallint), coalesce(${tick(sql.fragment`t.horizon`, below)}, '0'))`;
  return {
    where: sql.fragment`${after}
      AND (n.epoch, n.xid) < (coalesce(${tick(sql.fragment`t.epoch`, above)}, 32767::smallint),
        coalesce(${tick(sql.fragment`t.ceiling`, above)}, '18446744073709551615'))
      AND n.recorded_at > ${from ?? '-infinity'}::timestamptz AND n.recorded_at <= ${to ?? 'infinity'}::timestamptz`,
    order: sql.fragment`n.epoch, n.xid, n.journal_id, n.position`,
  };
}

/** The sums at both ends of the period, and before the day of the place. None sums the account's lines. */
function boundaries({ axis, from, to }: Period, place: Place | null) {
  const isEffective = axis === 'effective';
  const at = (moment: string) =>
    isEffective
      ? sql.fragment`sums_on(ARRAY[a.id], ${moment}::date)`
      : sql.fragment`sums_at(ARRAY[a.id], ${moment}::timestamptz)`;
  const beforeDay = (day: string) => sql.fragment`sums_on(ARRAY[a.id], ${day}::date - 1)`;
  return {
    opening: from === null ? nothing : isEffective ? beforeDay(from) : at(from),
    closing: to === null ? now : at(to),
    before: place && isEffective ? beforeDay(place.day) : nothing,
    final:
      to === null
        ? sql.fragment`FALSE`
        : isEffective
          ? sql.fragment`coalesce(${to}::date <= b.closed_through, FALSE)`
          : sql.fragment`is_final_at(${to}::timestamptz)`,
  };
}

/** One page of an account's posted lines with its boundaries, all from one snapshot; null when the account is not in scope. */
export function selectStatement(
  tx: CommonQueryMethods,
  scope: Scope,
  accountId: string,
  period: Period,
  place: Place | null,
  limit: number,
) {
  const { opening, closing, before, final } = boundaries(period, place);
  const lines = period.axis === 'effective' ? linesByDay(period, place) : linesByRecord(period, place);
  const visible = inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
  const known = inScope(scope, sql.fragment`c.merchant_org_id`, sql.fragment`c.merchant_id`);
  return tx.maybeOne(sql.type(row)`
    SELECT a.currency, o.debits AS opening_debits, o.credits AS opening_credits, s.debits AS closing_debits,
      s.credits AS closing_credits, (d.debits - d.credits)::bigint AS before, ${final} AS final,
      (SELECT coalesce(json_agg(json_build_object('journal_id', n.journal_id, 'position', n.position, 'transaction_id', t.id,
          'type', t.type, 'kind', n.kind, 'description', t.description, 'effective_date', n.effective_date,
          'original_effective_date', j.original_effective_date, 'recorded_at', rfc3339(n.recorded_at), 'side', n.side,
          'amount', n.amount, 'memo', n.memo, 'counterparty_book_id', n.counterparty_book_id, 'counterparty', c.name,
          'epoch', n.epoch, 'xid', n.xid::text) ORDER BY ${lines.order}), '[]')
        FROM (
          SELECT n.*
          FROM transaction_lines n
          WHERE n.account_id = ${accountId} AND ${lines.where} AND n.kind IN ('post', 'reversal')
          ORDER BY ${lines.order}
          LIMIT ${limit + 1}) n
        JOIN transaction_journals j ON j.id = n.journal_id
        JOIN transactions t ON t.id = j.transaction_id
        LEFT JOIN books c ON c.id = n.counterparty_book_id AND ${allOf([known])}) AS lines
    FROM accounts a
    JOIN books b ON b.id = a.book_id
    CROSS JOIN LATERAL ${opening} o
    CROSS JOIN LATERAL ${closing} s
    CROSS JOIN LATERAL ${before} d
    WHERE ${allOf([sql.fragment`a.id = ${accountId}`, visible])}`);
}
