// Imports of CSV files: uploaded in parts, mapped, checked row by row, and applied whole or not at all. The rules of a row
// are those of the operation that makes one by hand; what each kind is, server/imports/kinds.ts says.
import type * as v from 'valibot';
import { guessDelimiter, LONGEST_ROW, readHeads, readSample, SAMPLE_LENGTH } from '../../imports/csv.ts';
import { describeFields, fieldsAt, fitsPlace, guessColumns, type ImportKind, kinds } from '../../imports/kinds.ts';
import { csvCell } from '../../operations/csv.ts';
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { enqueue } from '../../operations/jobs.ts';
import { findPlace, holdsAt, type Place } from '../../operations/may-grant.ts';
import { type Context, defineOperation, file } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { movesFrom, type StateMachine } from '../../operations/states.ts';
import {
  dropParts,
  insertImport,
  pageOfImports,
  putPart,
  type SelectedImport,
  selectHead,
  selectImport,
  selectPart,
  updateImport,
} from './queries.ts';
import {
  type Delimiter,
  type Import,
  type ImportMapping,
  type ImportProgress,
  type ImportStatus,
  importCreateInput,
  importListInput,
  importList as importListSchema,
  importRecord,
  importStates,
  importTemplateInput,
  importUpdateInput,
  importUploadInput,
} from './schemas.ts';

type Action = keyof (typeof importStates)['moves'];

/** Everything that could be made by an import; one needs what its own kind asks for. */
const CREATING = Object.values(kinds).map(({ create }) => create.permission!);

const base = { resource: 'import' } as const;

function placeOf({ merchant_org_id, merchant_id }: SelectedImport): Place {
  return { merchant_org_id, merchant_id };
}

function progressOf({ status, job }: SelectedImport): ImportProgress | null {
  if (!job || (status !== 'checking' && status !== 'applying')) return null;
  if (job.state === 'dead') return { step: 'stuck', rows: 0, percent: null };
  return (job.progress as ImportProgress | null) ?? { step: 'waiting', rows: 0, percent: null };
}

async function readImport(ctx: Context, id: string): Promise<Import> {
  const found = orNotFound(await selectImport(ctx.tx, ctx.scope, id));
  const { job: _, ...rest } = found;
  return {
    ...rest,
    fields: describeFields(kinds[found.kind], placeOf(found)),
    sample: await sampleOf(ctx, found),
    progress: progressOf(found),
  };
}

/** The first rows of a file whose mapping can still be changed. */
async function sampleOf(ctx: Context, { id, status, mapping }: SelectedImport): Promise<string[][]> {
  if (!mapping || !movesFrom(importStates, status).includes('check')) return [];
  return readSample(await selectHead(ctx.tx, id, SAMPLE_LENGTH), mapping.delimiter);
}

/** Whoever imports may make the same by hand, there. @throws DomainError `forbidden` */
function requireMayCreate(ctx: Context, { create }: ImportKind, place: Place): void {
  const permission = create.permission!;
  if (!holdsAt(ctx.actor, permission, place)) {
    throw new DomainError('forbidden', `This needs the permission ${permission} there.`);
  }
}

/** The import, locked, in a state that the action leaves. @throws DomainError `not_found`, `stale`, `forbidden`, `conflict` */
async function takeStep(ctx: Context, id: string, action: Action, alsoIn: readonly string[] = []) {
  const found = orNotFound(await selectImport(ctx.tx, ctx.scope, id, true));
  const { expectedVersion } = ctx.call;
  if (expectedVersion !== undefined && expectedVersion !== found.version) throw whyUnchanged(found);
  requireMayCreate(ctx, kinds[found.kind], placeOf(found));
  const isAllowed = movesFrom(importStates as StateMachine, found.status).includes(action);
  if (!isAllowed && !alsoIn.includes(found.status)) {
    throw new DomainError('conflict', `An import that is ${found.status} does not take this step.`);
  }
  return found;
}

