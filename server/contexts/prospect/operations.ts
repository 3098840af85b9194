// The sales pipeline: prospects from the first word to the merchant that they become, or why they did not.
import { requireWholeTenant, scopeOf } from '../../operations/actor.ts';
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { newId } from '../../operations/id.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { requireMove } from '../../operations/require-move.ts';
import { idInput } from '../../operations/schemas.ts';
import { unknownCurrency } from '../account/operations.ts';
import { addMerchant } from '../merchant/operations.ts';
import { addMerchantOrg } from '../merchant-org/operations.ts';
import {
  assign,
  insertProspect,
  lockProspects,
  moveActivities,
  pageOfProspects,
  selectCards,
  selectDuplicates,
  selectProspect,
  selectSums,
  updateProspect,
} from './queries.ts';
import {
  board,
  boardInput,
  conversion,
  duplicates,
  OPEN_STAGES,
  type Prospect,
  prospect,
  prospectConvertInput,
  prospectCreateInput,
  prospectListInput,
  prospectList as prospectListSchema,
  prospectMergeInput,
  prospectMoveInput,
  prospectStates,
  prospectUpdateInput,
} from './schemas.ts';

/** Prospects are nobody's merchants yet, so no narrower scope has any. */
export function requirePipeline(ctx: Context): void {
  requireWholeTenant(ctx.scope, 'Prospects');
}

const onConstraint = {
  prospects_currency_exists: unknownCurrency,
  prospects_owner_exists: () =>
    new DomainError('invalid', 'Nobody has that id.', { errors: { owner_id: ['is not a member of the team'] } }),
};

export const prospectList = defineOperation({
  name: 'prospect.list',
  kind: 'read',
  risk: 'read',
  permission: 'prospect:read',
  resource: 'prospect',
  summary: 'List prospects',
  input: prospectListInput,
  output: prospectListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/prospects' },
  run: (ctx, input) => {
    requirePipeline(ctx);
    return pageOfProspects(ctx.tx, input);
  },
});

export const prospectBoard = defineOperation({
  name: 'prospect.board',
  kind: 'read',
  risk: 'read',
  permission: 'prospect:read',
  resource: 'prospect',
  summary: 'Read the pipeline as a board: its stages, their sums and first cards',
  input: boardInput,
  output: board,
  http: { method: 'GET', path: '/api/prospects/board' },
  run: async (ctx, input) => {
    requirePipeline(ctx);
    const [sums, cards] = await Promise.all([selectSums(ctx.tx, input), selectCards(ctx.tx, input)]);
    return {
      stages: [...OPEN_STAGES, 'won' as const, 'lost' as const].map((status) => {
        const own = sums.filter((sum) => sum.status === status);
        return {
          status,
          count: own.reduce((all, { count }) => all + count, 0),
          totals: own.map(({ currency, value, weighted }) => ({ currency, value, weighted })),
          cards: cards.filter((card) => card.status === status),
        };
      }),
    };
  },
});

export const prospectGet = defineOperation({
  name: 'prospect.get',
  kind: 'read',
  risk: 'read',
  permission: 'prospect:read',
  resource: 'prospect',
  summary: 'Read a prospect',
  input: idInput,
  output: prospect,
  http: { method: 'GET', path: '/api/prospects/{id}' },
  run: async (ctx, { id }) => {
    requirePipeline(ctx);
    return orNotFound(await selectProspect(ctx.tx, id));
  },
});

export const prospectDuplicates = defineOperation({
  name: 'prospect.duplicates',
  kind: 'read',
  risk: 'read',
  permission: 'prospect:read',
  resource: 'prospect',
  summary: 'Find prospects, and MerchantOrgs and merchants that you may read, that may be the same business',
  input: idInput,
  output: duplicates,
  http: { method: 'GET', path: '/api/prospects/{id}/duplicates' },
  run: async (ctx, { id }) => {
    requirePipeline(ctx);
    orNotFound(await selectProspect(ctx.tx, id));
    const [orgs, merchants] = [scopeOf(ctx.actor, 'merchant_org:read'), scopeOf(ctx.actor, 'merchant:read')];
    return { data: [...(await selectDuplicates(ctx.tx, id, orgs, merchants))] };
  },
});

