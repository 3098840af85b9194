// Financial reports of one book, or of a MerchantOrg and its merchants with what they posted against each other eliminated.
// Nothing is kept for them: each is read from folded sums in one statement, so that its figures are of one moment, and
// currencies are never added to each other.
import type * as v from 'valibot';
import { DomainError, notFound, wrongField } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { type Axis, type SumsRow, selectBooks, selectFinal, selectSums, selectToday } from './queries.ts';
import {
  type BalanceSheet,
  type BalanceSheetRow,
  balanceSheet,
  type Figures,
  type Flows,
  type IncomeStatement,
  type IncomeStatementRow,
  type Intercompany,
  incomeStatement,
  periodInput,
  reportInput,
  type TrialBalanceRow,
  type TrialBalanceTotal,
  trialBalance,
} from './schemas.ts';

type ReportInput = v.InferOutput<typeof reportInput>;
type PeriodInput = v.InferOutput<typeof periodInput>;
type Sides = { debits: number; credits: number };

/** A row of a report: one account, or those of a group's books that serve the same purpose. Sums are per point. */
type Account = Pick<SumsRow, 'code' | 'name' | 'type' | 'currency'> & {
  account_id: string | null;
  sums: Sides[];
  eliminated: Sides[];
};

/** A sum that JSON carries exactly. @throws DomainError `amount_out_of_range` */
function exact(sum: number): number {
  if (!Number.isSafeInteger(sum)) {
    throw new DomainError('amount_out_of_range', 'A sum is beyond what can be answered exactly (2^53 - 1).');
  }
  return sum;
}

/**
 * Days belong to the effective axis, instants to the recorded one.
 * @throws DomainError `invalid` when a moment is of the other kind, or `from` after `to`
 */
export function axisOf(moments: Readonly<Record<string, string | undefined>>, wanted: Axis | undefined): Axis {
  const given = Object.entries(moments).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const axis = wanted ?? ((given[0]?.[1].length ?? 10) === 10 ? 'effective' : 'recorded');
  for (const [name, moment] of given) {
    if ((moment.length === 10) !== (axis === 'effective')) {
      throw wrongField(
        name,
        `must be ${axis === 'effective' ? 'a date on the effective' : 'an instant on the recorded'} axis`,
      );
    }
  }
  const { from, to } = moments;
  if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to)) {
    throw wrongField('from', 'must not be after to');
  }
  return axis;
}

/** Reads the sums of the books that a report is about at the points, and what the report says of itself. */
async function readSums(ctx: Context, input: ReportInput | PeriodInput, axis: Axis, points: (string | null)[]) {
  const isConsolidated = input.merchant_org_id !== undefined;
  if (isConsolidated && input.book_id !== undefined) {
    throw wrongField('merchant_org_id', 'goes without book_id');
  }
  if (isConsolidated && axis === 'recorded') {
    throw wrongField('axis', 'must be effective when books are consolidated');
  }
  const books = await selectBooks(ctx.tx, ctx.scope, input);
  if (books.length === 0) {
    throw notFound();
  }
  const bookIds = books.map((book) => book.book_id);
  const rows = await selectSums(ctx.tx, bookIds, axis, points, isConsolidated);
  const last = points.at(-1) ?? null;
  const isClosed = () => books.every((book) => book.closed_through !== null && book.closed_through >= (last ?? ''));
  const head = {
    merchant_org_id: input.merchant_org_id ?? null,
    books: books.map(({ book_id, name }) => ({ book_id, name })),
    axis,
    final: last === null ? false : axis === 'effective' ? isClosed() : await selectFinal(ctx.tx, last),
  };
  return { head, rows, accounts: accountsOf(rows, points.length, isConsolidated) };
}

function accountsOf(rows: readonly SumsRow[], points: number, isConsolidated: boolean): Account[] {
  const accounts = new Map<string, Account>();
  const none = (): Sides[] => Array.from({ length: points }, () => ({ debits: 0, credits: 0 }));
  for (const {
    account_id,
    code,
    name,
    type,
    currency,
    purpose,
    counterparty_book_id,
    point,
    debits,
    credits,
  } of rows) {
    const key = isConsolidated ? JSON.stringify([currency, type, purpose ?? [code, name]]) : account_id;
    const account = accounts.get(key) ?? { account_id, code, name, type, currency, sums: none(), eliminated: none() };
    accounts.set(key, account);
    if (account.account_id !== account_id) account.account_id = null;
    const sides = (counterparty_book_id === null ? account.sums : account.eliminated)[point - 1]!;
    sides.debits = exact(sides.debits + debits);
    sides.credits = exact(sides.credits + credits);
  }
  return [...accounts.values()];
}

const isDebitNormal = ({ type }: { type: string }) => type === 'asset' || type === 'expense';
const isOfResult = ({ type }: { type: string }) => type === 'revenue' || type === 'expense';

