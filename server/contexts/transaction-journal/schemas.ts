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
  kind: v.picklist(['hold', 'post', 'reversal']),
  effective_date: calendarDate,
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
});
export const journalList = listOf(journal);
