import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, inScope } from '../../operations/list.ts';

function visibleBooks(scope: Scope) {
  return allOf([inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`)]);
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
    seen AS (
      SELECT DISTINCT j.transaction_id, j.effective_date
      FROM transaction_journals j
      JOIN books b ON b.id = j.book_id
      CROSS JOIN today
      WHERE j.effective_date > today.day - 30 AND j.effective_date <= today.day AND ${visibleBooks(scope)}),
    revenue AS (
      SELECT l.currency, sum(CASE l.side WHEN 'credit' THEN l.amount ELSE -l.amount END)::bigint AS amount
      FROM transaction_journals j
      JOIN books b ON b.id = j.book_id
      JOIN transaction_lines l ON l.journal_id = j.id
      JOIN accounts a ON a.id = l.account_id AND a.type = 'revenue'
      CROSS JOIN today
      WHERE j.effective_date > today.day - 30 AND j.effective_date <= today.day AND ${visibleBooks(scope)}
      GROUP BY l.currency)
    SELECT
      (SELECT count(*) FROM merchant_orgs o WHERE ${allOf([inScope(scope, sql.fragment`o.id`, sql.fragment`NULL::uuid`)])}) AS merchant_orgs,
      (SELECT count(*) FROM seen) AS transactions_last_30_days,
      (SELECT coalesce(json_agg(json_build_object('currency', r.currency, 'amount', r.amount) ORDER BY r.currency), '[]') FROM revenue r) AS revenue_last_30_days,
      (SELECT json_agg(json_build_object('date', d.day::date, 'transactions',
          (SELECT count(*) FROM seen WHERE seen.effective_date = d.day::date)) ORDER BY d.day)
        FROM today, generate_series(today.day - 29, today.day, interval '1 day') AS d (day)) AS daily_volume`);
}
