// The ledger as a file: CSV and JSONL for programs, a journal for hledger, and the bundle for verification without the
// database. Files are made while they are read, page by page, from what was committed when they were asked for.
import { csvCell } from '../../operations/csv.ts';
import { DomainError, notFound } from '../../operations/errors.ts';
import { type Context, defineOperation, type FileAnswer, file } from '../../operations/operation.ts';
import { findLooseRows, headOfChain } from '../seal/operations.ts';
import {
  type ExportedAccount,
  hasBook,
  type Snapshot,
  selectAccounts,
  selectBlockDocuments,
  selectExponents,
  selectJournals,
  selectSnapshot,
  selectTotalDocuments,
} from './queries.ts';
import {
  type ExportedJournal,
  type ExportedLine,
  type ExportFormat,
  type LedgerExportInput,
  ledgerExportInput,
} from './schemas.ts';

const PAGE = 200;

type Exponents = ReadonlyMap<string, number>;

/** Follows an id from page to page until a page is not full. */
async function* pagesById<Row extends { id: string }>(
  limit: number,
  read: (after: string | null) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let after: string | null = null;
  for (;;) {
    const rows = await read(after);
    if (rows.length > 0) yield rows;
    if (rows.length < limit) return;
    after = rows.at(-1)!.id;
  }
}

function journalsOf(ctx: Context, snapshot: Snapshot, input: LedgerExportInput) {
  return pagesById(PAGE, (after) => selectJournals(ctx.tx, ctx.scope, snapshot, input, after, PAGE));
}

/** Minor units as a decimal with the currency's own number of digits. */
export function decimal(amount: number, exponent: number): string {
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  return `${amount < 0 ? '-' : ''}${whole}${exponent === 0 ? '' : `.${digits.slice(-exponent)}`}`;
}

const CSV_COLUMNS = [
  ...[
    'effective_date',
    'recorded_at',
    'book',
    'journal_id',
    'transaction_id',
    'kind',
    'type',
    'category',
    'description',
  ],
  ...['external_id', 'position', 'account_code', 'account_name', 'currency', 'debit', 'credit', 'amount_minor', 'memo'],
];

function csvRow(journal: ExportedJournal, line: ExportedLine, exponents: Exponents): string {
  const amount = decimal(line.amount, exponents.get(line.currency)!);
  return [
    ...[journal.effective_date, journal.recorded_at, journal.book, journal.id, journal.transaction_id, journal.kind],
    ...[journal.type, journal.category, journal.description, journal.external_id, line.position, line.account_code],
    ...[line.account_name, line.currency, line.side === 'debit' ? amount : '', line.side === 'credit' ? amount : ''],
    ...[line.amount, line.memo],
  ]
    .map(csvCell)
    .join(',');
}

async function* csvOf(ctx: Context, snapshot: Snapshot, input: LedgerExportInput): AsyncGenerator<string> {
  const exponents = await selectExponents(ctx.tx);
  yield `${CSV_COLUMNS.join(',')}\r\n`;
  for await (const journals of journalsOf(ctx, snapshot, input)) {
    yield journals
      .flatMap((journal) => journal.lines.map((line) => `${csvRow(journal, line, exponents)}\r\n`))
      .join('');
  }
}

async function* jsonlOf(ctx: Context, snapshot: Snapshot, input: LedgerExportInput): AsyncGenerator<string> {
  for await (const journals of journalsOf(ctx, snapshot, input)) {
    yield journals.map((journal) => `${JSON.stringify(journal)}\n`).join('');
  }
}

const ACCOUNT_TYPES = {
  asset: ['Assets', 'A'],
  liability: ['Liabilities', 'L'],
  equity: ['Equity', 'E'],
  revenue: ['Revenues', 'R'],
  expense: ['Expenses', 'X'],
} as const;

/** One line of text in which hledger reads nothing but text: it has no way to escape. */
function plain(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(';', ',')
    .trim();
}

/** In comments `date:` and `[…]` would be read as dates. */
function comment(text: string): string {
  return plain(text).replaceAll(':', '\u2236').replaceAll('[', '(').replaceAll(']', ')');
}

/** A part of an account's name: no colons, and nothing at its beginning that marks a posting. */
function accountPart(text: string): string {
  return plain(text.replaceAll(':', '-')).replace(/^[^\p{L}\p{N}]+/u, '') || 'Unnamed';
}

/** `Acme:Assets:1000 Cash`. Whatever would be the same name gets the end of its id. */
class AccountNames {
  readonly #byId = new Map<string, string>();
  readonly #taken = new Set<string>();

  add(account: ExportedAccount): string {
    const book = accountPart(account.book) + (account.is_namesake ? ` ${account.book_id.slice(-12)}` : '');
    const wanted = `${book}:${ACCOUNT_TYPES[account.type][0]}:${accountPart(`${account.code} ${account.name}`)}`;
    const name = this.#taken.has(wanted) ? `${wanted} ${account.id.slice(-12)}` : wanted;
    this.#taken.add(name);
    this.#byId.set(account.id, name);
    return name;
  }

  of(id: string): string {
    const name = this.#byId.get(id);
    if (name === undefined) throw new Error('An account was posted to that was not there when the export began');
    return name;
  }
}

function hledgerEntry(journal: ExportedJournal, names: AccountNames, exponents: Exponents): string {
  const tags = [
    `journal: ${journal.id}`,
    `recorded: ${journal.recorded_at}`,
    `kind: ${journal.kind}`,
    `type: ${journal.type}`,
  ];
  const postings = journal.lines.map((line) => {
    const amount = decimal(line.side === 'debit' ? line.amount : -line.amount, exponents.get(line.currency)!);
    const memo = line.memo === null ? '' : `  ; ${comment(line.memo)}`;
    return `    ${names.of(line.account_id)}  ${line.currency} ${amount}${memo}\n`;
  });
  return `${journal.effective_date} * (${journal.transaction_id}) ${plain(journal.description)}\n    ; ${tags.join(', ')}\n${postings.join('')}\n`;
}

