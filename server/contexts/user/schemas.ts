import * as v from 'valibot';
import { email, id, instant, listInput, listOf, text, version } from '../../operations/schemas.ts';
import { heldRole, roleToGive, userStatus } from '../role-assignment/schemas.ts';

export const user = v.object({
  id,
  email: v.string(),
  name: v.string(),
  status: userStatus,
  /** Those that lie within the reader's scope. */
  roles: v.array(v.object(heldRole)),
  has_second_factor: v.boolean(),
  /** Linked with an account at a provider of single sign-on. */
  has_single_sign_on: v.boolean(),
  /** To the hour; null for whoever has not signed in within half a year. */
  last_seen_at: v.nullable(instant),
  /** Until when the newest invitation can be accepted; null once it was. */
  invitation_expires_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type User = v.InferOutput<typeof user>;

export const userListInput = v.strictObject({
  ...listInput,
  status: v.optional(userStatus),
  email: v.optional(email),
  role_id: v.optional(id),
  merchant_org_id: v.optional(id),
  merchant_id: v.optional(id),
  q: v.optional(text(200)),
});
export const userList = listOf(user);

export const userInviteInput = v.strictObject({
  email,
  name: text(200),
  roles: v.pipe(v.array(v.strictObject(roleToGive)), v.minLength(1, 'must name a role'), v.maxLength(20)),
});
export const userUpdateInput = v.strictObject({ id, name: text(200) });
export const profileInput = v.strictObject({ name: text(200) });

export const password = v.pipe(v.string(), v.minLength(12, 'must have at least 12 characters'), v.maxLength(200));

/** What an invitation that can still be accepted invites to. */
export const invitedRole = v.object({ role: v.string(), place: v.nullable(v.string()) });
export const invitationReadInput = v.strictObject({ token: text(200) });
export const invitationAnswer = v.object({
  data: v.nullable(v.object({ email: v.string(), name: v.string(), roles: v.array(invitedRole) })),
});

/** "Manager of Harbor Spa, Auditor": a role without a place is of the whole tenant. */
export function rolesInWords(roles: readonly v.InferOutput<typeof invitedRole>[]): string {
  return roles.map(({ role, place }) => (place ? `${role} of ${place}` : role)).join(', ');
}

export const acceptInvitationInput = v.strictObject({
  token: v.pipe(v.string(), v.minLength(20), v.maxLength(100)),
  name: text(200),
  password,
});
export const acceptedInvitation = v.object({ user_id: id, email: v.string() });
