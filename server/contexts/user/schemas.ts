import * as v from 'valibot';
import { email, id, instant, listInput, listOf, text, version } from '../../operations/schemas.ts';

export const userStatus = v.picklist(['invited', 'active', 'disabled']);

/** A role held by a user and where it holds: the whole tenant when both ids are null. */
export const assignment = v.object({
  role_id: id,
  role_name: v.string(),
  merchant_org_id: v.nullable(id),
  merchant_id: v.nullable(id),
  expires_at: v.nullable(instant),
});

export const user = v.object({
  id,
  email: v.string(),
  name: v.string(),
  status: userStatus,
  roles: v.array(assignment),
  version,
  created_at: instant,
  updated_at: instant,
});
export type User = v.InferOutput<typeof user>;

export const userListInput = v.strictObject({
  ...listInput,
  status: v.optional(userStatus),
  email: v.optional(email),
  q: v.optional(text(200)),
});
export const userList = listOf(user);

export const password = v.pipe(v.string(), v.minLength(12, 'must have at least 12 characters'), v.maxLength(200));

export const acceptInvitationInput = v.strictObject({
  token: v.pipe(v.string(), v.minLength(20), v.maxLength(100)),
  name: text(200),
  password,
});
export const acceptedInvitation = v.object({ user_id: id, email: v.string() });