async function* hledgerOf(ctx: Context, snapshot: Snapshot, input: LedgerExportInput): AsyncGenerator<string> {
  const exponents = await selectExponents(ctx.tx);
  const names = new AccountNames();
  const currencies = new Set<string>();
  yield `; ${plain(ctx.tenant.name)}: posted journals${input.from ? ` from ${input.from}` : ''}${input.to ? ` to ${input.to}` : ''}, by effective date.\n; Holds are not posted, and not here.\ndecimal-mark .\n\n`;
  const accounts = pagesById(PAGE, (after) => selectAccounts(ctx.tx, ctx.scope, input.book_id, after, PAGE));
  for await (const page of accounts) {
    const added = new Set(page.map(({ currency }) => currency).filter((code) => !currencies.has(code)));
    for (const code of added) currencies.add(code);
    yield [...added].map((code) => `commodity ${code} 1000.${'0'.repeat(exponents.get(code)!)}\n`).join('') +
      page.map((account) => `account ${names.add(account)}  ; type: ${ACCOUNT_TYPES[account.type][1]}\n`).join('');
  }
  yield '\n';
  for await (const journals of journalsOf(ctx, snapshot, input)) {
    yield journals
      .filter(({ kind }) => kind === 'post' || kind === 'reversal')
      .map((journal) => hledgerEntry(journal, names, exponents))
      .join('');
  }
}

async function* bundleDocuments(ctx: Context): AsyncGenerator<object> {
  const head = await headOfChain(ctx);
  yield {
    type: 'bundle',
    format: 1,
    tenant_id: ctx.tenant.id,
    tenant: ctx.tenant.slug,
    exported_at: ctx.now.toISOString(),
    head,
  };
  for await (const page of pagesById(PAGE, (after) => selectAccounts(ctx.tx, ctx.scope, undefined, after, PAGE))) {
    yield* page.map(({ is_namesake: _, type: account_type, ...account }) => ({
      type: 'account',
      account_type,
      ...account,
    }));
  }
  for (let number = 1; number <= head; number += 1) {
    yield* await selectBlockDocuments(ctx.tx, number);
  }
  for (let after: string | null = null; ; ) {
    const totals = await selectTotalDocuments(ctx.tx, head, after);
    if (totals.length === 0) break;
    yield* totals.map(({ document }) => document);
    after = totals.at(-1)!.account_id;
  }
  for await (const found of findLooseRows(ctx)) {
    yield { type: 'finding', ...found };
  }
}

/** One document a line; the last says how many there were, so that a part is not taken for the whole. */
async function* bundleOf(ctx: Context): AsyncGenerator<string> {
  let lines = 0;
  let waiting: string[] = [];
  for await (const document of bundleDocuments(ctx)) {
    lines += 1;
    waiting.push(`${JSON.stringify(document)}\n`);
    if (waiting.length === PAGE) {
      yield waiting.join('');
      waiting = [];
    }
  }
  yield `${waiting.join('')}${JSON.stringify({ type: 'end', lines })}\n`;
}

const TYPES: Readonly<Record<ExportFormat, readonly [string, string]>> = {
  csv: ['csv', 'text/csv; charset=utf-8; header=present'],
  jsonl: ['jsonl', 'application/x-ndjson'],
  hledger: ['journal', 'text/plain; charset=utf-8'],
  bundle: ['bundle.jsonl', 'application/x-ndjson'],
};

/** A bundle holds the audit trail too, and is of everything or nothing. */
function checkBundle(ctx: Context, { from, to, book_id }: LedgerExportInput): void {
  const errors = Object.fromEntries(
    Object.entries({ from, to, book_id }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, ['is not for a bundle, which is always whole']]],
    ),
  );
  if (Object.keys(errors).length > 0) throw new DomainError('invalid', undefined, { errors });
  if (!ctx.scope.all || !ctx.require('audit:read').all) {
    throw new DomainError('forbidden', 'A bundle is open to staff of the whole tenant.');
  }
}

async function openExport(ctx: Context, input: LedgerExportInput): Promise<FileAnswer> {
  const format = input.format ?? 'jsonl';
  const [extension, type] = TYPES[format];
  const name = `${ctx.tenant.slug}-ledger${input.from ? `-from-${input.from}` : ''}${input.to ? `-to-${input.to}` : ''}.${extension}`;
  if (format === 'bundle') {
    checkBundle(ctx, input);
    return { name, type, parts: bundleOf(ctx) };
  }
  if (input.book_id !== undefined && !(await hasBook(ctx.tx, ctx.scope, input.book_id))) {
    throw notFound();
  }
  const make = { csv: csvOf, jsonl: jsonlOf, hledger: hledgerOf }[format];
  return { name, type, parts: make(ctx, await selectSnapshot(ctx.tx), input) };
}

export const ledgerExport = defineOperation({
  name: 'ledger.export',
  kind: 'read',
  risk: 'read',
  permission: 'transaction:read',
  alsoRequires: ['audit:read'],
  resource: 'ledger',
  summary: 'Export journals as CSV, JSONL or for hledger, or everything that verifies the seal without the database',
  input: ledgerExportInput,
  output: file,
  isFile: true,
  http: { method: 'GET', path: '/api/ledger/export' },
  closedDoors: { mcp: 'A file of any size: fetch it over HTTP.' },
  run: openExport,
});
