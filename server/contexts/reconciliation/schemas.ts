import * as v from 'valibot';
import { calendarDate, currency, id, optional, text } from '../../operations/schemas.ts';
import { ledgerLine, suggestedLine } from '../statement-match/schemas.ts';

export const signOffInput = v.strictObject({ id, note: optional(text(1000)) });
export const reopenInput = v.strictObject({ id, reason: text(500) });

/**
 * closing_balance = ledger_balance − outstanding + cleared_ahead + unmatched + difference, in minor units, at the end of the
 * period. `outstanding`: what the ledger has and no statement yet. `cleared_ahead`: what statements have and the ledger dates
 * later. `unmatched`: what statements have and the ledger has not. `difference`: what all that does not explain.
 */
export const report = v.object({
  statement_id: id,
  source_id: id,
  account_id: id,
  currency,
  period_from: calendarDate,
  period_to: calendarDate,
  opening_balance: v.number(),
  matched_amount: v.number(),
  unmatched_amount: v.number(),
  closing_balance: v.number(),
  line_count: v.number(),
  matched_count: v.number(),
  ledger_balance: v.number(),
  outstanding: v.number(),
  cleared_ahead: v.number(),
  unmatched: v.number(),
  difference: v.number(),
  first_opening_balance: v.number(),
  ledger_brought_forward: v.number(),
  /** The latest 200 of each. */
  outstanding_lines: v.array(ledgerLine),
  unmatched_lines: v.array(suggestedLine),
});
export type Report = v.InferOutput<typeof report>;
