import * as v from 'valibot';
import {
  givenInstant,
  id,
  instant,
  listInput,
  listOf,
  optional,
  place,
  placeInput,
  version,
} from '../../operations/schemas.ts';

export const userStatus = v.picklist(['invited', 'active', 'disabled']);

/** A role that somebody holds, where, and until when. */
export const heldRole = {
  id,
  role_id: id,
  role_name: v.string(),
  ...place,
  /** The name of the MerchantOrg or merchant; null for the whole tenant. */
  place: v.nullable(v.string()),
  expires_at: v.nullable(instant),
  is_expired: v.boolean(),
};

/** Who holds which role where: a row of an access review. */
export const roleAssignment = v.object({
  ...heldRole,
  user_id: id,
  user_name: v.string(),
  user_email: v.string(),
  user_status: userStatus,
  has_second_factor: v.boolean(),
  last_seen_at: v.nullable(instant),
  granted_by: v.nullable(id),
  granted_by_name: v.nullable(v.string()),
  version,
  created_at: instant,
  updated_at: instant,
});
export type RoleAssignment = v.InferOutput<typeof roleAssignment>;

export const roleAssignmentListInput = v.strictObject({
  ...listInput,
  user_id: v.optional(id),
  role_id: v.optional(id),
  merchant_org_id: v.optional(id),
  merchant_id: v.optional(id),
  state: v.optional(v.picklist(['current', 'expired'])),
});
export const roleAssignmentList = listOf(roleAssignment);

/** A role to give, where, and until when; without an end it holds until it is taken. */
export const roleToGive = { role_id: id, ...placeInput, expires_at: optional(givenInstant) };

export const roleAssignmentCreateInput = v.strictObject({ user_id: id, ...roleToGive });
export const roleAssignmentUpdateInput = v.strictObject({ id, expires_at: v.nullable(givenInstant) });

export const accessInput = v.strictObject({
  id,
  permission: v.optional(v.pipe(v.string(), v.maxLength(100))),
  ...placeInput,
});

export const accessReason = v.picklist(['granted', 'no_role', 'expired', 'elsewhere', 'not_active', 'second_factor']);

/** Why somebody may do something at a place, or why not. */
export const accessAnswer = v.object({
  permission: v.string(),
  is_allowed: v.boolean(),
  reason: accessReason,
  /** One sentence for people. */
  explanation: v.string(),
  /** The assignments that give the permission, whether they hold at the place or not. */
  assignments: v.array(
    v.object({
      ...heldRole,
      /** Whether it reaches the place that was asked about. */
      reaches: v.boolean(),
    }),
  ),
  /** Roles that hold the permission. */
  roles: v.array(v.object({ id, name: v.string() })),
});
export type AccessAnswer = v.InferOutput<typeof accessAnswer>;
export const access = v.object({ user_id: id, ...place, data: v.array(accessAnswer) });
