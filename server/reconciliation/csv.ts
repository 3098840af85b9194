// Reads the file of a bank or processor with the mapping of its source. Pure: text in, lines out.
import Papa from 'papaparse';
import { hashSecret } from '../../tenants/credentials.ts';
import type { Mapping } from '../contexts/statement/schemas.ts';

/** One row of a file, as far as it could be read. Amounts are minor units; what came in is positive. */
export type ParsedLine = {
  row: number;
  date: string | null;
  amount: number | null;
  description: string;
  reference: string | null;
  externalId: string | null;
  errors: string[];
};
export type ParsedFile = { columns: string[]; lines: ParsedLine[] };

const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;
const MAXIMUM_AMOUNT = 9_999_999_999_999n;

/** One more than an import may have, so that it can say so. */
const MAXIMUM_LINES = 20_001;

/**
 * @param exponent how many decimals the account's currency has
 * @returns every row that is not blank; amounts of zero are no lines
 */
export function readStatementFile(
  csv: string,
  mapping: Mapping,
  account: { currency: string; exponent: number },
): ParsedFile {
  const text = csv
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .slice(mapping.skip_lines)
    .join('\n');
  const { data, errors: broken } = Papa.parse<string[]>(text, {
    delimiter: DELIMITERS[mapping.delimiter],
    newline: '\n',
    preview: MAXIMUM_LINES + 1,
  });
  const head = mapping.has_header ? (data[0] ?? []).map((name) => name.trim()) : [];
  const columns = mapping.has_header ? head : (data[0] ?? []).map((_, index) => String(index + 1));
  const read = rowReader(columns, mapping, account);
  const quotes = new Set(broken.filter(({ type }) => type === 'Quotes').map(({ row }) => row));
  const lines = data
    .map((cells, index) => ({ cells, index }))
    .slice(mapping.has_header ? 1 : 0)
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
    .map(({ cells, index }) => {
      const line = read(cells, index + 1 + mapping.skip_lines);
      return quotes.has(index) ? { ...line, errors: [...line.errors, 'has a quote that does not end'] } : line;
    })
    .filter(({ amount, errors }) => amount !== 0 || errors.length > 0);
  refuseRepeatedIds(lines);
  return { columns, lines };
}

function refuseRepeatedIds(lines: ParsedLine[]): void {
  const rows = new Map<string, number>();
  for (const { externalId, row, errors } of lines) {
    if (externalId === null) continue;
    const earlier = rows.get(externalId);
    if (earlier === undefined) rows.set(externalId, row);
    else errors.push(`has the id of row ${earlier}`);
  }
}

/** The columns that a mapping names and a file has not. */
export function missingColumns(columns: readonly string[], mapping: Mapping): Record<string, string[]> {
  const wanted = Object.entries(mapping).filter(
    ([name, value]) => name.endsWith('_column') && typeof value === 'string',
  );
  return Object.fromEntries(
    wanted
      .filter(([, value]) => !columns.includes(String(value)))
      .map(([name]) => [`mapping.${name}`, ['is not a column of this file']]),
  );
}

function rowReader(columns: readonly string[], mapping: Mapping, account: { currency: string; exponent: number }) {
  const at = (name: string | null | undefined) => (name ? columns.indexOf(name) : -1);
  const places = {
    date: at(mapping.date_column),
    amount: at(mapping.amount_column),
    paidIn: at(mapping.paid_in_column),
    paidOut: at(mapping.paid_out_column),
    description: at(mapping.description_column),
    reference: at(mapping.reference_column),
    id: at(mapping.id_column),
    currency: at(mapping.currency_column),
  };
  return (cells: string[], row: number): ParsedLine => {
    const cell = (place: number) => (place < 0 ? '' : (cells[place] ?? '').trim());
    const errors: string[] = [];
    const date = readDate(cell(places.date), mapping.date_format);
    if (!date) errors.push(`has no date like ${mapping.date_format}`);
    const amount = mapping.amount_column
      ? readAmount(cell(places.amount), mapping.decimal_separator, account.exponent)
      : readSides(cell(places.paidIn), cell(places.paidOut), mapping.decimal_separator, account.exponent);
    if (amount === null) errors.push(`has no amount like ${example(mapping.decimal_separator, account.exponent)}`);
    const currency = cell(places.currency).toUpperCase();
    if (currency !== '' && currency !== account.currency) errors.push(`is not in ${account.currency}`);
    if (mapping.id_column && cell(places.id) === '') errors.push('has no id');
    return {
      row,
      date,
      amount: amount === null ? null : Number(mapping.is_sign_reversed ? -amount : amount),
      description: storable(cell(places.description), 1000),
      reference: storable(cell(places.reference), 255) || null,
      externalId: storable(cell(places.id), 255) || null,
      errors,
    };
  };
}

