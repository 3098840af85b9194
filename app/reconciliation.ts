// The forms of reconciliation as text, and what they mean. Shared by actions and pages.
import type { Mapping, Rule, Source } from '../server/contexts/statement/schemas.ts';
import { dateFormats, defaultRules } from '../server/contexts/statement/schemas.ts';
import type { Problem } from '../server/operations/errors.ts';
import type { FormValues } from './forms.ts';
import { exponentOf, parseAmount, toDecimal } from './money.ts';

const COLUMNS = [
  'date_column',
  'amount_column',
  'paid_in_column',
  'paid_out_column',
  'description_column',
  'reference_column',
  'id_column',
  'currency_column',
] as const;

export const MAPPING_LABELS: Record<string, string> = {
  'mapping.delimiter': 'Columns are separated by',
  'mapping.has_header': 'First row',
  'mapping.skip_lines': 'Lines above it',
  'mapping.date_column': 'Date column',
  'mapping.date_format': 'Dates are written',
  'mapping.decimal_separator': 'Decimals follow a',
  'mapping.amount_column': 'Amount column',
  'mapping.paid_in_column': 'Paid-in column',
  'mapping.paid_out_column': 'Paid-out column',
  'mapping.is_sign_reversed': 'Money that came in is',
  'mapping.description_column': 'Description column',
  'mapping.reference_column': 'Reference column',
  'mapping.id_column': 'Column of the bank’s own id',
  'mapping.currency_column': 'Currency column',
  mapping: 'The mapping',
};

export const SOURCE_LABELS: Record<string, string> = {
  name: 'Name',
  account_id: 'Account',
  difference_account_id: 'Account for differences',
  'rules.reference': 'Same reference, within',
  'rules.amount': 'Same amount, within',
  'rules.ledger_group': 'Several entries, within',
  'rules.statement_group': 'Several statement lines, within',
  'rules.tolerance': 'Tolerance',
  rules: 'The rules',
  ...MAPPING_LABELS,
};

export const DATE_FORMATS = dateFormats.map((value) => ({ value, label: value }));

const FIRST_MAPPING: Mapping = {
  delimiter: 'comma',
  has_header: true,
  skip_lines: 0,
  date_column: 'Date',
  date_format: 'YYYY-MM-DD',
  decimal_separator: '.',
  amount_column: 'Amount',
  is_sign_reversed: false,
  description_column: 'Description',
  reference_column: 'Reference',
};

/** A mapping as the fields of its form. */
export function mappingValues(mapping: Mapping = FIRST_MAPPING): FormValues {
  return Object.fromEntries(
    Object.keys(MAPPING_LABELS)
      .filter((name) => name !== 'mapping')
      .map((name) => [name, String(mapping[name.slice('mapping.'.length) as keyof Mapping] ?? '')]),
  );
}

/** The mapping that its form says; the operation itself refuses what cannot be. */
export function readMapping(values: FormValues): Mapping {
  const columns = COLUMNS.map((name) => [name, values[`mapping.${name}`] || null]);
  const { 'mapping.skip_lines': skipped = '' } = values;
  return {
    ...Object.fromEntries(columns),
    delimiter: values['mapping.delimiter'],
    date_format: values['mapping.date_format'],
    decimal_separator: values['mapping.decimal_separator'],
    has_header: values['mapping.has_header'] !== 'false',
    is_sign_reversed: values['mapping.is_sign_reversed'] === 'true',
    date_column: values['mapping.date_column'] ?? '',
    skip_lines: skipped === '' ? 0 : Number(skipped),
  } as Mapping;
}

const RULES = ['reference', 'amount', 'ledger_group', 'statement_group'] as const;

/** Rules as the fields of their form: how many days each kind reaches; empty where there is none. */
export function ruleValues(source?: Pick<Source, 'rules' | 'currency'>): FormValues {
  const rules = source?.rules ?? defaultRules;
  const found = (match: Rule['match']) => rules.find((rule) => rule.match === match);
  const tolerant = rules.find((rule) => 'tolerance' in rule && rule.tolerance);
  const tolerance = tolerant && 'tolerance' in tolerant ? (tolerant.tolerance ?? 0) : 0;
  return {
    ...Object.fromEntries(RULES.map((match) => [`rules.${match}`, String(found(match)?.days ?? '')])),
    'rules.tolerance': tolerance === 0 ? '' : toDecimal(tolerance, exponentOf(source?.currency ?? 'USD')),
  };
}

/** The rules that their form says, groups by reference and by day alike. */
export function readRules(values: FormValues, tolerance: number): Rule[] {
  const days = (match: Rule['match']) => values[`rules.${match}`] ?? '';
  const given = <R extends Rule>(match: R['match'], make: (days: number) => Rule[]) =>
    days(match) === '' ? [] : make(Number(days(match)));
  const tolerated = tolerance > 0 ? { tolerance } : {};
  return [
    ...given('reference', (of) => [{ match: 'reference', days: of, ...tolerated }]),
    ...given('amount', (of) => [{ match: 'amount', days: of, ...tolerated }]),
    ...given('ledger_group', (of) => [
      { match: 'ledger_group', by: 'reference', days: of },
      { match: 'ledger_group', by: 'date', days: of },
    ]),
    ...given('statement_group', (of) => [{ match: 'statement_group', by: 'reference', days: of }]),
  ];
}

/** What a person typed for a balance, which may be zero or negative; null when nothing. */
export function parseBalance(
  typed: string,
  currency: string,
  locale: string,
): { amount: number | null } | { error: string } {
  const text = typed.trim().replace('\u2212', '-');
  if (text === '') return { amount: null };
  if (/^-?0*([.,]0*)?$/.test(text)) return { amount: 0 };
  const parsed = parseAmount(text.replace(/^[+-]/, ''), currency, locale);
  if ('error' in parsed) return parsed;
  return { amount: Number(text.startsWith('-') ? -parsed.amount : parsed.amount) };
}

/** What was typed is not yet what an operation could be asked. */
export function typedProblem(errors: Record<string, string[]>, requestId: string): Problem {
  const words = { title: 'Some fields need another value', detail: 'See the fields below.' };
  return { type: 'about:blank', status: 422, code: 'invalid', request_id: requestId, errors, ...words };
}

/** The rows that an import complains about read "Row 12 …"; the labels of a source's fields stay. */
export function importLabels(problem: Problem | null | undefined): Record<string, string> {
  const rows = Object.keys(problem?.errors ?? {}).flatMap((name) => {
    const row = /^rows\.(\d+)$/.exec(name)?.[1];
    return row ? [[name, `Row ${row}`]] : [];
  });
  return {
    csv: 'The file',
    opening_balance: 'Opening balance',
    closing_balance: 'Closing balance',
    period_from: 'From',
    period_to: 'To',
    ...MAPPING_LABELS,
    ...Object.fromEntries(rows),
  };
}

/** The text of a file, which banks write in UTF-8 or, still, in Windows' western letters. */
export async function textOf(file: Blob): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Lines of the ledger in the values of tick boxes: `journal/position`. */
export function readLedgerLine(value: string): { journal_id: string; position: number } {
  const [journal = '', position = ''] = value.split('/');
  return { journal_id: journal, position: Number(position) };
}

export const ledgerKey = (line: { journal_id: string; position: number }) => `${line.journal_id}/${line.position}`;