export const importList = defineOperation({
  ...base,
  name: 'import.list',
  kind: 'read',
  risk: 'read',
  permission: 'import:read',
  summary: 'List imports of CSV files',
  input: importListInput,
  output: importListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/imports' },
  run: (ctx, input) => pageOfImports(ctx.tx, ctx.scope, input),
});

export const importGet = defineOperation({
  ...base,
  name: 'import.get',
  kind: 'read',
  risk: 'read',
  permission: 'import:read',
  summary: 'Read an import: its columns, its mapping, how far it is and what came of it',
  input: idInput,
  output: importRecord,
  http: { method: 'GET', path: '/api/imports/{id}' },
  run: (ctx, { id }) => readImport(ctx, id),
});

export const importCreate = defineOperation({
  ...base,
  name: 'import.create',
  kind: 'write',
  risk: 'write',
  permission: 'import:run',
  alsoRequires: CREATING,
  summary:
    'Begin an import for the whole tenant, one MerchantOrg or one merchant; nothing is made before it is applied',
  input: importCreateInput,
  output: importRecord,
  http: { method: 'POST', path: '/api/imports', status: 201 },
  describe: ({ kind }) => `Began an import of ${kinds[kind].plural}`,
  run: async (ctx, { kind, csv, file_name, ...wanted }) => {
    const place = await findPlace(ctx, wanted);
    requireMayCreate(ctx, kinds[kind], place);
    if (!fitsPlace(kinds[kind], place)) {
      throw new DomainError('invalid', `${kinds[kind].plural} do not belong to such a place.`, {
        errors: { [place.merchant_id ? 'merchant_id' : 'merchant_org_id']: ['must be left out for this kind'] },
      });
    }
    await insertImport(ctx.tx, ctx.id, { kind, place, fileName: file_name ?? null, by: ctx.actor });
    if (csv !== undefined) await keepPart(ctx, ctx.id, 1, csv, true);
    return readImport(ctx, ctx.id);
  },
});

/** @throws DomainError `invalid`, which names the line of what no database can keep */
function requireStorable(csv: string): void {
  const found = /[\0\p{Surrogate}]/u.exec(csv);
  if (found) {
    const line = csv.slice(0, found.index).split(/\r\n|\r|\n/).length;
    const what = found[0] === '\0' ? 'a NUL character' : 'half a character';
    throw new DomainError('invalid', `Line ${line} has ${what}.`, { errors: { csv: [`has ${what} on line ${line}`] } });
  }
}

async function keepPart(ctx: Context, id: string, position: number, csv: string, isLast: boolean): Promise<void> {
  requireStorable(csv);
  await putPart(ctx.tx, id, position, csv);
  await updateImport(ctx.tx, id, { part_count: position });
  if (isLast) {
    const found = orNotFound(await selectImport(ctx.tx, ctx.scope, id));
    await updateImport(ctx.tx, id, { status: 'uploaded', ...(await readHead(ctx, found)) });
  }
}

/** The heads of a file and the likeliest mapping. @throws DomainError `invalid` for a file without any */
async function readHead(ctx: Context, found: SelectedImport, wanted?: Delimiter) {
  const head = await selectHead(ctx.tx, found.id, LONGEST_ROW);
  const delimiter = wanted ?? guessDelimiter(head);
  const columns = readHeads(head, delimiter);
  if (columns.length === 0 || head.trim() === '') {
    throw new DomainError('invalid', 'The first line of the file must name its columns.', {
      errors: { csv: ['has no line that names its columns'] },
    });
  }
  const mapping: ImportMapping = {
    delimiter,
    decimal_separator: delimiter === 'semicolon' ? ',' : '.',
    columns: guessColumns(kinds[found.kind], placeOf(found), columns),
  };
  return { columns, mapping };
}