export const prospectCreate = defineOperation({
  name: 'prospect.create',
  kind: 'write',
  risk: 'write',
  permission: 'prospect:create',
  resource: 'prospect',
  summary: 'Add a prospect to the pipeline',
  input: prospectCreateInput,
  output: prospect,
  http: { method: 'POST', path: '/api/prospects', status: 201 },
  describe: (input) => `Added prospect ${input.name}`,
  onConstraint,
  run: async (ctx, input) => {
    requirePipeline(ctx);
    await insertProspect(ctx.tx, ctx.id, input);
    return orNotFound(await selectProspect(ctx.tx, ctx.id));
  },
});

export const prospectUpdate = defineOperation({
  name: 'prospect.update',
  kind: 'write',
  risk: 'write',
  permission: 'prospect:update',
  resource: 'prospect',
  summary: 'Change what is known of a prospect',
  input: prospectUpdateInput,
  output: prospect,
  http: { method: 'PATCH', path: '/api/prospects/{id}' },
  describe: () => 'Changed a prospect',
  onConstraint,
  run: async (ctx, { id, ...changes }) => {
    requirePipeline(ctx);
    const isChanged = await updateProspect(ctx.tx, id, changes, ctx.call.expectedVersion);
    const found = orNotFound(await selectProspect(ctx.tx, id));
    requireOwnRow(found);
    if (!isChanged) throw whyUnchanged(found);
    return found;
  },
});

/** The prospect, also a merged one. */
export function findProspect(ctx: Context, id: string): Promise<Prospect | null> {
  return selectProspect(ctx.tx, id);
}

/** Merged prospects are read and never changed: what is to be said is said of the one that goes on. */
export function requireOwnRow({ status, merged_into }: Prospect): void {
  if (status === 'merged') {
    throw new DomainError('conflict', 'This prospect was merged into another, which goes on instead.', {
      extra: { merged_into },
    });
  }
}

/** Those prospects, held, the first of them in the version that the caller saw. @throws DomainError `not_found`, `stale` */
async function lock(ctx: Context, ids: readonly [string, ...string[]]): Promise<[Prospect, ...Prospect[]]> {
  const held = await lockProspects(ctx.tx, ids);
  const [first, ...others] = ids.map((id) => orNotFound(held.find((each) => each.id === id) ?? null));
  const found = orNotFound(first ?? null);
  if (ctx.call.expectedVersion !== undefined && ctx.call.expectedVersion !== found.version) throw whyUnchanged(found);
  return [found, ...others];
}

const ACTIONS = { lead: 'set_back', qualified: 'qualify', proposal: 'propose', lost: 'lose' } as const;

export const prospectMove = defineOperation({
  name: 'prospect.move',
  kind: 'write',
  risk: 'write',
  permission: 'prospect:update',
  resource: 'prospect',
  summary: 'Move a prospect to another stage, or say that it is lost and why',
  input: prospectMoveInput,
  output: prospect,
  http: { method: 'POST', path: '/api/prospects/{id}/move' },
  describe: ({ status, lost_reason }) => `Moved a prospect to ${status}${lost_reason ? `: ${lost_reason}` : ''}`,
  run: async (ctx, { id, status, lost_reason, reason }) => {
    requirePipeline(ctx);
    const [known] = await lock(ctx, [id]);
    const action = known.status === 'lost' && status === 'lead' ? 'reopen' : ACTIONS[status];
    requireMove(prospectStates, action, known.status);
    await assign(ctx.tx, id, { status, lost_reason: lost_reason ?? null, status_reason: reason ?? null });
    return orNotFound(await selectProspect(ctx.tx, id));
  },
});

/** What the one knows and the other does not. */
function completedBy(known: Prospect, other: Prospect) {
  const fields = ['contact_name', 'email', 'phone', 'source', 'expected_close', 'notes'] as const;
  const missing = fields.filter((field) => known[field] === null && other[field] !== null);
  const isWorthless = known.value.amount === 0 && other.value.amount > 0;
  return {
    ...Object.fromEntries(missing.map((field) => [field, other[field]])),
    ...(known.owner === null && other.owner ? { owner_id: other.owner.id } : {}),
    ...(isWorthless ? { value: other.value.amount, currency: other.value.currency } : {}),
  };
}

