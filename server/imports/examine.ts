// What becomes of the rows of a file: input of the operation that makes one by hand, or the reasons why not.
import type { ImportMapping } from '../contexts/import/schemas.ts';
import { DomainError } from '../operations/errors.ts';
import { checkInput } from '../operations/input.ts';
import type { Place } from '../operations/may-grant.ts';
import { readAmount } from '../reconciliation/csv.ts';
import type { CsvRow } from './csv.ts';
import { type Defaults, fieldsAt, type ImportKind, type Owner, ownerAt } from './kinds.ts';

/** What is wrong with one row; without a field, with all of it. */
export type RowError = {
  readonly line: number;
  readonly field: string | null;
  readonly column: string | null;
  readonly message: string;
  readonly value: string | null;
};
export type GoodRow = { readonly line: number; readonly fields: Readonly<Record<string, unknown>> };

/** What a file is read by. */
export type Reading = {
  readonly kind: ImportKind;
  readonly place: Place;
  readonly heads: readonly string[];
  readonly mapping: ImportMapping;
  readonly defaults: Defaults;
  /** How many decimals each currency has. */
  readonly exponents: ReadonlyMap<string, number>;
  /** The parties within the place that go by these names or ids, each under what it was asked by, in lower case. */
  findOwners(names: readonly string[]): Promise<ReadonlyMap<string, readonly Owner[]>>;
};

/** Stands for an owner that was not found, so that the rest of the row is looked at all the same. */
const NOBODY = '00000000-0000-0000-0000-000000000000';
const LONGEST_VALUE = 200;
const YES = /^(yes|y|true|1|x|ja|oui|si|sí)$/i;
const NO = /^(no|n|false|0|nein|non)$/i;

/** Exports put an apostrophe before what a spreadsheet would calculate; here it is taken off again. */
function textOf(cell: string | undefined): string {
  const text = (cell ?? '').trim();
  return /^'[\s\p{Cc}]*[=+\-@＝＋－＠]/u.test(text) ? text.slice(1) : text;
}

/** Reads the rows with the mapping. Whoever owns them is looked up for all of them at once. */
export async function examine(
  reading: Reading,
  rows: readonly CsvRow[],
): Promise<{ good: GoodRow[]; bad: RowError[]; badLines: number }> {
  const { kind, place, heads, mapping } = reading;
  const fields = fieldsAt(kind, place)
    .map((field) => ({ ...field, column: mapping.columns[field.name] ?? null }))
    .map((field) => ({ ...field, index: field.column === null ? -1 : heads.indexOf(field.column) }));
  const owner = fields.find(({ reads }) => reads === 'owner');
  const ownerOf = ({ cells }: CsvRow) => ownerAt(kind, place) ?? (owner ? textOf(cells[owner.index]) : '');
  const owners = kind.owner
    ? await reading.findOwners(
        [...new Set(rows.map((row) => ownerOf(row).toLowerCase()))].filter((name) => name !== ''),
      )
    : new Map<string, readonly Owner[]>();
  const good: GoodRow[] = [];
  const bad: RowError[] = [];
  let badLines = 0;
  for (const row of rows) {
    const named = ownerOf(row);
    const examined = examineRow(reading, row, fields, { named, found: owners.get(named.toLowerCase()) ?? [] });
    if ('fields' in examined) good.push(examined);
    else {
      badLines += 1;
      bad.push(...examined.errors);
    }
  }
  return { good, bad, badLines };
}

type MappedField = ReturnType<typeof fieldsAt>[number] & { column: string | null; index: number };
type NamedOwner = { named: string; found: readonly Owner[] };

