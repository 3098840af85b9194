// Searches of lists that somebody runs again: filters, order and columns under a name. Each belongs to one actor, and nobody
// else sees it; what it finds is decided when it is run. Who may no longer read a list has no searches of it.
import * as v from 'valibot';
import { scopeOf } from '../../operations/actor.ts';
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { deleteSearch, insertSearch, type Owner, pageOfSearches, selectSearch, updateSearch } from './queries.ts';
import {
  filtersOf,
  LIST_PERMISSIONS,
  type SavedList,
  savedSearch,
  savedSearchCreateInput,
  savedSearchListInput,
  savedSearchList as savedSearchListSchema,
  savedSearchUpdateInput,
} from './schemas.ts';

const OPEN = {
  permission: null,
  openBecause: 'Everybody keeps searches of the lists that they may read, auditors too, who change nothing else.',
  alsoRequires: Object.values(LIST_PERMISSIONS),
} as const;

const LISTS = Object.keys(LIST_PERMISSIONS) as SavedList[];

/** Whose searches these are. @throws DomainError `unauthenticated`, `forbidden` when they may read no list at all */
function ownerOf({ actor }: Context): Owner {
  if (actor.id === 'anonymous') {
    throw new DomainError('unauthenticated', 'Sign in, or send an API key as a Bearer token.');
  }
  const lists = LISTS.filter((list) => scopeOf(actor, LIST_PERMISSIONS[list]));
  if (lists.length === 0) throw new DomainError('forbidden', 'There is no list that you may read.');
  return { id: actor.id, lists };
}

/** The same, for a list that they have to be allowed to read. @throws DomainError `unauthenticated`, `forbidden` */
function ownerOn(ctx: Context, list: SavedList): Owner {
  const owner = ownerOf(ctx);
  ctx.require(LIST_PERMISSIONS[list]);
  return owner;
}

/** @throws DomainError `invalid` for filters that the list does not have */
function requireFilters(list: SavedList, filters: Record<string, string>): void {
  const { issues = [] } = v.safeParse(filtersOf(list), filters);
  if (issues.length === 0) return;
  const errors = issues.map((issue) => [`filters.${v.getDotPath(issue) ?? ''}`, ['is not what this list filters by']]);
  throw new DomainError('invalid', 'The list does not filter by that.', { errors: Object.fromEntries(errors) });
}

const onConstraint = {
  saved_searches_name: () =>
    new DomainError('conflict', 'You have a search of that name for this list.', { errors: { name: ['is taken'] } }),
};

async function orWhy<T>(ctx: Context, id: string, done: T | null): Promise<T> {
  if (done === null) throw whyUnchanged(await selectSearch(ctx.tx, ownerOf(ctx), id));
  return done;
}

export const savedSearchList = defineOperation({
  name: 'saved_search.list',
  kind: 'read',
  risk: 'read',
  ...OPEN,
  resource: 'saved_search',
  summary: 'List your saved searches of a list, of the audit trail unless another is named',
  input: savedSearchListInput,
  output: savedSearchListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/saved-searches' },
  run: async (ctx, input) => pageOfSearches(ctx.tx, ownerOn(ctx, input.list ?? 'audit'), input),
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
  summary: 'Save a search of a list: its filters, order and columns',
  input: savedSearchCreateInput,
  output: savedSearch,
  http: { method: 'POST', path: '/api/saved-searches', status: 201 },
  describe: ({ name }) => `Saved the search ${name}`,
  onConstraint,
  run: async (ctx, input) => {
    const owner = ownerOn(ctx, input.list);
    requireFilters(input.list, input.filters);
    return insertSearch(ctx.tx, owner, ctx.id, input);
  },
});

export const savedSearchUpdate = defineOperation({
  name: 'saved_search.update',
  kind: 'write',
  risk: 'write',
  ...OPEN,
  resource: 'saved_search',
  summary: 'Rename a saved search, or change what it looks for and how it shows',
  input: savedSearchUpdateInput,
  output: savedSearch,
  http: { method: 'PATCH', path: '/api/saved-searches/{id}' },
  describe: () => 'Changed a saved search',
  onConstraint,
  run: async (ctx, input) => {
    const owner = ownerOf(ctx);
    const { list } = orNotFound(await selectSearch(ctx.tx, owner, input.id));
    if (input.filters) requireFilters(list, input.filters);
    return orWhy(ctx, input.id, await updateSearch(ctx.tx, owner, input, ctx.call.expectedVersion));
  },
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
