import * as v from 'valibot';
import {
  calendarDate,
  id,
  instant,
  listInput,
  listOf,
  money,
  optional,
  price,
  text,
  version,
} from '../../operations/schemas.ts';
import { defineStates } from '../../operations/states.ts';

/** A card payment waits for its processor's answer. */
export const customerPaymentStatus = v.picklist(['pending', 'succeeded', 'failed']);
const moves = {
  succeed: { from: ['pending'], to: 'succeeded' },
  fail: { from: ['pending'], to: 'failed' },
} as const;
export const customerPaymentStates = defineStates({ name: 'customer_payment', initial: 'pending', moves });
export const customerRefundStates = defineStates({ name: 'customer_refund', initial: 'pending', moves });

/** A part beforehand; the rest after a deposit; the whole; something for the staff; the fee for not having come. */
export const customerPaymentKind = v.picklist(['deposit', 'balance', 'full_pay', 'tip', 'no_show']);
export type CustomerPaymentKind = v.InferOutput<typeof customerPaymentKind>;
/** A `card` is asked for through a processor; what a `card_terminal` took is only written down, like the others. */
export const customerPaymentMethod = v.picklist(['cash', 'bank_transfer', 'card', 'card_terminal']);

export const customerRefund = v.object({
  id,
  payment_id: id,
  amount: money,
  reason: v.string(),
  paid_on: calendarDate,
  reference: v.nullable(v.string()),
  status: customerPaymentStatus,
  failure: v.nullable(v.string()),
  transaction_id: v.nullable(id),
  created_at: instant,
});

/**
 * `amount` includes the `tip`. `paid_on` is the day of the merchant on which the money came; `reference` what its processor,
 * terminal or bank calls it. `transaction_id` is what the ledger booked.
 */
export const customerPayment = v.object({
  id,
  merchant_id: id,
  invoice_id: id,
  invoice_number: v.string(),
  end_customer: v.object({ id, name: v.string() }),
  kind: customerPaymentKind,
  method: customerPaymentMethod,
  amount: money,
  tip: price,
  paid_on: calendarDate,
  reference: v.nullable(v.string()),
  refundable: price,
  status: customerPaymentStatus,
  processor: v.nullable(v.string()),
  failure: v.nullable(v.string()),
  transaction_id: v.nullable(id),
  refunds: v.array(customerRefund),
  version,
  created_at: instant,
  updated_at: instant,
});
export type CustomerPayment = v.InferOutput<typeof customerPayment>;

/**
 * `amount` is for deposits and tips; what settles an invoice is always what it still asks for, and is refused when another
 * amount is named. `tip` comes on top of it. `paid_on` (today) is earlier for what is written down later.
 */
export const customerPaymentTakeInput = v.pipe(
  v.strictObject({
    invoice_id: id,
    kind: customerPaymentKind,
    method: customerPaymentMethod,
    amount: v.optional(money),
    tip: v.optional(money),
    card_token: v.optional(text(200)),
    paid_on: optional(calendarDate),
    reference: optional(text(100)),
  }),
  v.forward(
    v.check(
      ({ kind, amount }) => amount !== undefined || (kind !== 'deposit' && kind !== 'tip'),
      'is needed for a deposit or a tip',
    ),
    ['amount'],
  ),
  v.forward(
    v.check(
      ({ method, card_token }) => (method === 'card') === (card_token !== undefined),
      'is for a card, and only for that',
    ),
    ['card_token'],
  ),
  v.forward(
    v.check(
      ({ kind, tip }) => tip === undefined || kind === 'balance' || kind === 'full_pay',
      'comes with what settles an invoice',
    ),
    ['tip'],
  ),
  v.forward(
    v.check(({ method, paid_on }) => method !== 'card' || paid_on == null, 'is today for a card'),
    ['paid_on'],
  ),
  v.forward(
    v.check(({ method, reference }) => method !== 'card' || reference == null, 'of a card is what its processor says'),
    ['reference'],
  ),
);
export const customerPaymentRefundInput = v.strictObject({
  id,
  amount: optional(money),
  reason: text(500),
  paid_on: optional(calendarDate),
  reference: optional(text(100)),
});
export const customerPaymentListInput = v.strictObject({
  ...listInput,
  merchant_id: v.optional(id),
  invoice_id: v.optional(id),
  status: v.optional(customerPaymentStatus),
  kind: v.optional(customerPaymentKind),
  method: v.optional(customerPaymentMethod),
});
export const customerPaymentList = listOf(customerPayment);
