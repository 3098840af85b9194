import * as v from 'valibot';
import { calendarDate, currency, givenInstant, id, instant, listInput } from '../../operations/schemas.ts';
import { entrySide } from '../transaction-journal/schemas.ts';

const axis = v.picklist(['effective', 'recorded']);

/** Days (effective, both within the period) or instants (recorded: after `from`, up to `to`). */
export const statementInput = v.strictObject({
  id,
  from: v.optional(v.union([calendarDate, givenInstant])),
  to: v.optional(v.union([calendarDate, givenInstant])),
  axis: v.optional(axis),
  limit: listInput.limit,
  cursor: listInput.cursor,
});

/** One posted line, and the balance after it: debits − credits, as everywhere here. */
export const statementLine = v.object({
  journal_id: id,
  position: v.number(),
  transaction_id: id,
  type: v.string(),
  kind: v.picklist(['post', 'reversal']),
  description: v.string(),
  effective_date: calendarDate,
  original_effective_date: v.nullable(calendarDate),
  recorded_at: instant,
  side: entrySide,
  amount: v.number(),
  memo: v.nullable(v.string()),
  counterparty_book_id: v.nullable(id),
  /** Null where there is none, or where its books are not the reader's to see. */
  counterparty: v.nullable(v.string()),
  balance: v.number(),
});
export type StatementLine = v.InferOutput<typeof statementLine>;

/**
 * `debits` and `credits` are those of the whole period, so opening + debits − credits = closing; `brought_forward` is the balance
 * before the first line of this page. `final` when nothing can be added to the period any more.
 */
export const statement = v.object({
  account_id: id,
  currency,
  axis,
  from: v.nullable(v.string()),
  to: v.nullable(v.string()),
  final: v.boolean(),
  opening_balance: v.number(),
  debits: v.number(),
  credits: v.number(),
  closing_balance: v.number(),
  brought_forward: v.number(),
  data: v.array(statementLine),
  next_cursor: v.nullable(v.string()),
});
export type AccountStatement = v.InferOutput<typeof statement>;
