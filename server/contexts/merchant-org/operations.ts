// MerchantOrgs: the holding companies under the tenant. Creating one opens its books in the same transaction.
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { openBook } from '../account/operations.ts';
import { insertMerchantOrg, pageOfMerchantOrgs, selectMerchantOrg, updateMerchantOrg } from './queries.ts';
import {
  type MerchantOrg,
  merchantOrg,
  merchantOrgCreateInput,
  merchantOrgListInput,
  merchantOrgList as merchantOrgListSchema,
  merchantOrgUpdateInput,
} from './schemas.ts';

export const merchantOrgList = defineOperation({
  name: 'merchant_org.list',
  kind: 'read',
  risk: 'read',
  permission: 'merchant_org:read',
  resource: 'merchant_org',
  summary: 'List MerchantOrgs',
  input: merchantOrgListInput,
  output: merchantOrgListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/merchant-orgs' },
  run: (ctx, input) => pageOfMerchantOrgs(ctx.tx, ctx.scope, input),
});

export const merchantOrgGet = defineOperation({
  name: 'merchant_org.get',
  kind: 'read',
  risk: 'read',
  permission: 'merchant_org:read',
  resource: 'merchant_org',
  summary: 'Read a MerchantOrg',
  input: idInput,
  output: merchantOrg,
  http: { method: 'GET', path: '/api/merchant-orgs/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectMerchantOrg(ctx.tx, ctx.scope, id)),
});

export const merchantOrgCreate = defineOperation({
  name: 'merchant_org.create',
  kind: 'write',
  risk: 'write',
  permission: 'merchant_org:create',
  resource: 'merchant_org',
  summary: 'Create a MerchantOrg and open its books',
  input: merchantOrgCreateInput,
  output: merchantOrg,
  http: { method: 'POST', path: '/api/merchant-orgs', status: 201 },
  describe: (input) => `Created MerchantOrg ${input.name}`,
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, 'New MerchantOrgs');
    const created = await insertMerchantOrg(ctx.tx, ctx.id, input);
    await openBook(ctx, { type: 'merchant_org', id: created.id, merchantOrgId: created.id, name: created.name });
    return created;
  },
});

/** Why what was looked for with a scope and a version did not change. */
export function whyUnchanged(found: object | null): DomainError {
  return found ? new DomainError('stale') : notFound();
}

export const merchantOrgUpdate = defineOperation({
  name: 'merchant_org.update',
  kind: 'write',
  risk: 'write',
  permission: 'merchant_org:update',
  resource: 'merchant_org',
  summary: 'Change a MerchantOrg',
  input: merchantOrgUpdateInput,
  output: merchantOrg,
  http: { method: 'PATCH', path: '/api/merchant-orgs/{id}' },
  describe: ({ status }) => (status ? `Changed a MerchantOrg to ${status}` : 'Changed a MerchantOrg'),
  run: async (ctx, input) => {
    const updated = await updateMerchantOrg(ctx.tx, ctx.scope, input, ctx.call.expectedVersion);
    if (!updated) {
      throw whyUnchanged(await selectMerchantOrg(ctx.tx, ctx.scope, input.id));
    }
    return updated;
  },
});

/** A MerchantOrg within the scope of the operation at hand. */
export function findMerchantOrg(ctx: Context, id: string): Promise<MerchantOrg | null> {
  return selectMerchantOrg(ctx.tx, ctx.scope, id);
}