export const importUpload = defineOperation({
  ...base,
  name: 'import.upload',
  kind: 'write',
  risk: 'write',
  permission: 'import:run',
  summary: 'Upload a part of the file; the last one ends the upload',
  input: importUploadInput,
  output: importRecord,
  http: { method: 'POST', path: '/api/imports/{id}/parts' },
  describe: ({ position }) => `Uploaded part ${position} of a file to import`,
  run: async (ctx, { id, position, csv, is_last }) => {
    const found = await takeStep(ctx, id, 'upload');
    if (position > found.part_count + 1) {
      throw new DomainError('invalid', `Part ${found.part_count + 1} comes next.`, {
        errors: { position: [`must be at most ${found.part_count + 1}: parts come in order`] },
      });
    }
    await keepPart(ctx, id, position, csv, is_last ?? false);
    return readImport(ctx, id);
  },
});

export const importUpdate = defineOperation({
  ...base,
  name: 'import.update',
  kind: 'write',
  risk: 'write',
  permission: 'import:run',
  summary: 'Say which column each field is read from; what was checked before no longer counts',
  input: importUpdateInput,
  output: importRecord,
  http: { method: 'PATCH', path: '/api/imports/{id}' },
  describe: () => 'Mapped the columns of an import',
  run: async (ctx, input) => {
    await keepMapping(ctx, await takeStep(ctx, input.id, 'map', ['uploaded']), input, 'uploaded');
    return readImport(ctx, input.id);
  },
});

/** Reads the heads anew where the separator is another, and keeps what is said of them. */
async function keepMapping(
  ctx: Context,
  found: SelectedImport,
  { id, delimiter, decimal_separator, columns }: v.InferOutput<typeof importUpdateInput>,
  status: ImportStatus,
): Promise<ImportMapping> {
  const isReread = delimiter !== undefined && delimiter !== found.mapping?.delimiter;
  const head = isReread ? await readHead(ctx, found, delimiter) : { columns: found.columns, mapping: found.mapping! };
  const mapping: ImportMapping = {
    ...head.mapping,
    ...(decimal_separator ? { decimal_separator } : {}),
    columns: mappedColumns(found, head.columns, columns) ?? head.mapping.columns,
  };
  await updateImport(ctx.tx, id, { status, columns: head.columns, mapping, counts: null, problem: null });
  return mapping;
}

/** @throws DomainError `invalid` for a field that the kind has not, or a column that the file has not */
function mappedColumns(
  found: SelectedImport,
  heads: readonly string[],
  wanted: Record<string, string | null> | undefined,
): Record<string, string> | undefined {
  if (!wanted) return undefined;
  const known = fieldsAt(kinds[found.kind], placeOf(found)).map(({ name }) => name);
  const given = Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== null);
  const errors = given.flatMap(([name, column]): [string, string[]][] => {
    if (!known.includes(name)) return [[`columns.${name}`, ['is not a known field']]];
    return heads.includes(column) ? [] : [[`columns.${name}`, ['is not a column of this file']]];
  });
  if (errors.length > 0) {
    throw new DomainError('invalid', 'The mapping does not fit the file.', { errors: Object.fromEntries(errors) });
  }
  return Object.fromEntries(given);
}

export const importCheck = defineOperation({
  ...base,
  name: 'import.check',
  kind: 'write',
  risk: 'write',
  permission: 'import:run',
  summary: 'Check every row of the file, by another mapping where one is given, in the background; nothing is made',
  input: importUpdateInput,
  output: importRecord,
  http: { method: 'POST', path: '/api/imports/{id}/check', status: 202 },
  describe: () => 'Had a file to import checked',
  run: async (ctx, input) => {
    const found = await takeStep(ctx, input.id, 'check');
    const mapping = await keepMapping(ctx, found, input, 'checking');
    const missing = describeFields(kinds[found.kind], placeOf(found)).filter(
      ({ name, is_required }) => is_required && !mapping.columns[name],
    );
    if (missing.length > 0) {
      throw new DomainError('invalid', 'Some fields are not mapped to a column.', {
        errors: Object.fromEntries(missing.map(({ name }) => [`columns.${name}`, ['needs a column']])),
      });
    }
    await queueJob(ctx, input.id, 'import.examine');
    return readImport(ctx, input.id);
  },
});

