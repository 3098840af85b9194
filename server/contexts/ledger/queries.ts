import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, inScope } from '../../operations/list.ts';

function visibleBooks(scope: Scope) {
  return allOf([inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`)]);
}

/** Transactions that touch a book in scope. */
function visibleTransaction(scope: Scope) {
  return scope.all
    ? sql.fragment`TRUE`
    : sql.fragment`EXISTS (
        SELECT FROM transaction_journals j JOIN books b ON b.id = j.book_id
        WHERE j.transaction_id = t.id AND ${visibleBooks(scope)})`;
}

const figuresRow = v.object({
  merchant_orgs: v.number(),
  transactions_last_30_days: v.number(),
  revenue_last_30_days: v.array(v.object({ currency: v.string(), amount: v.number() })),
  daily_volume: v.array(v.object({ date: v.string(), transactions: v.number() })),
});

/** The dashboard's figures in one statement. Days are the tenant's own. */
export function selectFigures(tx: CommonQueryMethods, scope: Scope) {
  return tx.one(sql.type(figuresRow)`
    WITH today AS (SELECT (now() AT TIME ZONE t.time_zone)::date AS day FROM tenant t),
    per_day AS (
      SELECT t.effective_date AS day, count(*) AS transactions
      FROM transactions t
      CROSS JOIN today
      WHERE t.effective_date > today.day - 30 AND t.effective_date <= today.day
        AND ${visibleTransaction(scope)}
      GROUP BY t.effective_date),
    earning AS (
      SELECT a.id, a.currency, today.day
      FROM accounts a
      JOIN books b ON b.id = a.book_id
      CROSS JOIN today
      WHERE a.type = 'revenue' AND ${visibleBooks(scope)}),
    revenue AS (
      SELECT s.currency, sum(s.amount)::bigint AS amount
      FROM (
        SELECT e.currency, d.credits - d.debits AS amount
        FROM earning e
        JOIN account_days d ON d.account_id = e.id AND d.day > e.day - 30 AND d.day <= e.day
        UNION ALL
        SELECT e.currency, l.credit - l.debit
        FROM lines_above_horizon l
        JOIN earning e ON e.id = l.account_id AND l.effective_date > e.day - 30 AND l.effective_date <= e.day
        WHERE l.debit + l.credit > 0) s
      GROUP BY s.currency)
    SELECT
      (SELECT count(*) FROM merchant_orgs o WHERE ${allOf([inScope(scope, sql.fragment`o.id`, sql.fragment`NULL::uuid`)])}) AS merchant_orgs,
      (SELECT coalesce(sum(p.transactions), 0)::bigint FROM per_day p) AS transactions_last_30_days,
      (SELECT coalesce(json_agg(json_build_object('currency', r.currency, 'amount', r.amount) ORDER BY r.currency), '[]') FROM revenue r) AS revenue_last_30_days,
      (SELECT json_agg(json_build_object('date', d.day::date, 'transactions', coalesce(p.transactions, 0)) ORDER BY d.day)
        FROM today
        CROSS JOIN generate_series(today.day - 29, today.day, interval '1 day') AS d (day)
        LEFT JOIN per_day p ON p.day = d.day::date) AS daily_volume`);
}

const foldRow = v.object({ step: v.object({ folded: v.number(), has_more: v.boolean() }) });

export async function callFold(tx: CommonQueryMethods) {
  const { step } = await tx.one(sql.type(foldRow)`SELECT fold_ledger() AS step`);
  return step;
}
