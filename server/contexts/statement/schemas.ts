import * as v from 'valibot';
import {
  calendarDate,
  currency,
  id,
  instant,
  listInput,
  listOf,
  optional,
  text,
  version,
} from '../../operations/schemas.ts';

export const dateFormats = [
  'YYYY-MM-DD',
  'DD/MM/YYYY',
  'MM/DD/YYYY',
  'DD.MM.YYYY',
  'DD-MM-YYYY',
  'YYYY/MM/DD',
  'YYYYMMDD',
  'DD.MM.YY',
  'DD/MM/YY',
  'MM/DD/YY',
] as const;
export const delimiters = ['comma', 'semicolon', 'tab', 'pipe'] as const;

const column = text(200);

/**
 * Where a file says what: columns by the name in their head, or by their number (from 1) when the file has no heads. The
 * amount stands in one column with its sign, or in one for what came in and one for what went out.
 */
export const mapping = v.pipe(
  v.strictObject({
    delimiter: v.picklist(delimiters),
    has_header: v.boolean(),
    /** Lines above the heads. */
    skip_lines: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(50)),
    date_column: column,
    date_format: v.picklist(dateFormats),
    decimal_separator: v.picklist(['.', ',']),
    amount_column: optional(column),
    paid_in_column: optional(column),
    paid_out_column: optional(column),
    /** Files that write what came in as negative, such as those of credit cards. */
    is_sign_reversed: v.boolean(),
    description_column: optional(column),
    /** What several lines may share, such as the number of a payout or an invoice. */
    reference_column: optional(column),
    /** What no two lines share: the bank's own id of a line. */
    id_column: optional(column),
    currency_column: optional(column),
  }),
  v.check(
    ({ amount_column: amount, paid_in_column: paidIn, paid_out_column: paidOut }) =>
      amount ? !paidIn && !paidOut : Boolean(paidIn && paidOut),
    'must name one column of signed amounts, or one of what came in and one of what went out',
  ),
);
export type Mapping = v.InferOutput<typeof mapping>;

const days = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(90));
const by = v.picklist(['reference', 'date']);

/**
 * How lines find each other, tried in order. `reference`: same reference, same amount. `amount`: same amount, days apart at
 * most. `ledger_group`: ledger lines of one reference or one day make one statement line together. `statement_group`: the
 * other way round. `tolerance` (minor units) may be missing; it is posted to the source's account for differences.
 */
export const rule = v.variant('match', [
  v.strictObject({
    match: v.literal('reference'),
    days,
    tolerance: optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000))),
  }),
  v.strictObject({
    match: v.literal('amount'),
    days,
    tolerance: optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000))),
  }),
  v.strictObject({ match: v.literal('ledger_group'), by, days }),
  v.strictObject({ match: v.literal('statement_group'), by, days }),
]);
export type Rule = v.InferOutput<typeof rule>;
const rules = v.pipe(
  v.array(rule),
  v.minLength(1, 'must have at least one rule'),
  v.maxLength(20, 'must have at most 20 rules'),
);

export const defaultRules: readonly Rule[] = [
  { match: 'reference', days: 30 },
  { match: 'amount', days: 3 },
  { match: 'ledger_group', by: 'reference', days: 14 },
  { match: 'ledger_group', by: 'date', days: 5 },
  { match: 'statement_group', by: 'reference', days: 14 },
];

export const source = v.object({
  id,
  name: v.string(),
  account_id: id,
  account_code: v.string(),
  account_name: v.string(),
  book_id: id,
  currency,
  mapping,
  rules: v.array(rule),
  difference_account_id: v.nullable(id),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Source = v.InferOutput<typeof source>;
export const sourceList = listOf(source);
export const sourceListInput = v.strictObject({
  ...listInput,
  account_id: v.optional(id),
  book_id: v.optional(id),
  q: v.optional(text(200)),
});
/** `difference_account_id` is where differences go unless a match says otherwise: an account of the same book. */
export const sourceCreateInput = v.strictObject({
  name: text(200),
  account_id: id,
  mapping,
  rules: optional(rules),
  difference_account_id: optional(id),
});
export const sourceUpdateInput = v.strictObject({
  id,
  name: v.optional(text(200)),
  mapping: v.optional(mapping),
  rules: v.optional(rules),
  difference_account_id: optional(id),
});

/** Minor units with a sign: what came in is positive. */
const signed = v.pipe(v.number(), v.safeInteger('must be a whole number of minor units'));
const csv = v.pipe(
  v.string(),
  v.minLength(1, 'is required'),
  v.maxLength(1_000_000, 'must have at most 1,000,000 characters'),
);
const actor = v.object({ type: v.string(), id: v.string(), name: v.string() });

export const statement = v.object({
  id,
  source_id: id,
  source_name: v.string(),
  account_id: id,
  currency,
  file_name: v.nullable(v.string()),
  period_from: calendarDate,
  period_to: calendarDate,
  opening_balance: v.number(),
  closing_balance: v.number(),
  line_count: v.number(),
  /** Lines of the file that were left out: imported before. */
  skipped_count: v.number(),
  matched_count: v.number(),
  status: v.picklist(['open', 'signed_off']),
  signed_off_at: v.nullable(instant),
  signed_off_by: v.nullable(actor),
  note: v.nullable(v.string()),
  reopened_by: v.nullable(actor),
  reopened_reason: v.nullable(v.string()),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Statement = v.InferOutput<typeof statement>;
export const statementList = listOf(statement);
export const statementListInput = v.strictObject({
  ...listInput,
  source_id: v.optional(id),
  status: v.optional(v.picklist(['open', 'signed_off'])),
});

/**
 * A file as text. With a `mapping`, that one is used, and an import saves it with the source. Balances that are left out follow
 * from the lines and the statement before.
 */
export const statementImportInput = v.strictObject({
  source_id: id,
  csv,
  file_name: optional(text(200)),
  mapping: v.optional(mapping),
  opening_balance: optional(signed),
  closing_balance: optional(signed),
  period_from: optional(calendarDate),
  period_to: optional(calendarDate),
});
export const statementPreviewInput = v.strictObject({ source_id: id, csv, mapping: v.optional(mapping) });

/** `row` counts the lines of the file from 1, as a spreadsheet does. */
const parsedLine = v.object({
  row: v.number(),
  date: v.nullable(calendarDate),
  amount: v.nullable(v.number()),
  description: v.string(),
  reference: v.nullable(v.string()),
  errors: v.array(v.string()),
});
export const statementPreview = v.object({
  columns: v.array(v.string()),
  lines: v.array(parsedLine),
  line_count: v.number(),
  error_count: v.number(),
  duplicate_count: v.number(),
  total: v.number(),
  from: v.nullable(calendarDate),
  to: v.nullable(calendarDate),
});
export type StatementPreview = v.InferOutput<typeof statementPreview>;

export const statementLine = v.object({
  id,
  statement_id: id,
  date: calendarDate,
  amount: v.number(),
  description: v.string(),
  reference: v.nullable(v.string()),
  match_id: v.nullable(id),
});
export type StatementLine = v.InferOutput<typeof statementLine>;
export const statementLineList = listOf(statementLine);
export const statementLineListInput = v.strictObject({
  ...listInput,
  statement_id: v.optional(id),
  is_matched: v.optional(v.boolean()),
  from: v.optional(calendarDate),
  to: v.optional(calendarDate),
  q: v.optional(text(200)),
});