/** Text of any bank as the database can keep it. */
function storable(text: string, maximumLength: number): string {
  return text.replaceAll('\u0000', '').slice(0, maximumLength).toWellFormed();
}

function example(separator: string, exponent: number): string {
  return exponent === 0 ? '-1250' : `-1250${separator}${'5'.padEnd(exponent, '0')}`;
}

/** The date in a cell, written as the format says; a time behind it does not matter. */
export function readDate(text: string, format: Mapping['date_format']): string | null {
  const pattern = format
    .replace(/[/.]/g, '\\$&')
    .replace('YYYY', '(?<year>\\d{4})')
    .replace('YY', '(?<year>\\d{2})')
    .replace('MM', format === 'YYYYMMDD' ? '(?<month>\\d{2})' : '(?<month>\\d{1,2})')
    .replace('DD', format === 'YYYYMMDD' ? '(?<day>\\d{2})' : '(?<day>\\d{1,2})');
  const found = new RegExp(`^${pattern}(?:[T ].*)?$`).exec(text)?.groups;
  if (!found?.year || !found.month || !found.day) return null;
  const year = found.year.length === 2 ? `20${found.year}` : found.year;
  const date = `${year}-${found.month.padStart(2, '0')}-${found.day.padStart(2, '0')}`;
  const instant = new Date(`${date}T00:00:00Z`);
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date);
  return isReal && Number(year) >= 1900 ? date : null;
}

/** Minor units of an amount such as `-1,250.50`, `(1.250,50)`, `1250.5-` or `+3`; null when it is none. */
export function readAmount(text: string, separator: '.' | ',', exponent: number): bigint | null {
  const bare = text
    .replace(/[\s\u00a0\u202f'’]/g, '')
    .replace(/^\p{Sc}|\p{Sc}$/u, '')
    .replace('\u2212', '-');
  const found = /^(?<open>\()?(?<sign>[+-])?\p{Sc}?(?<digits>[\d.,]+)(?<behind>-)?(?<close>\))?$/u.exec(bare)?.groups;
  if (!found?.digits || Boolean(found.open) !== Boolean(found.close)) return null;
  const decimal =
    separator === '.' ? /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/ : /^(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?$/;
  const parts = decimal.exec(found.digits);
  if (!parts) return null;
  const fraction = (parts[2] ?? '').replace(/0+$/, '');
  if (fraction.length > exponent || (parts[1]?.length ?? 0) > 20) return null;
  const units = BigInt(parts[1]!.replace(/\D/g, '') + fraction.padEnd(exponent, '0'));
  if (units > MAXIMUM_AMOUNT) return null;
  return found.open || found.behind || found.sign === '-' ? -units : units;
}

/** What came in less what went out: one of the two is empty or zero, and a sign in its column means nothing. */
function readSides(paidIn: string, paidOut: string, separator: '.' | ',', exponent: number): bigint | null {
  const side = (text: string) => (text === '' ? 0n : readAmount(text, separator, exponent));
  const [came, went] = [side(paidIn), side(paidOut)];
  if (came === null || went === null || (came !== 0n && went !== 0n) || (paidIn === '' && paidOut === '')) return null;
  const size = (amount: bigint) => (amount < 0n ? -amount : amount);
  return size(came) - size(went);
}

/**
 * What makes a line the same line in two files that overlap: the bank's id of it, else what it says and the how manieth of its
 * like it is in the file.
 */
export function fingerprints(lines: readonly ParsedLine[]): string[] {
  const seen = new Map<string, number>();
  return lines.map(({ date, amount, description, reference, externalId }) => {
    if (externalId !== null) return `id ${externalId}`;
    const said = JSON.stringify([date, amount, description, reference]);
    const count = (seen.get(said) ?? 0) + 1;
    seen.set(said, count);
    return `${hashSecret(said)} ${count}`;
  });
}
