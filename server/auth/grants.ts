import * as v from 'valibot';
import type { Grant } from '../operations/actor.ts';
import { permissionsOfRole } from '../operations/built-in-roles.ts';

/** A role as somebody holds it, and where. */
export const heldRole = v.object({
  key: v.nullable(v.string()),
  permissions: v.array(v.string()),
  merchant_org_id: v.nullable(v.string()),
  merchant_id: v.nullable(v.string()),
  expires_at: v.nullable(v.string()),
});
export type HeldRole = v.InferOutput<typeof heldRole>;

/** Every permission of every role, each with the scope of that very assignment. */
export function grantsOf(roles: readonly HeldRole[], knownPermissions: readonly string[]): Grant[] {
  return roles.flatMap((role) => {
    const scope = {
      all: role.merchant_org_id === null && role.merchant_id === null,
      merchant_org_ids: role.merchant_org_id === null ? [] : [role.merchant_org_id],
      merchant_ids: role.merchant_id === null ? [] : [role.merchant_id],
    };
    const until = role.expires_at === null ? {} : { until: role.expires_at };
    return permissionsOfRole(role, knownPermissions).map((permission) => ({ permission, scope, ...until }));
  });
}