function examineRow(
  reading: Reading,
  { line, cells }: CsvRow,
  fields: readonly MappedField[],
  { named, found }: NamedOwner,
): GoodRow | { errors: RowError[] } {
  const { kind, heads } = reading;
  const surplus = cells.slice(heads.length).some((cell) => cell.trim() !== '');
  if (surplus || cells.length < heads.length) {
    const message = `has ${cells.length} values, the first line has ${heads.length}`;
    return { errors: [{ line, field: null, column: null, message, value: null }] };
  }
  const errors = new Map<string, string[]>();
  const input: Record<string, unknown> = {};
  const owner = found.length === 1 ? found[0]! : null;
  if (kind.owner) {
    const wrong = ownerProblem(kind, named, found);
    if (wrong) errors.set(kind.owner.column, [wrong]);
    input[kind.owner.column] = owner?.id ?? NOBODY;
  }
  for (const { name, reads, index } of fields) {
    const text = textOf(cells[index]);
    if (reads !== 'owner' && text !== '') input[name] = readCell(text, reads, reading, owner);
  }
  for (const [field, messages] of complaints(reading, input)) {
    if (!errors.has(field)) errors.set(field, messages);
  }
  if (errors.size === 0) return { line, fields: kind.complete(input, owner, reading.defaults) };
  return {
    errors: [...errors].map(([name, messages]) => {
      const field = fields.find((each) => each.name === name);
      const value = field && field.index >= 0 ? shown(cells[field.index] ?? '') : null;
      return { line, field: name, column: field?.column ?? null, message: messages.join(', '), value };
    }),
  };
}

/** As the database can keep it. */
function shown(cell: string): string | null {
  return cell.trim().slice(0, LONGEST_VALUE).replaceAll('\u0000', '\ufffd').toWellFormed() || null;
}

function ownerProblem({ owner }: ImportKind, named: string, found: readonly Owner[]): string | null {
  const noun = owner?.party === 'merchant' ? 'merchant' : 'MerchantOrg';
  if (named === '') return 'is required';
  if (found.length === 0) return `names no ${noun} that there is`;
  if (found.length > 1) return `is the name of several: give the id of the ${noun}`;
  return owner?.party === 'merchant_org' && found[0]?.status === 'closed' ? 'is closed' : null;
}

function readCell(
  text: string,
  reads: MappedField['reads'],
  { mapping, exponents, defaults }: Reading,
  owner: Owner | null,
): unknown {
  switch (reads) {
    case 'whole':
      return /^\d{1,9}$/.test(text) ? Number(text) : text;
    case 'boolean':
      return YES.test(text) ? true : NO.test(text) ? false : text;
    case 'choice':
      return text
        .toLowerCase()
        .replaceAll('&', 'and')
        .replaceAll(/[\s-]+/g, '_');
    case 'capitals':
      return text.toUpperCase();
    case 'lower':
      return text.toLowerCase();
    case 'price': {
      const currency = owner?.currency ?? defaults.currency;
      const amount = readAmount(text, mapping.decimal_separator, exponents.get(currency) ?? 2);
      return amount === null ? text : { amount: Number(amount), currency };
    }
    default:
      return text;
  }
}

/** What the operation itself would complain about, by field. */
function complaints({ kind, exponents, mapping }: Reading, input: Record<string, unknown>): [string, string[]][] {
  const priced = kind.fields.find(({ reads }) => reads === 'price')?.name;
  const isUnread = priced !== undefined && typeof input[priced] === 'string';
  const unread: [string, string[]][] = isUnread
    ? [[priced, [`must be an amount like ${mapping.decimal_separator === ',' ? '1250,50' : '1250.50'}`]]]
    : [];
  const { currency } = input;
  const isUnknown = typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) && !exponents.has(currency);
  const unknown: [string, string[]][] = isUnknown ? [['currency', ['is not an ISO 4217 currency']]] : [];
  try {
    checkInput(kind.create, input);
    return [...unread, ...unknown];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const said = Object.entries(error.detail.errors ?? {}).map(([path, messages]): [string, string[]] => [
      path.split('.')[0] ?? path,
      messages,
    ]);
    return [...unread, ...unknown, ...said.filter(([field]) => !(isUnread && field === priced))];
  }
}
