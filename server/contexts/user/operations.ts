// Staff: who they are and which roles they hold. A user exists from the invitation on and is active once it is accepted.

import * as v from 'valibot';
import { hashSecret, newToken } from '../../../tenants/credentials.ts';
import { requireStrongPassword } from '../../auth/password-policy.ts';
import { sessionsOn } from '../../auth/sessions.ts';
import { requirePerson } from '../../operations/actor.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { newId } from '../../operations/id.ts';
import { sendToOutbox } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { giveRole, requireAuthorityOver, takeAllRoles } from '../role-assignment/operations.ts';
import {
  acceptInvitationRow,
  deleteUser,
  holdCredentials,
  INVITATION_DAYS,
  insertInvited,
  lockUser,
  pageOfUsers,
  replaceInvitation,
  selectCredentials,
  selectInvited,
  selectInvitedRoles,
  selectOwnerEmails,
  selectUser,
  updateName,
  updateStatus,
} from './queries.ts';
import {
  acceptedInvitation,
  acceptInvitationInput,
  invitationAnswer,
  invitationReadInput,
  profileInput,
  rolesInWords,
  type User,
  user,
  userInviteInput,
  userListInput,
  userList as userListSchema,
  userUpdateInput,
} from './schemas.ts';

function readUser(ctx: Context, id: string): Promise<User> {
  return selectUser(ctx.tx, ctx.scope, id).then(orNotFound);
}

/** A user whom the actor may manage, locked. */
async function manageable(ctx: Context, id: string) {
  if (ctx.actor.impersonator && id === ctx.actor.id) {
    throw new DomainError('not_while_impersonating', 'This is the account of the person as whom you view.');
  }
  await requireAuthorityOver(ctx, id);
  const found = orNotFound(await lockUser(ctx.tx, id));
  if (ctx.call.expectedVersion !== undefined && ctx.call.expectedVersion !== found.version) {
    throw new DomainError('stale');
  }
  return found;
}

/** For what nobody does to their own account. */
async function manageableOther(ctx: Context, id: string) {
  const found = await manageable(ctx, id);
  if (id === ctx.actor.id) {
    throw new DomainError('second_person_needed', 'This is your own account: somebody else has to do this.');
  }
  return found;
}

export const userList = defineOperation({
  name: 'user.list',
  kind: 'read',
  risk: 'read',
  permission: 'user:read',
  resource: 'user',
  summary: 'List staff with their roles',
  input: userListInput,
  output: userListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/users' },
  run: (ctx, input) => pageOfUsers(ctx.tx, ctx.scope, input),
});

export const userGet = defineOperation({
  name: 'user.get',
  kind: 'read',
  risk: 'read',
  permission: 'user:read',
  resource: 'user',
  summary: 'Read a member of staff',
  input: idInput,
  output: user,
  http: { method: 'GET', path: '/api/users/{id}' },
  run: (ctx, { id }) => readUser(ctx, id),
});

/** Mails a new link; what the ones before lead to is gone. */
async function mailInvitation(ctx: Context, userId: string, recipient: string): Promise<void> {
  await ctx.services.usage.require('messages');
  const token = newToken();
  const until = await replaceInvitation(ctx.tx, userId, hashSecret(token));
  const roles = await selectInvitedRoles(ctx.tx, userId);
  const [place, ...others] = new Set(roles.map((role) => role.place));
  const mail = {
    recipient,
    subject: `${ctx.actor.name} invites you to ${others.length === 0 && place ? place : ctx.tenant.name}`,
    body: `You are invited to ${ctx.tenant.name}${roles.length > 0 ? ` as ${rolesInWords(roles)}` : ''}. Choose a password to begin: ${ctx.call.origin ?? ''}/invitations/${token}\n\nThe link works once, for ${INVITATION_DAYS} days. If you do not know what this is about, there is nothing to do.`,
  };
  await sendToOutbox(ctx, 'mail', mail, new Date(until));
}

