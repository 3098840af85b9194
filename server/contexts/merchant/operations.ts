// Merchants: the businesses under a MerchantOrg. Creating one opens its books in the same transaction.

import type * as v from 'valibot';
import type { Scope } from '../../operations/actor.ts';
import { defineArchiving } from '../../operations/archiving.ts';
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { openBook, unknownCurrency } from '../account/operations.ts';
import {
  archivedAtWork,
  moveWords,
  requireMayMove,
  requireStatusOf,
  withContacts,
} from '../merchant-org/operations.ts';
import {
  archivable,
  insertMerchant,
  pageOfMerchants,
  selectCounts,
  selectMerchant,
  updateMerchant,
} from './queries.ts';
import {
  type Merchant,
  merchant,
  merchantCreateInput,
  merchantListInput,
  merchantList as merchantListSchema,
  merchantUpdateInput,
} from './schemas.ts';

export const merchantList = defineOperation({
  name: 'merchant.list',
  kind: 'read',
  risk: 'read',
  permission: 'merchant:read',
  resource: 'merchant',
  summary: 'List merchants',
  input: merchantListInput,
  output: merchantListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/merchants' },
  run: (ctx, input) => pageOfMerchants(ctx.tx, ctx.scope, input),
});

export const merchantGet = defineOperation({
  name: 'merchant.get',
  kind: 'read',
  risk: 'read',
  permission: 'merchant:read',
  resource: 'merchant',
  summary: 'Read a merchant',
  input: idInput,
  output: merchant,
  http: { method: 'GET', path: '/api/merchants/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectMerchant(ctx.tx, ctx.scope, id)),
});

export const merchantCreate = defineOperation({
  name: 'merchant.create',
  kind: 'write',
  risk: 'write',
  permission: 'merchant:create',
  resource: 'merchant',
  summary: 'Create a merchant under a MerchantOrg and open its books',
  input: merchantCreateInput,
  output: merchant,
  http: { method: 'POST', path: '/api/merchants', status: 201 },
  describe: (input) => `Created merchant ${input.name}`,
  onConstraint: { merchants_currency_exists: unknownCurrency },
  run: (ctx, input) => addMerchant(ctx, ctx.scope, ctx.id, input),
});

/** A new merchant with its book, under a MerchantOrg that the scope covers. @throws DomainError `invalid` when there is none */
export async function addMerchant(
  ctx: Context,
  scope: Scope,
  id: string,
  input: v.InferOutput<typeof merchantCreateInput>,
): Promise<Merchant> {
  const created = await insertMerchant(ctx.tx, scope, id, input);
  if (!created) {
    throw new DomainError('invalid', 'The MerchantOrg does not exist.', {
      errors: { merchant_org_id: ['does not exist'] },
    });
  }
  await openBook(ctx, {
    type: 'merchant',
    id,
    merchantOrgId: created.merchant_org_id,
    name: created.name,
    currency: created.currency,
  });
  return withContacts(ctx, created, { merchant_id: id }, input.contacts);
}

export const merchantUpdate = defineOperation({
  name: 'merchant.update',
  kind: 'write',
  risk: 'write',
  permission: 'merchant:update',
  alsoRequires: ['merchant:suspend'],
  resource: 'merchant',
  summary: 'Change a merchant',
  input: merchantUpdateInput,
  output: merchant,
  http: { method: 'PATCH', path: '/api/merchants/{id}' },
  onConstraint: { merchants_archived_at_rest: archivedAtWork },
  describe: (input) => `Changed a merchant${moveWords(input)}`,
  run: async (ctx, input) => {
    requireStatusOf(input);
    const read = () => selectMerchant(ctx.tx, ctx.scope, input.id);
    const version = await requireMayMove(ctx, input, 'merchant:suspend', read);
    const updated = await updateMerchant(ctx.tx, ctx.scope, input, version);
    if (!updated) {
      throw whyUnchanged(await selectMerchant(ctx.tx, ctx.scope, input.id));
    }
    return withContacts(ctx, updated, { merchant_id: updated.id }, input.contacts);
  },
});

export const { archive: merchantArchive, restore: merchantRestore } = defineArchiving({
  resource: 'merchant',
  table: 'merchants',
  path: '/api/merchants/{id}',
  output: merchant,
  onConstraint: { merchants_archived_at_rest: archivedAtWork },
  visible: archivable,
  select: selectMerchant,
});

/** How many merchants there are of each status, among those that the scope covers. */
export async function countMerchantsByStatus(ctx: Context, scope: Scope | null): Promise<Record<string, number>> {
  const rows = scope ? await selectCounts(ctx.tx, scope) : [];
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** A merchant within the scope of the operation at hand. */
export function findMerchant(ctx: Context, id: string): Promise<Merchant | null> {
  return selectMerchant(ctx.tx, ctx.scope, id);
}

/** The merchant that something is made for, within the scope of the operation at hand. @throws DomainError `invalid` */
export async function merchantFor(ctx: Context, id: string): Promise<Merchant> {
  const found = await selectMerchant(ctx.tx, ctx.scope, id);
  if (!found) {
    throw new DomainError('invalid', 'The merchant does not exist.', { errors: { merchant_id: ['does not exist'] } });
  }
  return found;
}

/** Prices are in the currency of the merchant. @throws DomainError `currency_mismatch` */
export function requireCurrencyOf(merchant: Merchant, money: { currency: string }, field: string): void {
  if (money.currency !== merchant.currency) {
    throw new DomainError('currency_mismatch', `${merchant.name} works in ${merchant.currency}.`, {
      errors: { [`${field}.currency`]: [`must be ${merchant.currency}`] },
    });
  }
}
