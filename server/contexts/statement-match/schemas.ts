import * as v from 'valibot';
import { calendarDate, id, instant, listInput, listOf, optional, text } from '../../operations/schemas.ts';
import { statementLine } from '../statement/schemas.ts';

const position = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(32_767));
const actor = v.object({ type: v.string(), id: v.string(), name: v.string() });

/** A line of the ledger on the account of a source. Amounts are signed: what debits the account is positive. */
export const ledgerLine = v.object({
  journal_id: id,
  position: v.number(),
  effective_date: calendarDate,
  amount: v.number(),
  memo: v.nullable(v.string()),
  transaction_id: id,
  description: v.string(),
  external_id: v.nullable(v.string()),
});
export type LedgerLine = v.InferOutput<typeof ledgerLine>;

const windowInput = {
  from: v.optional(calendarDate),
  to: v.optional(calendarDate),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200))),
};

/** Lines that nothing is matched with, oldest first. Without days: those of the statement's period and the two weeks before. */
export const ledgerLinesInput = v.strictObject({ id, ...windowInput, q: v.optional(text(200)) });
export const ledgerLines = v.object({
  data: v.array(ledgerLine),
  from: calendarDate,
  to: calendarDate,
  /** Whether there are more than were asked for: choose fewer days. */
  has_more: v.boolean(),
});

export const suggestedLine = v.omit(statementLine, ['match_id', 'statement_id']);
export const suggestion = v.object({
  rule: v.string(),
  /** From 0 to 1. */
  score: v.number(),
  reasons: v.array(v.string()),
  statement_lines: v.array(suggestedLine),
  ledger_lines: v.array(ledgerLine),
  /** What the ledger lines lack to the statement lines; posted when the suggestion is taken. */
  difference: v.number(),
});
export type Suggestion = v.InferOutput<typeof suggestion>;
/** For the open lines of a range of days; the likeliest first. */
export const suggestInput = v.strictObject({ id, ...windowInput });
export const suggestions = v.object({ data: v.array(suggestion), has_more: v.boolean() });

const lineRef = v.strictObject({ journal_id: id, position });

export const match = v.object({
  id,
  statement_id: id,
  rule: v.string(),
  score: v.nullable(v.number()),
  /** The sum of the statement lines, which is that of the ledger lines. */
  amount: v.number(),
  /** How much of it was posted to an account for differences, and by which transaction. */
  difference: v.number(),
  difference_transaction_id: v.nullable(id),
  matched_by: actor,
  created_at: instant,
  statement_lines: v.array(suggestedLine),
  ledger_lines: v.array(ledgerLine),
});
export type Match = v.InferOutput<typeof match>;
export const matchList = listOf(match);
export const matchListInput = v.strictObject({ ...listInput, statement_id: v.optional(id) });

/**
 * Lines whose sums are equal. Where they are not, `difference` names the account that the rest is posted to, in the same
 * transaction.
 */
export const matchInput = v.strictObject({
  statement_id: id,
  statement_line_ids: v.pipe(v.array(id), v.maxLength(1000, 'must have at most 1,000 lines')),
  ledger_lines: v.pipe(v.array(lineRef), v.maxLength(1000, 'must have at most 1,000 lines')),
  difference: optional(v.strictObject({ account_id: id, description: optional(text(500)) })),
});

const minimumScore = v.optional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(1)));
export const autoMatchInput = v.strictObject({ id, minimum_score: minimumScore });
export const autoMatched = v.object({
  statement_id: id,
  matches: v.number(),
  matched_lines: v.number(),
  differences: v.number(),
  by_rule: v.record(v.string(), v.number()),
  remaining_lines: v.number(),
});
