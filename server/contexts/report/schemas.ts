import * as v from 'valibot';
import { calendarDate, currency, givenInstant, id } from '../../operations/schemas.ts';
import { accountType } from '../account/schemas.ts';

export const reportAxis = v.picklist(['effective', 'recorded']);
const moment = v.union([calendarDate, givenInstant]);

/** One book (the caller's own unless told otherwise), or a MerchantOrg's and its merchants' together. */
const about = { book_id: v.optional(id), merchant_org_id: v.optional(id), axis: v.optional(reportAxis) };

/** At the end of a day (effective), at an instant (recorded), or now. */
export const reportInput = v.strictObject({ ...about, at: v.optional(moment) });

/** Days (effective, both within the period) or instants (recorded: after `from`, up to `to`); this month so far when absent. */
export const periodInput = v.strictObject({ ...about, from: v.optional(moment), to: v.optional(moment) });

/** What every report says of itself. `final` when nothing can change it any more. */
const head = {
  merchant_org_id: v.nullable(id),
  books: v.array(v.object({ book_id: id, name: v.string() })),
  axis: reportAxis,
  final: v.boolean(),
};

/** Accounts of several books are one row where they serve the same purpose; then there is no `account_id`. */
const account = { account_id: v.nullable(id), code: v.string(), name: v.string(), currency };

export const trialBalanceRow = v.object({
  ...account,
  type: accountType,
  debits: v.number(),
  credits: v.number(),
  /** Of these, what the books of the group posted against each other; left out of the balance. */
  eliminated_debits: v.number(),
  eliminated_credits: v.number(),
  debit_balance: v.number(),
  credit_balance: v.number(),
});
export type TrialBalanceRow = v.InferOutput<typeof trialBalanceRow>;
const { account_id: _id, code: _code, name: _name, type: _type, ...totals } = trialBalanceRow.entries;
export const trialBalanceTotal = v.object({ ...totals, balanced: v.boolean() });
export type TrialBalanceTotal = v.InferOutput<typeof trialBalanceTotal>;

/** What two books of a group say of each other, debits − credits; where they agree the difference is 0. */
export const intercompany = v.object({
  book_id: id,
  counterparty_book_id: id,
  currency,
  book_says: v.number(),
  counterparty_says: v.number(),
  difference: v.number(),
});
export type Intercompany = v.InferOutput<typeof intercompany>;

export const trialBalance = v.object({
  ...head,
  at: v.nullable(v.string()),
  data: v.array(trialBalanceRow),
  totals: v.array(trialBalanceTotal),
  intercompany: v.array(intercompany),
});
export type TrialBalance = v.InferOutput<typeof trialBalance>;

/** `before` + `elimination` = `amount`, each on the normal side of the account's type, in minor units. */
const figures = { before: v.number(), elimination: v.number(), amount: v.number() };
export const figuresSchema = v.object(figures);
export type Figures = v.InferOutput<typeof figuresSchema>;

export const balanceSheetRow = v.object({
  section: v.picklist(['assets', 'liabilities', 'equity']),
  ...account,
  ...figures,
});
export type BalanceSheetRow = v.InferOutput<typeof balanceSheetRow>;

/** `difference` is assets − liabilities − equity: 0, unless books of a group do not agree about each other. */
export const balanceSheet = v.object({
  ...head,
  at: v.nullable(v.string()),
  data: v.array(balanceSheetRow),
  totals: v.array(
    v.object({
      currency,
      assets: figuresSchema,
      liabilities: figuresSchema,
      equity: figuresSchema,
      difference: v.number(),
      balanced: v.boolean(),
    }),
  ),
  intercompany: v.array(intercompany),
});
export type BalanceSheet = v.InferOutput<typeof balanceSheet>;

/** `previous` is the same after elimination, in the period before of the same length: as many months if both ends are a month's. */
const flows = { ...figures, previous: v.number() };
export const flowsSchema = v.object(flows);
export type Flows = v.InferOutput<typeof flowsSchema>;

export const incomeStatementRow = v.object({
  section: v.picklist(['revenue', 'expenses']),
  ...account,
  ...flows,
});
export type IncomeStatementRow = v.InferOutput<typeof incomeStatementRow>;

export const incomeStatement = v.object({
  ...head,
  from: v.string(),
  to: v.string(),
  previous_from: v.string(),
  previous_to: v.string(),
  data: v.array(incomeStatementRow),
  totals: v.array(v.object({ currency, revenue: flowsSchema, expenses: flowsSchema, net_income: flowsSchema })),
  intercompany: v.array(intercompany),
});
export type IncomeStatement = v.InferOutput<typeof incomeStatement>;
