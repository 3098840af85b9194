import * as v from 'valibot';
import { calendarDate, currency, id, instant, listInput, listOf } from '../../operations/schemas.ts';

export const entrySide = v.picklist(['debit', 'credit']);

export const line = v.object({
  account_id: id,
  side: entrySide,
  amount: v.number(),
  currency,
  counterparty_book_id: v.nullable(id),
  memo: v.nullable(v.string()),
});

export const journal = v.object({
  id,
  transaction_id: id,
  book_id: id,
  /** `hold` and `release` are pending: no part of the posted balance. */
  kind: v.picklist(['hold', 'release', 'post', 'reversal']),
  effective_date: calendarDate,
  /** The day it belongs to, where that one's period was closed. */
  original_effective_date: v.nullable(calendarDate),
  recorded_at: instant,
  lines: v.array(line),
});
export type Journal = v.InferOutput<typeof journal>;

export const journalListInput = v.strictObject({
  ...listInput,
  book_id: v.optional(id),
  transaction_id: v.optional(id),
  from: v.optional(calendarDate),
  to: v.optional(calendarDate),
  /** Only those that came too late for their own day, whose period was closed; or only the others. */
  late: v.optional(v.boolean()),
});
export const journalList = listOf(journal);