export const importApply = defineOperation({
  ...base,
  name: 'import.apply',
  kind: 'write',
  risk: 'write',
  permission: 'import:run',
  summary: 'Import every row of a file that was checked without a complaint, in one transaction, in the background',
  input: idInput,
  output: importRecord,
  http: { method: 'POST', path: '/api/imports/{id}/apply', status: 202 },
  describe: () => 'Had an import applied',
  run: async (ctx, { id }) => {
    // What is made is made later, when nobody looks any more whether they still may.
    if (ctx.actor.impersonator) {
      throw new DomainError('not_while_impersonating', 'Apply an import as yourself: it is made under your name.');
    }
    const found = await takeStep(ctx, id, 'apply');
    await ctx.services.usage.requireRoom('rows', found.row_count ?? 0);
    await updateImport(ctx.tx, id, { status: 'applying', problem: null });
    await queueJob(ctx, id, 'import.write');
    return readImport(ctx, id);
  },
});

async function queueJob(ctx: Context, id: string, operation: string): Promise<void> {
  const { type, id: actorId, name, impersonator } = ctx.actor;
  const actor = { type, id: actorId, name, ...(impersonator ? { impersonator } : {}) };
  const job_id = await enqueue(ctx, operation, { id, actor });
  await updateImport(ctx.tx, id, { job_id });
}

export const importCancel = defineOperation({
  ...base,
  name: 'import.cancel',
  kind: 'write',
  risk: 'write',
  permission: 'import:run',
  summary: 'Give up an import that is not done; its file is dropped',
  input: idInput,
  output: importRecord,
  http: { method: 'POST', path: '/api/imports/{id}/cancel' },
  describe: () => 'Cancelled an import',
  run: async (ctx, { id }) => {
    await takeStep(ctx, id, 'cancel');
    await dropParts(ctx.tx, id);
    await updateImport(ctx.tx, id, { status: 'cancelled', isFinished: true });
    return readImport(ctx, id);
  },
});

/** Heads that a mapping is guessed from, and one row to show what goes where. */
async function* templateOf({ fields }: ImportKind): AsyncGenerator<string> {
  for (const cells of [fields.map(({ label }) => label), fields.map(({ example }) => example)]) {
    yield `${cells.map(csvCell).join(',')}\r\n`;
  }
}

export const importTemplate = defineOperation({
  ...base,
  name: 'import.template',
  kind: 'read',
  risk: 'read',
  permission: 'import:run',
  summary: 'Download a CSV file with the columns that a kind of import knows',
  input: importTemplateInput,
  output: file,
  isFile: true,
  http: { method: 'GET', path: '/api/import-template' },
  closedDoors: { mcp: 'A file: import.get tells the fields.' },
  run: async (_ctx, { kind }) => ({
    name: `${kinds[kind].plural.toLowerCase()}.csv`,
    type: 'text/csv; charset=utf-8',
    parts: templateOf(kinds[kind]),
  }),
});

/** An import that the operation at hand may see. @throws DomainError `not_found` */
export async function findImport(ctx: Context, id: string): Promise<SelectedImport> {
  return orNotFound(await selectImport(ctx.tx, ctx.scope, id));
}

/** The same, held until the transaction ends. */
export async function holdImport(ctx: Context, id: string): Promise<SelectedImport> {
  return orNotFound(await selectImport(ctx.tx, ctx.scope, id, true));
}

export function partOf(ctx: Context, id: string, position: number): Promise<string | null> {
  return selectPart(ctx.tx, id, position);
}

/** What came of checking, or of applying; the file is of no use any more once that is done. */
export async function settleImport(
  ctx: Context,
  id: string,
  came:
    | { status: 'ready' | 'bad'; counts: { rows: number; bad: number } }
    | { status: 'done' }
    | { status: 'failed'; problem: string },
): Promise<void> {
  if (came.status === 'done') await dropParts(ctx.tx, id);
  await updateImport(ctx.tx, id, { ...came, isFinished: came.status === 'done' });
}
