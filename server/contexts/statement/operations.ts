// Statements of banks and processors: where they come from, how their files read, and their lines. A line is imported once,
// however many files have it; a file with one bad row is refused whole.
import { hashSecret } from '../../../tenants/credentials.ts';
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import {
  fingerprints,
  missingColumns,
  type ParsedFile,
  type ParsedLine,
  readStatementFile,
} from '../../reconciliation/csv.ts';
import {
  callDiscard,
  callImport,
  countKnownLines,
  insertSource,
  pageOfSources,
  pageOfStatementLines,
  pageOfStatements,
  selectSource,
  selectSourceForReading,
  selectStatement,
  updateSource,
} from './queries.ts';
import {
  defaultRules,
  type Mapping,
  type Source,
  type Statement,
  source,
  sourceCreateInput,
  sourceListInput,
  sourceList as sourceListSchema,
  sourceUpdateInput,
  statement,
  statementImportInput,
  statementLineListInput,
  statementLineList as statementLineListSchema,
  statementListInput,
  statementList as statementListSchema,
  statementPreviewInput,
  statementPreview as statementPreviewSchema,
} from './schemas.ts';

const MAXIMUM_LINES = 20_000;
const PREVIEW_LINES = 20;

export const sourceList = defineOperation({
  name: 'statement_source.list',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'statement_source',
  summary: 'List where statements come from',
  input: sourceListInput,
  output: sourceListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/reconciliation/sources' },
  run: (ctx, input) => pageOfSources(ctx.tx, ctx.scope, input),
});