export const userInvite = defineOperation({
  name: 'user.invite',
  kind: 'write',
  risk: 'credential',
  permission: 'user:invite',
  resource: 'user',
  summary: 'Invite somebody by mail, with the roles that they will hold',
  input: userInviteInput,
  output: user,
  http: { method: 'POST', path: '/api/users', status: 201 },
  describe: () => 'Invited somebody',
  onConstraint: {
    users_email_unique: () =>
      new DomainError('conflict', 'Somebody with this address is here already. Give them a role instead.', {
        errors: { email: ['is here already'] },
      }),
    role_assignments_held_once: () =>
      new DomainError('invalid', 'A role is named twice at the same place.', { errors: { roles: ['must differ'] } }),
  },
  run: async (ctx, { roles, ...invited }) => {
    await insertInvited(ctx.tx, ctx.id, invited);
    for (const role of roles) {
      await giveRole(ctx, ctx.id, role, newId());
    }
    await mailInvitation(ctx, ctx.id, invited.email.toLowerCase());
    return readUser(ctx, ctx.id);
  },
});

export const userResendInvitation = defineOperation({
  name: 'user.resend_invitation',
  kind: 'write',
  risk: 'credential',
  permission: 'user:invite',
  resource: 'user',
  summary: 'Mail a new invitation; the link before works no longer',
  input: idInput,
  output: user,
  http: { method: 'POST', path: '/api/users/{id}/invitation' },
  describe: () => 'Mailed a new invitation',
  run: async (ctx, { id }) => {
    const found = await manageable(ctx, id);
    if (found.status !== 'invited') {
      throw new DomainError('conflict', 'They have accepted their invitation already.');
    }
    await mailInvitation(ctx, id, found.email);
    return readUser(ctx, id);
  },
});

export const userUpdate = defineOperation({
  name: 'user.update',
  kind: 'write',
  risk: 'write',
  permission: 'user:update',
  resource: 'user',
  summary: "Change somebody's name",
  input: userUpdateInput,
  output: user,
  http: { method: 'PATCH', path: '/api/users/{id}' },
  describe: () => 'Changed a name',
  run: async (ctx, { id, name }) => {
    await manageable(ctx, id);
    await updateName(ctx.tx, id, name);
    return readUser(ctx, id);
  },
});

export const profileUpdate = defineOperation({
  name: 'profile.update',
  kind: 'write',
  risk: 'write',
  permission: null,
  openBecause: 'Everybody who is signed in may say what they are called.',
  resource: 'user',
  summary: "Change one's own name",
  input: profileInput,
  output: v.object({ name: v.string() }),
  http: { method: 'PATCH', path: '/api/me' },
  closedDoors: { mcp: 'Agents have no profile.' },
  describe: () => 'Changed the own name',
  run: async (ctx, { name }) => {
    await updateName(ctx.tx, requirePerson(ctx.actor).id, name);
    return { name };
  },
});

export const userDisable = defineOperation({
  name: 'user.disable',
  kind: 'write',
  risk: 'credential',
  permission: 'user:disable',
  resource: 'user',
  summary: 'Keep somebody from signing in; their sessions end and their roles wait',
  input: idInput,
  output: user,
  http: { method: 'POST', path: '/api/users/{id}/disable' },
  describe: () => 'Disabled an account',
  run: async (ctx, { id }) => {
    const found = await manageableOther(ctx, id);
    if (found.status === 'invited') {
      throw new DomainError('conflict', 'They have not accepted their invitation yet. Remove them instead.');
    }
    await updateStatus(ctx.tx, id, 'disabled');
    await sessionsOn(ctx.tx).invalidateUserSessions(id);
    return readUser(ctx, id);
  },
});

