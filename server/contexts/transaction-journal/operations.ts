// Journals: balanced sets of debit and credit lines in one book. Written by posting functions only, never changed.
import { orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { pageOfJournals, selectJournal, selectSides } from './queries.ts';
import { journal, journalListInput, journalList as journalListSchema } from './schemas.ts';

export const journalList = defineOperation({
  name: 'transaction_journal.list',
  kind: 'read',
  risk: 'read',
  permission: 'transaction:read',
  resource: 'transaction_journal',
  summary: 'List journals with their lines',
  input: journalListInput,
  output: journalListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/transaction-journals' },
  run: (ctx, input) => pageOfJournals(ctx.tx, ctx.scope, input),
});

export const journalGet = defineOperation({
  name: 'transaction_journal.get',
  kind: 'read',
  risk: 'read',
  permission: 'transaction:read',
  resource: 'transaction_journal',
  summary: 'Read a journal with its lines',
  input: idInput,
  output: journal,
  http: { method: 'GET', path: '/api/transaction-journals/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectJournal(ctx.tx, ctx.scope, id)),
});

/** Left and right side of every book and currency in scope. */
export function sidesOfBooks(ctx: Context) {
  return selectSides(ctx.tx, ctx.scope);
}
