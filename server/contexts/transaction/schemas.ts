import * as v from 'valibot';
import {
  amount,
  calendarDate,
  currency,
  givenInstant,
  id,
  instant,
  listInput,
  listOf,
  money,
  optional,
  recordOf,
  text,
} from '../../operations/schemas.ts';
import { entrySide, journal } from '../transaction-journal/schemas.ts';

export const transactionStatus = v.picklist(['pending', 'posted', 'voided', 'reversed', 'failed']);

/** One end of a typed transaction: a party, whose accounts the posting rule chooses, or an account by name. */
export const party = v.strictObject({
  type: v.picklist(['tenant', 'merchant_org', 'merchant', 'end_customer', 'account']),
  id,
});

/** `posted_amount` is what of it was posted: null while pending, less than `amount` after a part posting. */
export const transaction = v.object({
  id,
  type: v.string(),
  category: v.nullable(v.string()),
  status: transactionStatus,
  description: v.string(),
  from: v.nullable(party),
  to: v.nullable(party),
  amount: v.nullable(v.object({ amount: v.number(), currency: v.string() })),
  posted_amount: v.nullable(v.number()),
  effective_date: calendarDate,
  recorded_at: instant,
  expires_at: v.nullable(instant),
  source: v.string(),
  external_id: v.nullable(v.string()),
  caused_by: v.nullable(id),
  reason: v.nullable(v.string()),
  metadata: v.record(v.string(), v.unknown()),
  journals: v.array(journal),
});
/** Of a transaction that was just posted, for a caller who wants no more. */
export const postedId = v.object({ id });
export type Transaction = v.InferOutput<typeof transaction>;

/** Up to 50 short entries; what they mean is the caller's business. */
const metadata = v.pipe(
  recordOf(
    v.pipe(v.string(), v.maxLength(64)),
    v.union([text(1000, 0), v.pipe(v.number(), v.finite()), v.boolean(), v.null()]),
  ),
  v.check((entries) => Object.keys(entries).length <= 50, 'must have at most 50 entries'),
  v.check(
    (entries) => Object.keys(entries).every((key) => !key.includes('\u0000') && key.isWellFormed()),
    'must have valid names',
  ),
);

/** What is late for a closed period is refused, or goes to the first open day with a link to its own. */
const onClosedPeriod = v.optional(v.picklist(['refuse', 'next_open']));

/** The product's own: what they name is looked for by its external id. */
const OWN_SOURCES: readonly string[] = ['customer_invoice', 'customer_payment', 'payout', 'reconciliation'];
const source = v.pipe(
  text(40),
  v.check((name) => !OWN_SOURCES.includes(name), 'is a name that the product books under itself'),
);

const header = {
  effective_date: optional(calendarDate),
  external_id: optional(text(255)),
  /** Who counts external ids: one external_id per source. `api` unless told otherwise. */
  source: optional(source),
  status: v.optional(v.picklist(['posted', 'pending'])),
  /** When a hold lapses by itself. */
  expires_at: optional(givenInstant),
  /** The transaction that this one follows from. */
  caused_by: optional(id),
  on_closed_period: onClosedPeriod,
  metadata: optional(metadata),
};

export const rawTransactionInput = v.strictObject({
  description: text(500),
  lines: v.pipe(
    v.array(v.strictObject({ account_id: id, side: entrySide, amount, memo: optional(text(500)) })),
    v.minLength(2, 'must have at least two lines'),
    v.maxLength(500, 'must have at most 500 lines'),
  ),
  ...header,
});

export const transactionTypes = [
  'payment',
  'refund',
  'processor_fee',
  'commission',
  'franchise_fee',
  'subscription_charge',
  'settlement',
  'payout',
  'write_off',
  'transfer',
  'adjustment',
] as const;

/** An end that keeps no books, such as the processor of a fee, is left out. */
export const typedTransactionInput = v.strictObject({
  type: v.picklist(transactionTypes),
  category: optional(v.pipe(v.string(), v.regex(/^[a-z][a-z_]{0,39}$/, 'must be lower-case letters'))),
  from: optional(party),
  to: optional(party),
  amount: money,
  /** Parts of the amount by name, in its currency: `{"tip": 500, "tax": 210}`. */
  components: optional(recordOf(v.pipe(v.string(), v.regex(/^[a-z][a-z_]{0,39}$/)), amount)),
  description: v.optional(text(500)),
  ...header,
});

export const transactionCreateInput = v.union([rawTransactionInput, typedTransactionInput]);

export const transactionBatchInput = v.strictObject({
  transactions: v.pipe(
    v.array(transactionCreateInput),
    v.minLength(1, 'must have at least one transaction'),
    v.maxLength(1000, 'must have at most 1,000 transactions'),
  ),
});
export const transactionBatch = v.object({ data: v.array(transaction) });

export const transactionPreview = v.object({
  ...transaction.entries,
  /** What the accounts would hold afterwards, in minor units; `balance` is debits − credits. */
  balances: v.array(
    v.object({
      account_id: id,
      code: v.string(),
      name: v.string(),
      currency: v.string(),
      debits: v.number(),
      credits: v.number(),
      balance: v.number(),
      pending_debits: v.number(),
      pending_credits: v.number(),
    }),
  ),
});

export type TransactionPreview = v.InferOutput<typeof transactionPreview>;

export const transactionPostInput = v.strictObject({
  id,
  amount: optional(amount),
  effective_date: optional(calendarDate),
  on_closed_period: onClosedPeriod,
});
export const transactionVoidInput = v.strictObject({ id, reason: optional(text(500)) });
export const transactionReverseInput = v.strictObject({
  id,
  reason: text(500),
  effective_date: optional(calendarDate),
  on_closed_period: onClosedPeriod,
});

export const transactionListInput = v.strictObject({
  ...listInput,
  type: v.optional(text(40)),
  status: v.optional(transactionStatus),
  category: v.optional(text(40)),
  source: v.optional(text(40)),
  /** Who it is from or to. */
  party: v.optional(id),
  book_id: v.optional(id),
  account_id: v.optional(id),
  external_id: v.optional(text(255)),
  caused_by: v.optional(id),
  currency: v.optional(currency),
  /** Of raw lines, the largest sum that one journal debits. */
  amount_min: v.optional(amount),
  amount_max: v.optional(amount),
  /** Effective dates, both included. */
  from: v.optional(calendarDate),
  to: v.optional(calendarDate),
  /** Words, or their beginnings, of description, external id and memos; or an id. */
  q: v.optional(text(200)),
});
export const transactionList = listOf(transaction);
export const expiredHolds = v.object({ expired: v.number() });
