import * as v from 'valibot';
import { calendarDate, currency, id } from '../../operations/schemas.ts';
import { transactionStatus } from '../transaction/schemas.ts';

const endType = v.picklist(['tenant', 'merchant_org', 'merchant', 'end_customer', 'account']);

const transactionNode = v.object({
  id,
  kind: v.literal('transaction'),
  label: v.string(),
  /** How many steps before (below zero) or after the transaction that was asked for. */
  depth: v.number(),
  type: v.string(),
  category: v.nullable(v.string()),
  status: transactionStatus,
  amount: v.nullable(v.object({ amount: v.number(), currency: v.string() })),
  effective_date: calendarDate,
});

/** Whoever money came from or went to; its name where the caller may read its books. */
const partyNode = v.object({ id, kind: v.literal('party'), label: v.nullable(v.string()), party_type: endType });

/**
 * `caused` leads from a transaction to what followed from it; `same_external_id` joins two that another system calls the
 * same; `from_party` leads from a party to a transaction and `to_party` on to another; `owes` and `settles` lead from the debtor's
 * party to the creditor's, with what the transaction `by` changed between their books.
 */
const edge = v.object({
  source: id,
  target: id,
  kind: v.picklist(['caused', 'same_external_id', 'from_party', 'to_party', 'owes', 'settles']),
  amount: v.nullable(v.object({ amount: v.number(), currency: v.string() })),
  by: v.nullable(id),
});

/** `is_cut` when there is more than is shown. */
export const trace = v.object({
  transaction_id: id,
  nodes: v.array(v.variant('kind', [transactionNode, partyNode])),
  edges: v.array(edge),
  is_cut: v.boolean(),
});
export type Trace = v.InferOutput<typeof trace>;

/** This month so far unless told otherwise; effective dates, both included. */
export const flowInput = v.strictObject({
  from: v.optional(calendarDate),
  to: v.optional(calendarDate),
  merchant_org_id: v.optional(id),
  currency: v.optional(currency),
});

const flow = {
  currency: v.string(),
  type: v.string(),
  category: v.nullable(v.string()),
  /** Posted less reversed, in minor units, and how many transactions that is. */
  amount: v.number(),
  transactions: v.number(),
};

/** Null is an end that is not named: a processor, a bank, a customer. */
const flowEnd = v.nullable(
  v.object({ type: v.picklist(['tenant', 'merchant_org', 'merchant']), id, name: v.nullable(v.string()) }),
);

/** `totals` is everything by kind of party; `flows` the largest party by party, `is_cut` when there are more. */
export const flowOfFunds = v.object({
  from: calendarDate,
  to: calendarDate,
  totals: v.array(v.object({ ...flow, from_type: v.nullable(endType), to_type: v.nullable(endType) })),
  flows: v.array(v.object({ ...flow, from: flowEnd, to: flowEnd })),
  is_cut: v.boolean(),
});
export type FlowOfFunds = v.InferOutput<typeof flowOfFunds>;
