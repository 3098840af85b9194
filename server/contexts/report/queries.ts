import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope } from '../../operations/list.ts';
import { accountType } from '../account/schemas.ts';

export type Axis = 'effective' | 'recorded';

const bookRow = v.object({
  book_id: v.string(),
  name: v.string(),
  party_type: v.string(),
  closed_through: v.nullable(v.string()),
});

/**
 * The books a report is about, in scope only: the one named, a MerchantOrg's with its merchants', or else the first that the
 * caller may see, the tenant's own before others. Of a MerchantOrg whose own book is not in scope, none.
 */
export function selectBooks(
  tx: CommonQueryMethods,
  scope: Scope,
  { book_id: bookId, merchant_org_id: orgId }: { book_id?: string | undefined; merchant_org_id?: string | undefined },
) {
  const visible = inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`);
  const isWhole =
    orgId === undefined ? null : inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`NULL::uuid`);
  const which = [equals(sql.fragment`b.id`, bookId), equals(sql.fragment`b.merchant_org_id`, orgId)];
  return tx.any(sql.type(bookRow)`
    SELECT b.id AS book_id, b.name, b.party_type, b.closed_through
    FROM books b
    WHERE ${allOf([...which, visible, isWhole])}
    ORDER BY b.party_type, b.name, b.id
    LIMIT ${orgId === undefined ? 1 : null}`);
}

const dayRow = v.object({ today: v.string() });

export async function selectToday(tx: CommonQueryMethods): Promise<string> {
  const { today } = await tx.one(
    sql.type(dayRow)`SELECT (now() AT TIME ZONE t.time_zone)::date AS today FROM tenant t`,
  );
  return today;
}

const finalRow = v.object({ final: v.boolean() });

/** Whether nothing can be recorded any more up to an instant. */
export async function selectFinal(tx: CommonQueryMethods, instant: string): Promise<boolean> {
  return (await tx.one(sql.type(finalRow)`SELECT is_final_at(${instant}::timestamptz) AS final`)).final;
}

const sumsRow = v.object({
  point: v.number(),
  account_id: v.string(),
  book_id: v.string(),
  code: v.string(),
  name: v.string(),
  type: accountType,
  currency: v.string(),
  purpose: v.nullable(v.string()),
  counterparty_book_id: v.nullable(v.string()),
  debits: v.number(),
  credits: v.number(),
});
export type SumsRow = v.InferOutput<typeof sumsRow>;

/** What every account of the books held at each point (days, instants, or the one point null: now), by code. */
function sumsAt(axis: Axis, points: readonly (string | null)[]) {
  const given = points.filter((point) => point !== null);
  if (given.length === 0) {
    return sql.fragment`
      SELECT 1 AS point, s.account_id, NULL::uuid AS counterparty_book_id, s.debits, s.credits
      FROM sums_now((SELECT array_agg(c.id) FROM chart c)) s`;
  }
  const type = axis === 'effective' ? sql.fragment`date` : sql.fragment`timestamptz`;
  const source = axis === 'effective' ? sql.fragment`sums_on` : sql.fragment`sums_at`;
  return sql.fragment`
    SELECT p.point::integer, s.account_id, NULL::uuid AS counterparty_book_id, s.debits, s.credits
    FROM unnest(${sql.array(given, 'text')}::${type}[]) WITH ORDINALITY AS p (at, point)
    CROSS JOIN LATERAL ${source}((SELECT array_agg(c.id) FROM chart c), p.at) s`;
}

/** Beside the sums of each account, when `isConsolidated`, a row per other book of the group: what is to be eliminated. */
export function selectSums(
  tx: CommonQueryMethods,
  bookIds: readonly string[],
  axis: Axis,
  points: readonly (string | null)[],
  isConsolidated: boolean,
) {
  const books = sql.array([...bookIds], 'uuid');
  const eliminated = isConsolidated
    ? sql.fragment`
      UNION ALL
      SELECT p.point::integer, e.account_id, e.counterparty_book_id, e.debits, e.credits
      FROM unnest(${sql.array([...points], 'text')}::date[]) WITH ORDINALITY AS p (day, point)
      CROSS JOIN LATERAL counterparty_sums_on(${books}, p.day) e`
    : sql.fragment``;
  return tx.any(sql.type(sumsRow)`
    WITH chart AS MATERIALIZED (SELECT a.* FROM accounts a WHERE a.book_id = ANY (${books}))
    SELECT s.point, s.account_id, c.book_id, c.code, c.name, c.type, c.currency, c.purpose, s.counterparty_book_id, s.debits, s.credits
    FROM (${sumsAt(axis, points)} ${eliminated}) s
    JOIN chart c ON c.id = s.account_id
    ORDER BY c.currency, c.type, c.code COLLATE "C", c.id, s.counterparty_book_id, s.point`);
}
