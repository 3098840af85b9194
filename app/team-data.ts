// What the pages of people and roles load beside the people and roles themselves.
import type { AppLoadContext } from '@remix-run/server-runtime';
import { merchantList } from '../server/contexts/merchant/operations.ts';
import { merchantOrgList } from '../server/contexts/merchant-org/operations.ts';
import { roleList } from '../server/contexts/role/operations.ts';
import type { Role } from '../server/contexts/role/schemas.ts';
import type { Problem } from '../server/operations/errors.ts';
import type { Choice } from './components/filters.tsx';
import { type PlaceChoice, WHOLE_TENANT } from './team-places.ts';
import { wholeList } from './whole-list.ts';

/** What the tabs of the team offer. */
export function teamTabs(context: AppLoadContext) {
  return {
    people: context.can('user:read'),
    roles: context.can('role:read'),
    review: context.can('role_assignment:read'),
  };
}

export function allRoles(context: AppLoadContext): Promise<Role[]> {
  if (!context.can('role:read')) return Promise.resolve([]);
  return wholeList((cursor) => context.run(roleList, { limit: 200, sort: 'name', ...(cursor ? { cursor } : {}) }));
}

export async function roleChoices(context: AppLoadContext): Promise<Choice[]> {
  return (await allRoles(context)).map(({ id, name }) => ({ value: id, label: name }));
}

/** Roles that this person can give somewhere: none that holds what they hold nowhere. */
export async function givableRoles(context: AppLoadContext): Promise<Choice[]> {
  const roles = await allRoles(context);
  return roles
    .filter(({ permissions }) => permissions.every((permission) => context.can(permission)))
    .map(({ id, name }) => ({ value: id, label: name }));
}

/** The places at which this person holds a permission. */
export async function placeChoices(context: AppLoadContext, permission: string): Promise<PlaceChoice[]> {
  const page = (cursor: string | undefined) => ({ limit: 200, sort: 'name', ...(cursor ? { cursor } : {}) });
  const [orgs, merchants] = await Promise.all([
    context.can('merchant_org:read') ? wholeList((cursor) => context.run(merchantOrgList, page(cursor))) : [],
    context.can('merchant:read') ? wholeList((cursor) => context.run(merchantList, page(cursor))) : [],
  ]);
  const holds = (merchant_org_id: string | null, merchant_id: string | null) =>
    context.can(permission, { merchant_org_id, merchant_id });
  return [
    ...(holds(null, null) ? [{ value: 'tenant', label: WHOLE_TENANT, group: null }] : []),
    ...orgs
      .filter(({ id }) => holds(id, null))
      .map(({ id, name }) => ({ value: `org:${id}`, label: name, group: 'MerchantOrgs' as const })),
    ...merchants
      .filter(({ id, merchant_org_id }) => holds(merchant_org_id, id))
      .map(({ id, name }) => ({ value: `merchant:${id}`, label: name, group: 'Merchants' as const })),
  ];
}

/** Nobody gives what they lack, nor manages those who hold more: the form says so, with what was typed still in it. */
export async function orForbidden<Answer>(submitted: Promise<Answer>): Promise<Answer | { problem: Problem }> {
  try {
    return await submitted;
  } catch (refusal) {
    if (refusal instanceof Response && refusal.status === 403) return { problem: (await refusal.json()) as Problem };
    throw refusal;
  }
}