/** What was added between two points on the normal side of the account; from the beginning when `since` is left out. */
function figuresOf(account: Account, point: number, since?: number): Figures {
  const net = (sums: Sides[]) => {
    const at = (index: number) => sums[index]!.debits - sums[index]!.credits;
    const change = at(point) - (since === undefined ? 0 : at(since));
    return isDebitNormal(account) ? change : -change;
  };
  const [before, eliminated] = [net(account.sums), net(account.eliminated)];
  return { before, elimination: 0 - eliminated, amount: before - eliminated };
}

/** Adds up the named columns; those of rows to subtract come with `sign` −1. */
function total<Key extends string>(rows: readonly Record<Key, number>[], columns: readonly Key[], sign: 1 | -1 = 1) {
  const sums = columns.map((column) => [column, exact(rows.reduce((sum, row) => sum + row[column], 0)) * sign || 0]);
  return Object.fromEntries(sums) as Record<Key, number>;
}

function ofCurrencies<T>(rows: readonly { currency: string }[], make: (currency: string) => T): T[] {
  return [...new Set(rows.map(({ currency }) => currency))].map(make);
}

/** What the books of a group say of each other, pair by pair, over accounts of some types. */
function intercompanyOf(
  rows: readonly SumsRow[],
  isMeant: (row: SumsRow) => boolean,
  weights: readonly number[],
): Intercompany[] {
  const pairs = new Map<string, Intercompany>();
  for (const row of rows) {
    const other = row.counterparty_book_id;
    if (other === null || other === row.book_id || !isMeant(row)) continue;
    const [book_id, counterparty_book_id] = row.book_id < other ? [row.book_id, other] : [other, row.book_id];
    const key = book_id + counterparty_book_id + row.currency;
    const none = {
      book_id,
      counterparty_book_id,
      currency: row.currency,
      book_says: 0,
      counterparty_says: 0,
      difference: 0,
    };
    const pair = pairs.get(key) ?? none;
    const net = (row.debits - row.credits) * weights[row.point - 1]!;
    if (row.book_id === book_id) pair.book_says = exact(pair.book_says + net);
    else pair.counterparty_says = exact(pair.counterparty_says + net);
    pair.difference = exact(pair.book_says + pair.counterparty_says);
    pairs.set(key, pair);
  }
  return [...pairs.values()].filter((pair) => pair.book_says !== 0 || pair.counterparty_says !== 0);
}

const sideColumns = [
  'debits',
  'credits',
  'eliminated_debits',
  'eliminated_credits',
  'debit_balance',
  'credit_balance',
] as const;

function trialBalanceRow({ sums, eliminated, ...account }: Account): TrialBalanceRow {
  const [{ debits, credits }, { debits: eliminated_debits, credits: eliminated_credits }] = [sums[0]!, eliminated[0]!];
  const net = debits - eliminated_debits - (credits - eliminated_credits);
  const balances = { debit_balance: Math.max(net, 0), credit_balance: Math.max(-net, 0) };
  return { ...account, debits, credits, eliminated_debits, eliminated_credits, ...balances };
}

export const reportTrialBalance = defineOperation({
  name: 'report.trial_balance',
  kind: 'read',
  risk: 'read',
  permission: 'ledger:read',
  resource: 'trial_balance',
  summary: 'Read the trial balance of a book, or of a MerchantOrg and its merchants, now, at a day or at an instant',
  input: reportInput,
  output: trialBalance,
  isReport: true,
  http: { method: 'GET', path: '/api/reports/trial-balance' },
  run: async (ctx, input) => {
    const axis = axisOf({ at: input.at }, input.axis);
    const { head, rows, accounts } = await readSums(ctx, input, axis, [input.at ?? null]);
    const data = accounts.map(trialBalanceRow);
    const totals = ofCurrencies(data, (currency): TrialBalanceTotal => {
      const sums = total(
        data.filter((row) => row.currency === currency),
        sideColumns,
      );
      const balanced = sums.debits === sums.credits && sums.debit_balance === sums.credit_balance;
      return { currency, ...sums, balanced };
    });
    const intercompany = intercompanyOf(rows, (row) => !isOfResult(row), [1]);
    return { ...head, at: input.at ?? null, data, totals, intercompany };
  },
});

const figureColumns = ['before', 'elimination', 'amount'] as const;
const sections = { asset: 'assets', liability: 'liabilities', equity: 'equity' } as const;

/** Revenue less expenses since the beginning: what the books have earned and not yet moved to equity. */
function currentEarnings(accounts: readonly Account[], currency: string): BalanceSheetRow {
  const figures = accounts
    .filter((account) => account.currency === currency && isOfResult(account))
    .map((account) => total([figuresOf(account, 0)], figureColumns, account.type === 'revenue' ? 1 : -1));
  const name = 'Current earnings';
  return { section: 'equity', account_id: null, code: '', name, currency, ...total(figures, figureColumns) };
}

function balanceSheetRows(accounts: readonly Account[], currency: string): BalanceSheetRow[] {
  const own = accounts.flatMap((account): BalanceSheetRow[] => {
    const { account_id, code, name, type } = account;
    if (account.currency !== currency || type === 'revenue' || type === 'expense') return [];
    return [{ section: sections[type], account_id, code, name, currency, ...figuresOf(account, 0) }];
  });
  return [...own, currentEarnings(accounts, currency)];
}

