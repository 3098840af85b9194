// A manual entry as its form holds it: rows of text. Shared by the action, which posts it, and by the browser, which
// adds it up while it is typed.
import type { Account } from '../server/contexts/account/schemas.ts';
import type { FormValues } from './forms.ts';
import { parseAmount } from './money.ts';

/** `book` is the name of the book that it is in. */
export type EntryAccount = Pick<Account, 'id' | 'code' | 'name' | 'type' | 'currency'> & { book: string };
export type EntryLine = { account_id: string; side: 'debit' | 'credit'; amount: number; memo?: string };
export type EntryTotal = { book: string; currency: string; debits: bigint; credits: bigint };

type Errors = Record<string, string[]>;

/** What an entry of either kind says beside its lines or its type. */
export const HEADER = ['description', 'effective_date', 'external_id', 'status', 'expires_on', 'on_closed_period'];
export const TYPED = ['type', 'from', 'to', 'amount', 'currency', 'tip', 'tax', 'deposit'];
const ROW_FIELD = /^rows\.(\d{1,3})\.(account_id|debit|credit|memo)$/;

/** The entry's fields out of a sent form, trimmed. */
export function readEntry(form: FormData): FormValues {
  const values: FormValues = {};
  for (const [name, value] of form) {
    const isKnown = name === 'books' || HEADER.includes(name) || TYPED.includes(name) || ROW_FIELD.test(name);
    if (typeof value === 'string' && isKnown) values[name] = value.trim();
  }
  return values;
}

/** The numbers of the rows, in order; they have gaps where a row was removed. */
export function rowNumbers(values: FormValues): number[] {
  const numbers = Object.keys(values).flatMap((name) => ROW_FIELD.exec(name)?.[1] ?? []);
  return [...new Set(numbers.map(Number))].sort((a, b) => a - b);
}

/** The entry without one of its rows. */
export function withoutRow(values: FormValues, number: number): FormValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith(`rows.${number}.`)));
}

/** The entry with one more, empty row. */
export function withAnotherRow(values: FormValues): FormValues {
  const next = Math.max(-1, ...rowNumbers(values)) + 1;
  return { ...values, [`rows.${next}.account_id`]: '' };
}

/**
 * The lines that the rows say, and the row that each line came from. Rows that are empty do not count; errors are by
 * field of the form.
 */
export function entryLines(values: FormValues, accounts: EntryAccount[], locale: string) {
  const lines: EntryLine[] = [];
  const rows: number[] = [];
  const errors: Errors = {};
  for (const row of rowNumbers(values)) {
    if (isEmpty(values, row)) continue;
    const line = readLine(values, row, accounts, locale, errors);
    if (!line) continue;
    lines.push(line);
    rows.push(row);
  }
  return { lines, rows, errors };
}

function isEmpty(values: FormValues, row: number): boolean {
  return ['account_id', 'debit', 'credit', 'memo'].every((field) => !values[`rows.${row}.${field}`]);
}

function readLine(values: FormValues, row: number, accounts: EntryAccount[], locale: string, errors: Errors) {
  const field = (name: string) => values[`rows.${row}.${name}`] ?? '';
  const account = accounts.find((candidate) => candidate.id === field('account_id'));
  if (!account) {
    errors[`rows.${row}.account_id`] = ['is required'];
    return null;
  }
  const side = field('credit') === '' ? 'debit' : 'credit';
  if (side === 'credit' && field('debit') !== '') {
    errors[`rows.${row}.credit`] = ['must be empty when there is a debit: a line has one side'];
    return null;
  }
  if (field(side) === '') {
    errors[`rows.${row}.debit`] = ['or credit is required'];
    return null;
  }
  const parsed = parseAmount(field(side), account.currency, locale);
  if ('error' in parsed) {
    errors[`rows.${row}.${side}`] = [parsed.error];
    return null;
  }
  const memo = field('memo');
  const line: EntryLine = { account_id: account.id, side, amount: Number(parsed.amount) };
  return memo === '' ? line : { ...line, memo };
}

/** Both sides per book and currency of whatever can be read already. */
export function entryTotals(values: FormValues, accounts: EntryAccount[], locale: string): EntryTotal[] {
  const totals = new Map<string, EntryTotal>();
  for (const { account_id, side, amount } of entryLines(values, accounts, locale).lines) {
    const { currency = '', book = '' } = accounts.find((account) => account.id === account_id) ?? {};
    const total = totals.get(`${book} ${currency}`) ?? { book, currency, debits: 0n, credits: 0n };
    if (side === 'debit') total.debits += BigInt(amount);
    else total.credits += BigInt(amount);
    totals.set(`${book} ${currency}`, total);
  }
  return [...totals.values()];
}

/** The errors of the operation's input, `lines.0.amount`, as those of the form's fields, `rows.2.debit`. */
export function errorsByRow(errors: Errors, lines: EntryLine[], rows: number[]): Errors {
  return Object.fromEntries(
    Object.entries(errors).map(([path, messages]) => {
      const [, index = '', field = ''] = /^lines\.(\d+)\.?(.*)$/.exec(path) ?? [];
      const line = index === '' ? undefined : lines[Number(index)];
      if (!line) return [path, messages];
      const name = ['account_id', 'memo'].includes(field) ? field : line.side;
      return [`rows.${rows[Number(index)]}.${name}`, messages];
    }),
  );
}
