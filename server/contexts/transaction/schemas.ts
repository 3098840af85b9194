import * as v from 'valibot';
import {
  amount,
  calendarDate,
  id,
  instant,
  listInput,
  listOf,
  money,
  optional,
  text,
} from '../../operations/schemas.ts';
import { entrySide, journal } from '../transaction-journal/schemas.ts';

export const transactionStatus = v.picklist(['pending', 'posted', 'voided', 'reversed', 'failed']);

/** One end of a typed transaction: a party, whose accounts the posting rule chooses, or an account by name. */
export const party = v.strictObject({ type: v.picklist(['tenant', 'merchant_org', 'merchant', 'account']), id });

export const transaction = v.object({
  id,
  type: v.string(),
  status: transactionStatus,
  description: v.string(),
  from: v.nullable(party),
  to: v.nullable(party),
  amount: v.nullable(v.object({ amount: v.number(), currency: v.string() })),
  effective_date: calendarDate,
  recorded_at: instant,
  external_id: v.nullable(v.string()),
  metadata: v.record(v.string(), v.unknown()),
  journals: v.array(journal),
});
export type Transaction = v.InferOutput<typeof transaction>;

/** A list passes for a record, and valibot drops these names without a word: both are refused instead. */
function isRecord(value: unknown): boolean {
  const names = ['__proto__', 'constructor', 'prototype'];
  return !Array.isArray(value) && !names.some((name) => Object.hasOwn(Object(value), name));
}

/** Up to 50 short entries; what they mean is the caller's business. */
const metadata = v.pipe(
  v.custom<Record<string, unknown>>(isRecord, 'must be an object with names of its own'),
  v.record(v.pipe(v.string(), v.maxLength(64)), v.union([text(1000, 0), v.number(), v.boolean(), v.null()])),
  v.check((entries) => Object.keys(entries).length <= 50, 'must have at most 50 entries'),
  v.check(
    (entries) => Object.keys(entries).every((key) => !key.includes('\u0000') && key.isWellFormed()),
    'must have valid names',
  ),
);

const header = {
  effective_date: optional(calendarDate),
  external_id: optional(text(255)),
  status: v.optional(v.literal('posted')),
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

export const typedTransactionInput = v.strictObject({
  type: v.picklist(['transfer', 'adjustment']),
  from: party,
  to: party,
  amount: money,
  description: v.optional(text(500)),
  ...header,
});

export const transactionCreateInput = v.union([rawTransactionInput, typedTransactionInput]);

export const transactionListInput = v.strictObject({
  ...listInput,
  type: v.optional(text(40)),
  status: v.optional(transactionStatus),
  book_id: v.optional(id),
  account_id: v.optional(id),
  external_id: v.optional(text(255)),
  from: v.optional(calendarDate),
  to: v.optional(calendarDate),
  q: v.optional(text(200)),
});
export const transactionList = listOf(transaction);