export const reportBalanceSheet = defineOperation({
  name: 'report.balance_sheet',
  kind: 'read',
  risk: 'read',
  permission: 'ledger:read',
  resource: 'balance_sheet',
  summary: 'Read the balance sheet of a book, or of a MerchantOrg and its merchants, now, at a day or at an instant',
  input: reportInput,
  output: balanceSheet,
  isReport: true,
  http: { method: 'GET', path: '/api/reports/balance-sheet' },
  run: async (ctx, input): Promise<BalanceSheet> => {
    const axis = axisOf({ at: input.at }, input.axis);
    const { head, rows, accounts } = await readSums(ctx, input, axis, [input.at ?? null]);
    const data = ofCurrencies(accounts, (currency) => balanceSheetRows(accounts, currency)).flat();
    const totals = ofCurrencies(data, (currency) => {
      const of = (section: string) =>
        total(
          data.filter((row) => row.currency === currency && row.section === section),
          figureColumns,
        );
      const [assets, liabilities, equity] = [of('assets'), of('liabilities'), of('equity')];
      const difference = exact(assets.amount - liabilities.amount - equity.amount);
      return { currency, assets, liabilities, equity, difference, balanced: difference === 0 };
    });
    const intercompany = intercompanyOf(rows, (row) => !isOfResult(row), [1]);
    return { ...head, at: input.at ?? null, data, totals, intercompany };
  },
});

function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.getUTCFullYear() < 1 ? '0001-01-01' : date.toISOString().slice(0, 10);
}

/** The period before, of the same length: as many months where both ends are those of months, else as many days. */
function periodBefore(from: string, to: string): string {
  if (!from.endsWith('-01') || !dayAfter(to, 1).endsWith('-01')) {
    const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
    return dayAfter(from, -days);
  }
  const month = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
  const first = Math.max(12, 2 * month(from) - month(to) - 1);
  return `${String(Math.floor(first / 12)).padStart(4, '0')}-${String((first % 12) + 1).padStart(2, '0')}-01`;
}

/** The two periods of an income statement, and the points between and around them. */
async function periodsOf(ctx: Context, input: PeriodInput) {
  const axis = axisOf({ from: input.from, to: input.to }, input.axis);
  if (axis === 'effective') {
    const to = input.to ?? (await selectToday(ctx.tx));
    const from = input.from ?? `${to.slice(0, 8)}01`;
    axisOf({ from, to }, axis);
    const [previous_from, previous_to] = [periodBefore(from, to), dayAfter(from, -1)];
    return {
      axis,
      period: { from, to, previous_from, previous_to },
      points: [dayAfter(previous_from, -1), previous_to, to],
    };
  }
  const { from, to } = input;
  if (from === undefined || to === undefined) {
    throw wrongField(from === undefined ? 'from' : 'to', 'is required on the recorded axis');
  }
  const before = Math.max(Date.parse(from) * 2 - Date.parse(to), Date.parse('0001-01-01T00:00:00Z'));
  const previous_from = new Date(before).toISOString();
  return { axis, period: { from, to, previous_from, previous_to: from }, points: [previous_from, from, to] };
}

const flowColumns = [...figureColumns, 'previous'] as const;

function incomeRows(accounts: readonly Account[]): IncomeStatementRow[] {
  return accounts.filter(isOfResult).map((account) => {
    const { account_id, code, name, currency } = account;
    const section = account.type === 'revenue' ? 'revenue' : 'expenses';
    const previous = figuresOf(account, 1, 0).amount;
    return { section, account_id, code, name, currency, ...figuresOf(account, 2, 1), previous };
  });
}

export const reportIncomeStatement = defineOperation({
  name: 'report.income_statement',
  kind: 'read',
  risk: 'read',
  permission: 'ledger:read',
  resource: 'income_statement',
  summary: 'Read the income statement of a book, or of a MerchantOrg and its merchants, with the period before',
  input: periodInput,
  output: incomeStatement,
  isReport: true,
  http: { method: 'GET', path: '/api/reports/income-statement' },
  run: async (ctx, input): Promise<IncomeStatement> => {
    const { axis, period, points } = await periodsOf(ctx, input);
    const { head, rows, accounts } = await readSums(ctx, input, axis, points);
    const data = incomeRows(accounts);
    const totals = ofCurrencies(data, (currency) => {
      const of = (section: string): Flows =>
        total(
          data.filter((row) => row.currency === currency && row.section === section),
          flowColumns,
        );
      const [revenue, expenses] = [of('revenue'), of('expenses')];
      const net_income = total([revenue, total([expenses], flowColumns, -1)], flowColumns);
      return { currency, revenue, expenses, net_income };
    });
    return { ...head, ...period, data, totals, intercompany: intercompanyOf(rows, isOfResult, [0, -1, 1]) };
  },
});
