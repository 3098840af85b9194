// Searches of the audit trail that somebody runs again. Each belongs to one actor, and nobody else sees it; what it finds is
// decided when it is run.
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { deleteSearch, insertSearch, pageOfSearches, selectSearch, updateSearch } from './queries.ts';
import {
  savedSearch,
  savedSearchCreateInput,
  savedSearchListInput,
  savedSearchList as savedSearchListSchema,
  savedSearchUpdateInput,
} from './schemas.ts';

const OPEN = {
  permission: null,
  openBecause:
    'Everybody who reads the audit trail keeps searches of their own, auditors too, who change nothing else.',
  alsoRequires: ['audit:read'],
} as const;

/** Whose searches these are. @throws DomainError `unauthenticated`, `forbidden` */
function ownerOf(ctx: Context): string {
  if (ctx.actor.id === 'anonymous') {
    throw new DomainError('unauthenticated', 'Sign in, or send an API key as a Bearer token.');
  }
  ctx.require('audit:read');
  return ctx.actor.id;
}

const onConstraint = {
  saved_searches_name: () =>
    new DomainError('conflict', 'You have a search of that name.', { errors: { name: ['is taken'] } }),
};

async function orWhy<T>(ctx: Context, id: string, done: T | null): Promise<T> {
  if (done === null) throw (await selectSearch(ctx.tx, ctx.actor.id, id)) ? new DomainError('stale') : notFound();
  return done;
}

export const savedSearchList = defineOperation({
  name: 'saved_search.list',
  kind: 'read',
  risk: 'read',
  ...OPEN,
  resource: 'saved_search',
  summary: 'List your saved searches of the audit trail',
  input: savedSearchListInput,
  output: savedSearchListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/saved-searches' },
  run: async (ctx, input) => pageOfSearches(ctx.tx, ownerOf(ctx), input),
});

export const savedSearchGet = defineOperation({
  name: 'saved_search.get',
  kind: 'read',
  risk: 'read',
  ...OPEN,
  resource: 'saved_search',
  summary: 'Read one of your saved searches',
  input: idInput,
  output: savedSearch,
  http: { method: 'GET', path: '/api/saved-searches/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectSearch(ctx.tx, ownerOf(ctx), id)),
});

export const savedSearchCreate = defineOperation({
  name: 'saved_search.create',
  kind: 'write',
  risk: 'write',
  ...OPEN,
  resource: 'saved_search',
  summary: 'Save a search of the audit trail',
  input: savedSearchCreateInput,
  output: savedSearch,
  http: { method: 'POST', path: '/api/saved-searches', status: 201 },
  describe: ({ name }) => `Saved the search ${name}`,
  onConstraint,
  run: async (ctx, input) => insertSearch(ctx.tx, ownerOf(ctx), ctx.id, input),
});

export const savedSearchUpdate = defineOperation({
  name: 'saved_search.update',
  kind: 'write',
  risk: 'write',
  ...OPEN,
  resource: 'saved_search',
  summary: 'Rename a saved search, or change what it looks for',
  input: savedSearchUpdateInput,
  output: savedSearch,
  http: { method: 'PATCH', path: '/api/saved-searches/{id}' },
  describe: () => 'Changed a saved search',
  onConstraint,
  run: async (ctx, input) =>
    orWhy(ctx, input.id, await updateSearch(ctx.tx, ownerOf(ctx), input, ctx.call.expectedVersion)),
});

export const savedSearchDelete = defineOperation({
  name: 'saved_search.delete',
  kind: 'write',
  risk: 'write',
  ...OPEN,
  resource: 'saved_search',
  summary: 'Delete a saved search',
  input: idInput,
  output: savedSearch,
  http: { method: 'DELETE', path: '/api/saved-searches/{id}' },
  describe: () => 'Deleted a saved search',
  run: async (ctx, { id }) => orWhy(ctx, id, await deleteSearch(ctx.tx, ownerOf(ctx), id, ctx.call.expectedVersion)),
});
