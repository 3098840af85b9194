import * as v from 'valibot';
import { calendarDate, id, instant, optional, text } from '../../operations/schemas.ts';

/** The last day of a month. */
const through = calendarDate;

/** `closable`: over, and the month after the last closed one; while none is, the first with entries. */
export const periodStatus = v.picklist(['open', 'closable', 'closed']);

export const period = v.object({
  month: v.string(),
  from: calendarDate,
  through,
  status: periodStatus,
  closed_at: v.nullable(instant),
  closed_by: v.nullable(v.string()),
  reopened_at: v.nullable(instant),
  reopened_by: v.nullable(v.string()),
  reopen_reason: v.nullable(v.string()),
  /** Journals that belong here and went to a later period because this one was closed. */
  late_items: v.number(),
});
export type Period = v.InferOutput<typeof period>;

/** Left out, the book is the tenant's own (or the first in scope) and the year is the current one. */
export const periodListInput = v.strictObject({
  book_id: v.optional(id),
  year: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1900), v.maxValue(9998))),
});
export const periodCalendar = v.object({
  book_id: id,
  book_name: v.string(),
  year: v.number(),
  closed_through: v.nullable(calendarDate),
  data: v.array(period),
});

/** A check that is not `blocking` is for the person to weigh. */
export const periodCheck = v.object({
  check: v.picklist([
    'period_over',
    'earlier_periods',
    'pending_holds',
    'trial_balance',
    'clearing_accounts',
    'reconciliation',
    'in_flight',
  ]),
  passed: v.boolean(),
  blocking: v.boolean(),
  detail: v.string(),
  /** What stands in the way, the first few; amounts in minor units, debits − credits. */
  items: v.array(
    v.object({
      type: v.picklist(['account', 'transaction', 'book', 'statement']),
      id,
      label: v.string(),
      amount: v.nullable(v.number()),
      currency: v.nullable(v.string()),
    }),
  ),
});
export type PeriodCheck = v.InferOutput<typeof periodCheck>;

export const readinessInput = v.strictObject({ id, through });
export const readiness = v.object({
  book_id: id,
  through,
  closed_through: v.nullable(calendarDate),
  is_closed: v.boolean(),
  is_ready: v.boolean(),
  checks: v.array(periodCheck),
});
export type Readiness = v.InferOutput<typeof readiness>;

/** Closes the month that ends on `through`; with `book_ids` that of further books too, all or none. */
export const periodCloseInput = v.strictObject({
  id,
  through,
  book_ids: optional(v.pipe(v.array(id), v.maxLength(200, 'must have at most 200 books'))),
});
export const closedPeriods = v.object({
  through,
  books: v.array(
    v.object({ book_id: id, name: v.string(), closed_through: calendarDate, checks: v.array(periodCheck) }),
  ),
});

/** Opens every month after `through` again; all of them when it is null. */
export const periodReopenInput = v.strictObject({ id, through: v.nullable(through), reason: text(500) });
