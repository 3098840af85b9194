// What becomes of the rows of an import: checked by one job, made by another. A check can be taken again at any time; what is
// made, is made in one transaction, under an event for each thousand rows.
import { AsyncLocalStorage } from 'node:async_hooks';
import { CsvReader, type CsvRow } from '../../imports/csv.ts';
import { examine, type Reading, type RowError } from '../../imports/examine.ts';
import { type ImportKind, kinds } from '../../imports/kinds.ts';
import { inTheNameOf } from '../../operations/actor.ts';
import { fromDatabase } from '../../operations/database-errors.ts';
import { DomainError } from '../../operations/errors.ts';
import { reportProgress } from '../../operations/jobs.ts';
import { type Context, defineOperation, type Operation } from '../../operations/operation.ts';
import { findImport, holdImport, partOf, settleImport } from '../import/operations.ts';
import {
  beginWriting,
  continueWork,
  countKnown,
  countRows,
  countStrayed,
  dropFindings,
  insertErrors,
  insertRows,
  keepDuplicates,
  nextLines,
  pageOfErrors,
  pageOfImportedRows,
  selectDefaults,
  selectExponents,
  selectOwners,
  writeRows,
} from './queries.ts';
import {
  importErrorListInput,
  importErrorList as importErrorListSchema,
  importedRowListInput,
  importedRowList as importedRowListSchema,
  importJobInput,
  importJobResult,
  MOST_ERRORS,
} from './schemas.ts';

/** Examined and kept at once. */
const ROWS_AT_ONCE = 1_000;
/** Under one audit event. */
const ROWS_PER_EVENT = 1_000;
/** A runner that has not reported for so long is dead. */
const LEASE_SECONDS = 60;

export const importErrorList = defineOperation({
  name: 'import.list_errors',
  kind: 'read',
  risk: 'read',
  permission: 'import:read',
  resource: 'import',
  summary: 'List what is wrong with the rows of a file: line, field, reason and what stands there',
  input: importErrorListInput,
  output: importErrorListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/imports/{id}/errors' },
  run: async (ctx, input) => {
    await findImport(ctx, input.id);
    return pageOfErrors(ctx.tx, input);
  },
});

export const importedRowList = defineOperation({
  name: 'import.list_rows',
  kind: 'read',
  risk: 'read',
  permission: 'import:read',
  resource: 'import',
  summary: 'List what an import made, line by line, for thirty days',
  input: importedRowListInput,
  output: importedRowListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/imports/{id}/rows' },
  run: async (ctx, input) => {
    await findImport(ctx, input.id);
    return pageOfImportedRows(ctx.tx, input);
  },
});

const closedDoors = {
  http: 'Queued by import.check and import.apply.',
  mcp: 'Queued by import.check and import.apply.',
};

type Found = Awaited<ReturnType<typeof findImport>>;

async function readingOf(ctx: Context, found: Found): Promise<Reading> {
  const kind = kinds[found.kind];
  const place = { merchant_org_id: found.merchant_org_id, merchant_id: found.merchant_id };
  const [defaults, exponents] = await Promise.all([selectDefaults(ctx.tx), selectExponents(ctx.tx)]);
  const findOwners: Reading['findOwners'] = (names) => selectOwners(ctx.tx, kind.owner!.party, place, names);
  return { kind, place, heads: found.columns, mapping: found.mapping!, defaults, exponents, findOwners };
}

/** Counts the rows of a file and keeps what becomes of each, as far as there is room for complaints. */
class Findings {
  rows = 0;
  bad = 0;
  #kept = 0;
  readonly #ctx: Context;
  readonly #id: string;

  constructor(ctx: Context, id: string) {
    this.#ctx = ctx;
    this.#id = id;
  }