export const sourceGet = defineOperation({
  name: 'statement_source.get',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'statement_source',
  summary: 'Read a source of statements, with its mapping and rules',
  input: idInput,
  output: source,
  http: { method: 'GET', path: '/api/reconciliation/sources/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectSource(ctx.tx, ctx.scope, id)),
});

export const sourceCreate = defineOperation({
  name: 'statement_source.create',
  kind: 'write',
  risk: 'write',
  permission: 'reconciliation:configure',
  resource: 'statement_source',
  summary: 'Reconcile an account with the statements of a source; an account has one',
  input: sourceCreateInput,
  output: source,
  http: { method: 'POST', path: '/api/reconciliation/sources', status: 201 },
  describe: ({ name }) => `Added the statement source ${name}`,
  onConstraint: {
    statement_sources_one_per_account: () =>
      new DomainError('conflict', 'The account has a source of statements already.', {
        errors: { account_id: ['has a source already'] },
      }),
  },
  run: async (ctx, input) => {
    const created = await insertSource(ctx.tx, ctx.scope, ctx.id, { ...input, rules: input.rules ?? defaultRules });
    if (!created) {
      throw new DomainError('invalid', 'The account does not exist, or the one for differences is not in its book.', {
        errors: input.difference_account_id
          ? { difference_account_id: ['must be another account of the same book and currency'] }
          : { account_id: ['does not exist'] },
      });
    }
    return created;
  },
});

export const sourceUpdate = defineOperation({
  name: 'statement_source.update',
  kind: 'write',
  risk: 'write',
  permission: 'reconciliation:configure',
  resource: 'statement_source',
  summary: 'Change the name, the mapping, the rules or the account for differences of a source',
  input: sourceUpdateInput,
  output: source,
  http: { method: 'PATCH', path: '/api/reconciliation/sources/{id}' },
  describe: () => 'Changed a statement source',
  run: async (ctx, input) => {
    const updated = await updateSource(ctx.tx, ctx.scope, input, ctx.call.expectedVersion);
    if (!updated) {
      throw whyUnchanged(await selectSource(ctx.tx, ctx.scope, input.id), ctx.call.expectedVersion);
    }
    return updated;
  },
});

function whyUnchanged(found: Source | null, expectedVersion: number | undefined): DomainError {
  if (!found) return notFound();
  return expectedVersion !== undefined && expectedVersion !== found.version
    ? new DomainError('stale')
    : new DomainError('invalid', 'The account for differences must be in the same book.', {
        errors: { difference_account_id: ['must be another account of the same book and currency'] },
      });
}

/** @throws DomainError `not_found`, `invalid` when the file lacks columns of the mapping */
async function readFile(ctx: Context, input: { source_id: string; csv: string; mapping?: Mapping | undefined }) {
  const found = await selectSourceForReading(ctx.tx, ctx.scope, input.source_id);
  if (!found) {
    throw new DomainError('invalid', 'The source does not exist.', { errors: { source_id: ['does not exist'] } });
  }
  const mapping = input.mapping ?? found.mapping;
  const file = readStatementFile(input.csv, mapping, found);
  return { found, file, missing: missingColumns(file.columns, mapping) };
}

export const statementPreview = defineOperation({
  name: 'statement.preview',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:match',
  resource: 'statement',
  summary: 'See how a file reads with a mapping; nothing is kept',
  input: statementPreviewInput,
  output: statementPreviewSchema,
  http: { method: 'POST', path: '/api/reconciliation/statements/preview' },
  run: async (ctx, input) => {
    const { found, file } = await readFile(ctx, input);
    const { columns, lines } = file;
    const bad = lines.filter(({ errors }) => errors.length > 0);
    const dates = lines.flatMap(({ date }) => (date ? [date] : [])).sort();
    // What is wrong is shown first, then the file from its beginning.
    const shown = [...bad, ...lines.filter((line) => !bad.includes(line)).slice(0, PREVIEW_LINES)].slice(
      0,
      PREVIEW_LINES,
    );
    return {
      columns,
      lines: shown.sort((left, right) => left.row - right.row).map(({ externalId: _, ...line }) => line),
      line_count: lines.length,
      error_count: bad.length,
      duplicate_count: await countKnownLines(ctx.tx, found.id, fingerprints(lines)),
      total: lines.reduce((sum, { amount }) => sum + (amount ?? 0), 0),
      from: dates[0] ?? null,
      to: dates.at(-1) ?? null,
    };
  },
});

/** Refuses a file that cannot be imported whole, and says which rows are why. */
function refuseBadFile({ lines }: ParsedFile, missing: Record<string, string[]>): void {
  if (Object.keys(missing).length > 0) {
    throw new DomainError('invalid', 'The file lacks columns of the mapping.', { errors: missing });
  }
  const bad = lines.filter(({ errors }) => errors.length > 0);
  if (bad.length > 0) {
    const errors = Object.fromEntries(bad.slice(0, 50).map(({ row, errors: messages }) => [`rows.${row}`, messages]));
    throw new DomainError('invalid', `${bad.length} of ${lines.length} rows cannot be read. Nothing was imported.`, {
      errors,
    });
  }
  if (lines.length === 0 || lines.length > MAXIMUM_LINES) {
    const message = lines.length === 0 ? 'has no lines' : `has more than ${MAXIMUM_LINES} lines`;
    throw new DomainError('invalid', `The file ${message}.`, { errors: { csv: [message] } });
  }
}

const newLine = (line: ParsedLine, fingerprint: string) => ({
  position: line.row,
  date: line.date!,
  amount: line.amount!,
  description: line.description,
  reference: line.reference,
  fingerprint,
});

export const statementImport = defineOperation({
  name: 'statement.import',
  kind: 'write',
  risk: 'write',
  permission: 'reconciliation:match',
  alsoRequires: ['reconciliation:configure'],
  resource: 'statement',
  summary: 'Import the file of a statement, whole or not at all; lines that an earlier file had are skipped',
  input: statementImportInput,
  output: statement,
  http: { method: 'POST', path: '/api/reconciliation/statements', status: 201 },
  describe: ({ file_name: name }) => (name ? `Imported the statement ${name}` : 'Imported a statement'),
  run: async (ctx, input) => {
    const { found, file, missing } = await readFile(ctx, input);
    refuseBadFile(file, missing);
    if (input.mapping && JSON.stringify(input.mapping) !== JSON.stringify(found.mapping)) {
      const scope = ctx.require('reconciliation:configure');
      orNotFound(await updateSource(ctx.tx, scope, { id: found.id, mapping: input.mapping }));
    }
    const { csv, mapping: _, ...rest } = input;
    const prints = fingerprints(file.lines);
    await callImport(
      ctx.tx,
      { ...rest, id: ctx.id, file_hash: hashSecret(csv.replace(/\r\n?/g, '\n')) },
      file.lines.map((line, index) => newLine(line, prints[index]!)),
    );
    return statementOf(ctx, ctx.id);
  },
});

/** A statement in the scope of the operation, or null. */
export function findStatement(ctx: Context, id: string): Promise<Statement | null> {
  return selectStatement(ctx.tx, ctx.scope, id);
}

/** A statement in the scope of the operation. @throws DomainError not_found */
export async function statementOf(ctx: Context, id: string): Promise<Statement> {
  return orNotFound(await findStatement(ctx, id));
}

/** The source of a statement. @throws DomainError not_found */
export async function sourceOf(ctx: Context, { source_id }: Statement): Promise<Source> {
  return orNotFound(await selectSource(ctx.tx, ctx.scope, source_id));
}

export const statementList = defineOperation({
  name: 'statement.list',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'statement',
  summary: 'List statements and how far they are reconciled',
  input: statementListInput,
  output: statementListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/reconciliation/statements' },
  run: (ctx, input) => pageOfStatements(ctx.tx, ctx.scope, input),
});

export const statementGet = defineOperation({
  name: 'statement.get',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'statement',
  summary: 'Read a statement',
  input: idInput,
  output: statement,
  http: { method: 'GET', path: '/api/reconciliation/statements/{id}' },
  run: (ctx, { id }) => statementOf(ctx, id),
});

export const statementDiscard = defineOperation({
  name: 'statement.discard',
  kind: 'write',
  risk: 'destructive',
  permission: 'reconciliation:match',
  resource: 'statement',
  summary: 'Take back an import of which nothing is matched yet',
  input: idInput,
  output: empty,
  http: { method: 'DELETE', path: '/api/reconciliation/statements/{id}', status: 204 },
  describe: () => 'Discarded a statement',
  run: async (ctx, { id }) => {
    await statementOf(ctx, id);
    await callDiscard(ctx.tx, id);
    return {};
  },
});

export const statementLineList = defineOperation({
  name: 'statement_line.list',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'statement_line',
  summary: 'List lines of statements',
  input: statementLineListInput,
  output: statementLineListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/reconciliation/statement-lines' },
  run: (ctx, input) => pageOfStatementLines(ctx.tx, ctx.scope, input),
});