export const prospectMerge = defineOperation({
  name: 'prospect.merge',
  kind: 'write',
  risk: 'write',
  permission: 'prospect:update',
  resource: 'prospect',
  summary: 'Merge another prospect into this one: its activities move here, what is empty here is filled from it',
  input: prospectMergeInput,
  output: prospect,
  http: { method: 'POST', path: '/api/prospects/{id}/merge' },
  describe: () => 'Merged two prospects',
  run: async (ctx, { id, prospect_id }) => {
    requirePipeline(ctx);
    if (id === prospect_id) {
      throw new DomainError('invalid', 'A prospect is not merged with itself.', {
        errors: { prospect_id: ['is the same prospect'] },
      });
    }
    const [known, other] = await lockPair(ctx, id, prospect_id);
    requireOwnRow(known);
    requireMove(prospectStates, 'merge', other.status);
    await moveActivities(ctx.tx, other.id, known.id);
    await assign(ctx.tx, other.id, { status: 'merged', merged_into: known.id, lost_reason: null, status_reason: null });
    await assign(ctx.tx, known.id, completedBy(known, other));
    return orNotFound(await selectProspect(ctx.tx, id));
  },
});

async function lockPair(ctx: Context, id: string, otherId: string): Promise<[Prospect, Prospect]> {
  const [known, other] = await lock(ctx, [id, otherId]).catch(async (error: unknown) => {
    if (!(error instanceof DomainError && error.code === 'not_found') || !(await selectProspect(ctx.tx, id)))
      throw error;
    throw new DomainError('invalid', 'There is no such prospect.', { errors: { prospect_id: ['does not exist'] } });
  });
  return [known, orNotFound(other ?? null)];
}

export const prospectConvert = defineOperation({
  name: 'prospect.convert',
  kind: 'write',
  risk: 'write',
  permission: 'prospect:convert',
  alsoRequires: ['merchant_org:create', 'merchant:create'],
  resource: 'prospect',
  summary: 'Make a won prospect a merchant, under a new MerchantOrg or one that exists',
  input: prospectConvertInput,
  output: conversion,
  http: { method: 'POST', path: '/api/prospects/{id}/convert', status: 201 },
  describe: () => 'Converted a prospect into a merchant',
  onConstraint: { merchants_currency_exists: unknownCurrency },
  run: async (ctx, input) => {
    requirePipeline(ctx);
    const scope = ctx.require('merchant:create');
    const [known] = await lock(ctx, [input.id]);
    const { merchant_org_id, merchant_id } = known;
    if (known.status === 'won') {
      const extra = { merchant_org_id, merchant_id };
      throw new DomainError('conflict', 'This prospect has become a merchant already.', { extra });
    }
    requireMove(prospectStates, 'win', known.status);
    const reached = { email: known.email, phone: known.phone };
    const contact = { ...reached, contacts: known.contact_name ? [{ name: known.contact_name, ...reached }] : [] };
    const orgId = input.merchant_org_id ?? newId();
    if (!input.merchant_org_id) {
      requireWholeTenant(ctx.require('merchant_org:create'), 'New MerchantOrgs');
      await addMerchantOrg(ctx, orgId, { name: input.merchant_org_name ?? known.name, ...contact });
    }
    const merchant = await addMerchant(ctx, scope, newId(), {
      ...contact,
      merchant_org_id: orgId,
      name: input.merchant_name ?? known.name,
      vertical: known.vertical,
      currency: input.currency ?? known.value.currency,
      time_zone: input.time_zone,
    });
    const became = { merchant_org_id: orgId, merchant_id: merchant.id };
    await assign(ctx.tx, input.id, { status: 'won', status_reason: null, ...became });
    return { prospect: orNotFound(await selectProspect(ctx.tx, input.id)), ...became };
  },
});