  async keep(reading: Reading, rows: readonly CsvRow[]): Promise<void> {
    const { good, bad, badLines } = await examine(reading, rows);
    this.rows += rows.length;
    if (good.length > 0) await insertRows(this.#ctx.tx, this.#id, good);
    await this.complain(bad, badLines);
  }

  async complain(errors: readonly RowError[], lines: number): Promise<void> {
    this.bad += lines;
    const room = errors.slice(0, MOST_ERRORS - this.#kept);
    this.#kept += room.length;
    if (room.length > 0) await insertErrors(this.#ctx.tx, this.#id, room);
  }

  /** Of the whole file. */
  async refuse(line: number, message: string): Promise<void> {
    await this.complain([{ line, field: null, column: null, message, value: null }], 1);
  }
}

async function readParts(ctx: Context, found: Found, findings: Findings): Promise<void> {
  const reading = await readingOf(ctx, found);
  const { mostRows } = reading.kind;
  const reader = new CsvReader(reading.mapping.delimiter);
  for (let position = 1; position <= found.part_count; position += 1) {
    const csv = (await partOf(ctx, found.id, position)) ?? '';
    const { rows, broken } = reader.read(csv, position === found.part_count);
    const room = mostRows - findings.rows;
    for (let from = 0; from < Math.min(rows.length, room); from += ROWS_AT_ONCE) {
      await findings.keep(reading, rows.slice(from, Math.min(from + ROWS_AT_ONCE, room)));
      const done = position - 1 + Math.min(1, (from + ROWS_AT_ONCE) / rows.length);
      await report(ctx, { step: 'reading', rows: findings.rows, percent: Math.floor((100 * done) / found.part_count) });
    }
    const beyond = rows[room];
    if (beyond) {
      await findings.refuse(beyond.line, `is beyond the ${mostRows} rows that an import may have`);
      return;
    }
    if (broken) {
      await findings.refuse(broken.line, broken.message);
      return;
    }
    // Given up meanwhile: the rest is not worth reading.
    if ((await findImport(ctx, found.id)).status !== 'checking') return;
  }
  if (findings.rows === 0 && findings.bad === 0)
    await findings.refuse(1, 'is the only line: there are no rows below it');
}

type Progress = { step: 'reading' | 'comparing' | 'writing'; rows: number; percent: number | null };
const report = (ctx: Context, progress: Progress) => reportProgress(ctx, progress, LEASE_SECONDS);

/** Whether an import waits for this very job: one that comes late has nothing to do any more. */
function isAt(ctx: Context, { status, job_id }: Found, wanted: Found['status']): boolean {
  return status === wanted && job_id === ctx.call.requestId;
}

export const importExamine = defineOperation({
  name: 'import.examine',
  kind: 'external',
  risk: 'write',
  permission: 'job:run',
  resource: 'import',
  summary: 'Read a file row by row and keep what each becomes, or what is wrong with it',
  input: importJobInput,
  output: importJobResult,
  closedDoors,
  describe: () => 'Checked the rows of a file to import',
  outside: async (ctx, { id, actor }) => {
    const found = await findImport(ctx, id);
    const findings = new Findings(ctx, id);
    if (isAt(ctx, found, 'checking')) {
      await dropFindings(ctx.tx, id);
      await readParts(ctx, found, findings);
      await report(ctx, { step: 'comparing', rows: findings.rows, percent: null });
      findings.bad += await keepDuplicates(ctx.tx, id, kinds[found.kind], found.mapping!.columns);
    }
    return { actor: inTheNameOf(ctx.actor, actor), rows: findings.rows, bad: findings.bad };
  },
  run: async (ctx, { id }, { rows, bad }) => {
    const found = await holdImport(ctx, id);
    if (!isAt(ctx, found, 'checking')) return { status: found.status, rows };
    const status = bad === 0 ? 'ready' : 'bad';
    if (status === 'ready' && (await countRows(ctx.tx, id)) !== rows) {
      throw new DomainError('unavailable', 'Another runner checked the same file at the same time.');
    }
    await settleImport(ctx, id, { status, counts: { rows, bad } });
    return { status, rows };
  },
});

/** Makes every row, or none: whatever is thrown takes back all of it. */
async function writeAll(
  ctx: Context,
  found: Found,
  kind: ImportKind,
  onRows: (rows: number) => Promise<void>,
): Promise<void> {
  const known = await countKnown(ctx.tx, found.id, kind);
  if (known > 0) {
    throw new DomainError('conflict', `${known} of the rows are there by now. Check the file again to see which.`);
  }
  const place = { merchant_org_id: found.merchant_org_id, merchant_id: found.merchant_id };
  const strayed = kind.owner ? await countStrayed(ctx.tx, found.id, kind.owner, place) : 0;
  if (strayed > 0) {
    const whose = kind.owner?.party === 'merchant' ? 'merchants' : 'MerchantOrgs';
    throw new DomainError(
      'conflict',
      `${strayed} of the rows are of ${whose} that are not here any more. Check the file again to see which.`,
    );
  }
  await settleImport(ctx, found.id, { status: 'done' });
  const fields = [...kind.fields.map(({ name }) => name), ...(kind.alsoColumns ?? [])];
  const name = found.file_name ?? 'the file';
  let written = 0;
  for (let after = 0; ; ) {
    const { last, count } = await nextLines(ctx.tx, found.id, after, ROWS_PER_EVENT);
    if (last === null) break;
    await continueWork(ctx.tx, `Imported ${count} ${kind.plural}, up to line ${last} of ${name}`);
    await writeRows(ctx.tx, found.id, kind, fields, { after, last });
    written += count;
    after = last;
    await onRows(written);
  }
  if (written !== found.row_count)
    throw new DomainError('conflict', 'The rows are not those that were checked. Check the file again.');
}

export const importWrite = defineOperation({
  name: 'import.write',
  kind: 'external',
  risk: 'write',
  permission: 'job:run',
  resource: 'import',
  summary: 'Make every row of a file that was checked, in one transaction',
  input: importJobInput,
  output: importJobResult,
  closedDoors,
  describe: () => 'Imported a file',
  // What the transaction has written nobody sees before it ends, so its progress goes over a connection of its own. Where
  // there is none, it is told less often.
  outside: async (ctx, { actor }) => {
    const besideTransaction = AsyncLocalStorage.snapshot();
    const onRows = (rows: number, of: number): Promise<void> =>
      besideTransaction(() =>
        report(ctx, { step: 'writing', rows, percent: Math.floor((100 * rows) / Math.max(of, 1)) }).catch(() => {}),
      );
    return { actor: inTheNameOf(ctx.actor, actor), onRows };
  },
  run: async (ctx, { id }, { onRows }) => {
    await beginWriting(ctx.tx);
    const found = await holdImport(ctx, id);
    const rows = found.row_count ?? 0;
    if (!isAt(ctx, found, 'applying')) return { status: found.status, rows };
    const kind = kinds[found.kind];
    try {
      await ctx.tx.transaction((tx) => writeAll({ ...ctx, tx }, found, kind, (written) => onRows(written, rows)), 0);
      return { status: 'done' as const, rows };
    } catch (error) {
      const known = fromDatabase(error, kind.create as Operation);
      if (!(known instanceof DomainError) || known.code === 'unavailable') throw error;
      await settleImport(ctx, id, { status: 'failed', problem: known.message });
      return { status: 'failed' as const, rows: 0 };
    }
  },
});
