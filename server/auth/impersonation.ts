import * as v from 'valibot';
import { type Actor, type Grant, type Scope, scopeOf } from '../operations/actor.ts';
import { grantsOf, heldRole } from './grants.ts';

/** The permission to view as somebody else. */
export const IMPERSONATE = 'user:impersonate';

/** What session_impersonation() tells (tenants/functions/15-impersonation.sql). */
export const carriedImpersonation = v.object({
  id: v.string(),
  is_running: v.boolean(),
  is_stepped_up: v.boolean(),
  reason: v.string(),
  started_at: v.string(),
  expires_at: v.string(),
  ended_because: v.nullable(v.string()),
  user: v.object({ id: v.string(), name: v.string(), email: v.string() }),
  roles: v.array(heldRole),
  merchants: v.record(v.string(), v.string()),
});
export type CarriedImpersonation = v.InferOutput<typeof carriedImpersonation>;

type OrgOf = Readonly<Record<string, string>>;

/** Where both scopes hold. `orgOf` knows the MerchantOrg of every merchant that either names. */
export function intersectScopes(left: Scope, right: Scope, orgOf: OrgOf): Scope | null {
  if (left.all) return right;
  if (right.all) return left;
  const covers = (scope: Scope, merchantId: string) => {
    const orgId = orgOf[merchantId];
    return scope.merchant_ids.includes(merchantId) || (orgId !== undefined && scope.merchant_org_ids.includes(orgId));
  };
  const merchantOrgIds = left.merchant_org_ids.filter((id) => right.merchant_org_ids.includes(id));
  const named = new Set([...left.merchant_ids, ...right.merchant_ids]);
  const merchantIds = [...named].filter((id) => covers(left, id) && covers(right, id));
  return merchantOrgIds.length + merchantIds.length === 0
    ? null
    : { all: false, merchant_org_ids: merchantOrgIds, merchant_ids: merchantIds };
}

/** Of each permission what both may: an impersonation gives nobody more than they have, nor more than the other has. */
export function intersectGrants(theirs: readonly Grant[], own: Actor, orgOf: OrgOf): Grant[] {
  return theirs.flatMap(({ permission, scope, ...until }) => {
    const ownScope = scopeOf(own, permission);
    const both = ownScope && intersectScopes(scope, ownScope, orgOf);
    return both ? [{ permission, scope: both, ...until }] : [];
  });
}

/** The actor of a session that carries an impersonation: the other person while it runs, else nobody who may do anything. */
export function viewAs(self: Actor, carried: CarriedImpersonation, knownPermissions: readonly string[]): Actor {
  const isOver = !carried.is_running || scopeOf(self, IMPERSONATE) === null;
  const { user } = carried;
  const impersonation = {
    id: carried.id,
    user,
    reason: carried.reason,
    startedAt: carried.started_at,
    expiresAt: carried.expires_at,
    isSteppedUp: carried.is_stepped_up,
    isOver,
    endedBecause: carried.ended_because,
  };
  if (isOver) {
    return { ...self, grants: [], impersonation };
  }
  return {
    type: 'staff',
    id: user.id,
    name: user.name,
    email: user.email,
    ...(self.sessionId ? { sessionId: self.sessionId } : {}),
    ...(self.accessVersion === undefined ? {} : { accessVersion: self.accessVersion }),
    grants: intersectGrants(grantsOf(carried.roles, knownPermissions), self, carried.merchants),
    impersonator: { type: self.type, id: self.id, name: self.name, impersonation_id: carried.id },
    impersonation,
  };
}
