// MerchantOrgs: the holding companies under the tenant. Creating one opens its books in the same transaction.
import type * as v from 'valibot';
import { requireWholeTenant, scopeOf } from '../../operations/actor.ts';
import { defineArchiving } from '../../operations/archiving.ts';
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { openBook } from '../account/operations.ts';
import {
  archivable,
  insertMerchantOrg,
  pageOfMerchantOrgs,
  replaceContacts,
  selectMerchantOrg,
  updateMerchantOrg,
} from './queries.ts';
import {
  type Contact,
  type MerchantOrg,
  merchantOrg,
  merchantOrgCreateInput,
  merchantOrgListInput,
  merchantOrgList as merchantOrgListSchema,
  merchantOrgUpdateInput,
  ONLY_AT_REST,
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
    return addMerchantOrg(ctx, ctx.id, input);
  },
});

/** A new MerchantOrg with its books. */
export async function addMerchantOrg(
  ctx: Context,
  id: string,
  input: v.InferOutput<typeof merchantOrgCreateInput>,
): Promise<MerchantOrg> {
  const created = await insertMerchantOrg(ctx.tx, id, input);
  await openBook(ctx, { type: 'merchant_org', id, merchantOrgId: id, name: created.name });
  return withContacts(ctx, created, { merchant_org_id: id }, input.contacts);
}

/** A MerchantOrg or merchant with the people that it is given; without any it keeps those that it has. */
export async function withContacts<Party extends { contacts: Contact[] }>(
  ctx: Context,
  party: Party,
  of: Parameters<typeof replaceContacts>[1],
  contacts: Parameters<typeof replaceContacts>[2] | undefined,
): Promise<Party> {
  return contacts ? { ...party, contacts: await replaceContacts(ctx.tx, of, contacts) } : party;
}

/** @throws DomainError `invalid` for a reason without a move */
export function requireStatusOf(input: {
  status?: string | undefined;
  status_reason?: string | null | undefined;
}): void {
  if (input.status_reason && !input.status) {
    throw new DomainError('invalid', 'A reason belongs to a change of the status.', {
      errors: { status_reason: ['needs a status'] },
    });
  }
}

/**
 * Going live is for whoever may change a party. To stop it, let it work again, or close it is for the platform: for staff of the
 * whole tenant, so that nobody lifts their own suspension. Answers the version that was looked at, which the change is bound to.
 * @throws DomainError `forbidden`
 */
export async function requireMayMove(
  ctx: Context,
  input: { status?: string | undefined },
  permission: 'merchant:suspend' | 'merchant_org:suspend',
  read: () => Promise<{ status: string; version: number } | null>,
): Promise<number | undefined> {
  const { expectedVersion } = ctx.call;
  if (input.status === undefined || scopeOf(ctx.actor, permission)?.all) return expectedVersion;
  const known = orNotFound(await read());
  const isFirstTime = known.status === 'onboarding' && input.status === 'active';
  if (!isFirstTime && known.status !== input.status) {
    throw new DomainError('forbidden', 'To suspend, resume or close it is open to staff of the whole tenant.');
  }
  return expectedVersion ?? known.version;
}

/** A move as the audit trail words it, with its reason. */
export function moveWords(input: { status?: string | undefined; status_reason?: string | null | undefined }): string {
  const reason = input.status_reason ? `: ${input.status_reason}` : '';
  return input.status ? ` to ${input.status}${reason}` : '';
}

/** What is archived is out of use, and what is in use is not archived. */
export function archivedAtWork(): DomainError {
  return new DomainError('conflict', `${ONLY_AT_REST} Restore it before it moves on.`);
}

export const merchantOrgUpdate = defineOperation({
  name: 'merchant_org.update',
  kind: 'write',
  risk: 'write',
  permission: 'merchant_org:update',
  alsoRequires: ['merchant_org:suspend'],
  resource: 'merchant_org',
  summary: 'Change a MerchantOrg',
  input: merchantOrgUpdateInput,
  output: merchantOrg,
  http: { method: 'PATCH', path: '/api/merchant-orgs/{id}' },
  onConstraint: { merchant_orgs_archived_at_rest: archivedAtWork },
  describe: (input) => `Changed a MerchantOrg${moveWords(input)}`,
  run: async (ctx, input) => {
    requireStatusOf(input);
    const read = () => selectMerchantOrg(ctx.tx, ctx.scope, input.id);
    const version = await requireMayMove(ctx, input, 'merchant_org:suspend', read);
    const updated = await updateMerchantOrg(ctx.tx, ctx.scope, input, version);
    if (!updated) {
      throw whyUnchanged(await selectMerchantOrg(ctx.tx, ctx.scope, input.id));
    }
    return withContacts(ctx, updated, { merchant_org_id: updated.id }, input.contacts);
  },
});

export const { archive: merchantOrgArchive, restore: merchantOrgRestore } = defineArchiving({
  resource: 'merchant_org',
  noun: 'MerchantOrg',
  table: 'merchant_orgs',
  path: '/api/merchant-orgs/{id}',
  output: merchantOrg,
  onConstraint: { merchant_orgs_archived_at_rest: archivedAtWork },
  visible: archivable,
  select: selectMerchantOrg,
});
