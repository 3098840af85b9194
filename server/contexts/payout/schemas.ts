import * as v from 'valibot';
import {
  amount,
  calendarDate,
  currency,
  id,
  instant,
  listInput,
  listOf,
  money,
  optional,
  text,
} from '../../operations/schemas.ts';
import { transaction } from '../transaction/schemas.ts';

/** What the ledger says of a payout; never stored. */
export const payoutState = v.picklist(['scheduled', 'in_transit', 'paid', 'returned', 'canceled']);
export type PayoutState = v.InferOutput<typeof payoutState>;

/** Who can be paid out. */
export const payee = v.strictObject({ type: v.picklist(['merchant', 'merchant_org']), id });

/** `effective_date` is the day on which it is sent; `reason` why it came back or was canceled. */
export const payout = v.object({
  id,
  state: payoutState,
  party: v.object({ type: v.picklist(['merchant', 'merchant_org']), id, name: v.string() }),
  amount: v.object({ amount: v.number(), currency }),
  description: v.string(),
  destination: v.nullable(v.string()),
  effective_date: calendarDate,
  external_id: v.nullable(v.string()),
  recorded_at: instant,
  ended_at: v.nullable(instant),
  reason: v.nullable(v.string()),
});
export type Payout = v.InferOutput<typeof payout>;

/** A step of a payout and the transaction that took it. */
export const payoutStep = v.object({
  step: v.picklist(['scheduled', 'sent', 'settled', 'returned', 'canceled', 'settlement_reversed', 'return_reversed']),
  at: instant,
  transaction_id: id,
  reason: v.nullable(v.string()),
});
export type PayoutStep = v.InferOutput<typeof payoutStep>;

export const payoutWithFacts = v.object({
  ...payout.entries,
  timeline: v.array(payoutStep),
  transactions: v.array(transaction),
});

export const payoutList = listOf(payout);
export const payoutListInput = v.strictObject({
  ...listInput,
  state: v.optional(payoutState),
  merchant_id: v.optional(id),
  merchant_org_id: v.optional(id),
  currency: v.optional(currency),
  external_id: v.optional(text(255)),
  from: v.optional(calendarDate),
  to: v.optional(calendarDate),
});

/**
 * To a merchant, or to any `party` that can be paid out. With `scheduled_for`, money is held now and sent on that day. What has
 * left already was sent on `effective_date`.
 */
export const payoutCreateInput = v.pipe(
  v.strictObject({
    merchant_id: optional(id),
    party: optional(payee),
    amount: money,
    destination: optional(text(200)),
    description: optional(text(500)),
    scheduled_for: optional(calendarDate),
    effective_date: optional(calendarDate),
    external_id: optional(text(255)),
  }),
  v.forward(
    v.check(
      ({ scheduled_for, effective_date }) => scheduled_for == null || effective_date == null,
      'is for what has left already',
    ),
    ['effective_date'],
  ),
  v.forward(
    v.check(({ merchant_id, party }) => (merchant_id == null) !== (party == null), 'is needed, or a party instead'),
    ['merchant_id'],
  ),
);

export const payoutSettleInput = v.strictObject({
  id,
  effective_date: optional(calendarDate),
  external_id: optional(text(255)),
});
export const payoutFailInput = v.strictObject({
  id,
  reason: text(500),
  effective_date: optional(calendarDate),
  external_id: optional(text(255)),
});
export const payoutCancelInput = v.strictObject({ id, reason: optional(text(500)) });

/**
 * What a party has to be paid out in one currency, in minor units: what processor clearing holds (`posted`), less what pending
 * transactions will take of it. `id` is the clearing account. `in_transit` has left and is no part of either.
 */
export const payoutBalance = v.object({
  id,
  party: v.object({ type: v.picklist(['merchant', 'merchant_org']), id, name: v.string() }),
  name: v.string(),
  currency,
  posted: v.number(),
  pending: v.number(),
  available: v.number(),
  in_transit: v.number(),
});
export type PayoutBalance = v.InferOutput<typeof payoutBalance>;
export const payoutBalanceList = listOf(payoutBalance);
export const payoutBalanceListInput = v.strictObject({
  ...listInput,
  merchant_id: v.optional(id),
  merchant_org_id: v.optional(id),
  currency: v.optional(currency),
  /** Only those with at least so much to be paid out. */
  minimum_available: v.optional(amount),
});

export const sentPayouts = v.object({ sent: v.number(), held_up: v.number() });
