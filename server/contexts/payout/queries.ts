import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope, listPage } from '../../operations/list.ts';
import { transaction } from '../transaction/schemas.ts';
import { payout, payoutBalance, type payoutBalanceListInput, type payoutListInput, sentPayouts } from './schemas.ts';

const nothing = v.object({});

const select = sql.fragment`
  SELECT p.id, p.state, json_build_object('type', p.party_type, 'id', p.party_id, 'name', p.party_name) AS party,
    json_build_object('amount', p.amount, 'currency', p.currency) AS amount, p.description, p.destination, p.effective_date,
    p.external_id, p.recorded_at, p.ended_at, p.reason
  FROM payouts p`;

function visible(scope: Scope) {
  return inScope(scope, sql.fragment`p.merchant_org_id`, sql.fragment`p.merchant_id`);
}

export function pageOfPayouts(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof payoutListInput>) {
  const { from, to } = input;
  return listPage(
    tx,
    {
      name: 'payouts',
      row: payout,
      select,
      id: sql.fragment`p.id`,
      sorts: {
        recorded_at: { column: sql.fragment`p.recorded_at`, type: 'timestamptz' },
        effective_date: { column: sql.fragment`p.effective_date`, type: 'date' },
      },
      defaultSort: '-recorded_at',
      where: [
        visible(scope),
        equals(sql.fragment`p.state`, input.state),
        equals(sql.fragment`p.party_id`, input.merchant_id),
        equals(sql.fragment`p.merchant_org_id`, input.merchant_org_id),
        equals(sql.fragment`p.currency`, input.currency),
        equals(sql.fragment`p.external_id`, input.external_id),
        from ? sql.fragment`p.effective_date >= ${from}::date` : null,
        to ? sql.fragment`p.effective_date <= ${to}::date` : null,
      ],
    },
    input,
  );
}

export function selectPayout(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(payout)`${select} WHERE ${allOf([sql.fragment`p.id = ${id}`, visible(scope)])}`);
}

const documentRow = v.object({ document: transaction });

/** The transaction that made a payout and those that ended it, in their order. */
export async function selectFacts(tx: CommonQueryMethods, scope: Scope, id: string) {
  const rows = await tx.any(sql.type(documentRow)`
    SELECT d.document
    FROM transaction_documents(ARRAY(
      SELECT t.id FROM transactions t
      WHERE t.id = ${id} OR t.caused_by = ${id} AND t.type = 'payout' AND t.category IN ('settled', 'returned')
      ORDER BY t.id), ${sql.jsonb(scope)}) AS d (document)`);
  return rows.map(({ document }) => document);
}

/** Waits for other payouts of the party and makes sure that it has the money (tenants/functions/30-payouts.sql). Returns its name. */
export function reserve(
  tx: CommonQueryMethods,
  scope: Scope,
  wanted: {
    type: string;
    id: string;
    amount: number;
    currency: string;
    scheduledFor: string | null;
    sentOn: string | null;
  },
): Promise<string> {
  return tx.oneFirst(sql.type(v.object({ name: v.string() }))`
    SELECT reserve_payout(${sql.jsonb(scope)}, ${wanted.type}::transaction_end, ${wanted.id}, ${wanted.currency}, ${wanted.amount},
      ${wanted.scheduledFor}::date, ${wanted.sentOn}::date) AS name`);
}

/** A payout that is on its way, held until the commit; null when it is not there. */
export async function lockPayout(tx: CommonQueryMethods, scope: Scope, id: string) {
  if (!(await selectPayout(tx, scope, id))) return null;
  await tx.query(sql.type(nothing)`SELECT lock_payout(${id})`);
  return selectPayout(tx, scope, id);
}

export async function callSendPayoutsLater(tx: CommonQueryMethods): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT send_payouts_later()`);
}

export async function callSendDuePayouts(tx: CommonQueryMethods) {
  const { result } = await tx.one(sql.type(v.object({ result: sentPayouts }))`SELECT send_due_payouts() AS result`);
  return result;
}

export function pageOfBalances(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof payoutBalanceListInput>,
) {
  const minimum = input.minimum_available;
  return listPage(
    tx,
    {
      name: 'payout_balances',
      row: payoutBalance,
      select: sql.fragment`
        SELECT a.id, json_build_object('type', b.party_type, 'id', b.party_id, 'name', b.name) AS party, b.name, a.currency,
          s.debits - s.credits AS posted, s.pending_credits AS pending, s.debits - s.credits - s.pending_credits AS available,
          coalesce(n.debits - n.credits, 0) AS in_transit
        FROM books b
        JOIN accounts a ON a.book_id = b.id AND a.purpose = 'processor_clearing'
        CROSS JOIN LATERAL sums_now(ARRAY[a.id]) s
        LEFT JOIN accounts i ON i.book_id = b.id AND i.purpose = 'payouts_in_transit' AND i.currency = a.currency
        LEFT JOIN LATERAL sums_now(ARRAY[i.id]) n ON true`,
      id: sql.fragment`a.id`,
      sorts: {
        name: { column: sql.fragment`b.name`, type: 'text' },
        currency: { column: sql.fragment`a.currency`, type: 'text' },
      },
      defaultSort: 'name',
      where: [
        sql.fragment`b.party_type IN ('merchant', 'merchant_org')`,
        inScope(scope, sql.fragment`b.merchant_org_id`, sql.fragment`b.merchant_id`),
        equals(sql.fragment`b.merchant_id`, input.merchant_id),
        equals(sql.fragment`b.merchant_org_id`, input.merchant_org_id),
        equals(sql.fragment`a.currency`, input.currency),
        minimum ? sql.fragment`s.debits - s.credits - s.pending_credits >= ${minimum}` : null,
      ],
    },
    input,
  );
}