export const userEnable = defineOperation({
  name: 'user.enable',
  kind: 'write',
  risk: 'credential',
  permission: 'user:disable',
  resource: 'user',
  summary: 'Let somebody sign in again who was disabled',
  input: idInput,
  output: user,
  http: { method: 'POST', path: '/api/users/{id}/enable' },
  describe: () => 'Enabled an account',
  run: async (ctx, { id }) => {
    const found = await manageableOther(ctx, id);
    if (found.status === 'invited') {
      throw new DomainError('conflict', 'They have not accepted their invitation yet. Mail it again instead.');
    }
    await updateStatus(ctx.tx, id, 'active');
    return readUser(ctx, id);
  },
});

export const userRemove = defineOperation({
  name: 'user.remove',
  kind: 'write',
  risk: 'destructive',
  permission: 'user:remove',
  resource: 'user',
  summary: 'Remove an account with its roles and sessions, or take an invitation back; what they did stays on record',
  input: idInput,
  output: v.null(),
  http: { method: 'DELETE', path: '/api/users/{id}', status: 204 },
  describe: () => 'Removed an account',
  run: async (ctx, { id }) => {
    await manageableOther(ctx, id);
    // Roles first: somebody who is only invited is nobody's last owner.
    await takeAllRoles(ctx, id);
    await deleteUser(ctx.tx, id);
    return null;
  },
});

function invitationGone(): DomainError {
  return new DomainError('not_found', 'This invitation was used, has expired, or never existed. Ask for a new one.');
}

export const invitationRead = defineOperation({
  name: 'invitation.read',
  kind: 'read',
  risk: 'read',
  permission: null,
  openBecause: 'The token in the link is the credential.',
  resource: 'user',
  summary: 'Read what an invitation that can still be accepted invites to',
  input: invitationReadInput,
  output: invitationAnswer,
  closedDoors: { http: 'The page that accepts it shows it.', mcp: 'People accept invitations, agents do not.' },
  run: async (ctx, { token }) => {
    const invited = await selectInvited(ctx.tx, hashSecret(token));
    if (invited === null) return { data: null };
    const { id, email, name } = invited;
    return { data: { email, name, roles: [...(await selectInvitedRoles(ctx.tx, id))] } };
  },
});

export const acceptInvitation = defineOperation({
  name: 'invitation.accept',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'The token in the link is the credential.',
  resource: 'user',
  summary: 'Accept an invitation: set a name and a password',
  input: acceptInvitationInput,
  output: acceptedInvitation,
  http: { method: 'POST', path: '/api/invitations/accept' },
  closedDoors: { mcp: 'People accept invitations, agents do not.' },
  describe: () => 'Accepted an invitation',
  outside: async (ctx, { token, name, password }) => {
    await ctx.services.limit('sign_in_address', ctx.call.address ?? 'unknown');
    // Before the costly hash: a token that is guessed wrong costs one look.
    const invited = await selectInvited(ctx.tx, hashSecret(token));
    if (invited === null) {
      throw invitationGone();
    }
    requireStrongPassword(password, [name, invited.email, ctx.tenant.name, ctx.tenant.slug]);
    return { passwordHash: await ctx.services.passwords.hash(password) };
  },
  run: async (ctx, { token, name }, { passwordHash }) => {
    const accepted = await acceptInvitationRow(ctx.tx, hashSecret(token), name, passwordHash);
    if (!accepted) {
      throw invitationGone();
    }
    return accepted;
  },
});

/** The user and stored hash behind an address, whatever its case; null when nobody active has it. */
export function findCredentials(ctx: Context, email: string) {
  return selectCredentials(ctx.tx, email.trim().toLowerCase());
}

/** Whether an active user has this very password still; held until the transaction ends. */
export function stillSignsIn(ctx: Context, userId: string, passwordHash: string | null): Promise<boolean> {
  return holdCredentials(ctx.tx, userId, passwordHash);
}

/** Tells the owners by mail, with the change that they are told of. */
export async function notifyOwners(ctx: Context, subject: string, body: string): Promise<void> {
  for (const recipient of await selectOwnerEmails(ctx.tx)) {
    await sendToOutbox(ctx, 'mail', { recipient, subject, body });
  }
}
