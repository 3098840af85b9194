// Staff: who they are and which roles they hold. A user exists from the invitation on and is active once it is accepted.

import { hashSecret } from '../../../tenants/credentials.ts';
import { requireStrongPassword } from '../../auth/password-policy.ts';
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { sendToOutbox } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import {
  acceptInvitationRow,
  invitedEmail,
  pageOfUsers,
  selectCredentials,
  selectOwnerEmails,
  selectUser,
} from './queries.ts';
import {
  acceptedInvitation,
  acceptInvitationInput,
  user,
  userListInput,
  userList as userListSchema,
} from './schemas.ts';

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
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Staff accounts');
    return pageOfUsers(ctx.tx, input);
  },
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
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, 'Staff accounts');
    return orNotFound(await selectUser(ctx.tx, id));
  },
});

function invitationGone(): DomainError {
  return new DomainError('not_found', 'This invitation was used, has expired, or never existed. Ask for a new one.');
}

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
    const email = await invitedEmail(ctx.tx, hashSecret(token));
    if (email === null) {
      throw invitationGone();
    }
    requireStrongPassword(password, [name, email, ctx.tenant.name, ctx.tenant.slug]);
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

/** Tells the owners by mail, with the change that they are told of. */
export async function notifyOwners(ctx: Context, subject: string, body: string): Promise<void> {
  for (const recipient of await selectOwnerEmails(ctx.tx)) {
    await sendToOutbox(ctx, 'mail', { recipient, subject, body });
  }
}
