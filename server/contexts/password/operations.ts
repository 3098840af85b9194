// Passwords after the first: changed by whoever knows the one before, or reset through a link that is mailed. A request
// for a link does the same for every address: it queues one job, and only that job looks whether anybody has the address.
import * as v from 'valibot';
import { hashSecret, newToken } from '../../../tenants/credentials.ts';
import { requireStrongPassword } from '../../auth/password-policy.ts';
import { openSession, sessionsOn } from '../../auth/sessions.ts';
import { type Actor, requirePerson } from '../../operations/actor.ts';
import { DomainError } from '../../operations/errors.ts';
import { enqueue, sendToOutbox } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { passwordBan } from '../sso-connection/operations.ts';
import { findCredentials } from '../user/operations.ts';
import { consumeReset, replaceReset, selectOwnCredentials, selectResetOwner, updatePassword } from './queries.ts';
import {
  changedPassword,
  changePasswordInput,
  mailResetInput,
  requestResetInput,
  usedReset,
  useResetInput,
} from './schemas.ts';

/** Who comes through a provider and has no password proves themselves by signing in anew. */
function requireRecent(isRecent: boolean, field: string): void {
  if (!isRecent) {
    const message = 'You have no password: sign in again, and do this within ten minutes.';
    throw new DomainError('invalid', message, { errors: { [field]: [message] } });
  }
}

/**
 * Asks a person again for their password, or who has none for a session of the last minutes. Wrong ones count like
 * failures to sign in.
 * @throws DomainError invalid
 */
export async function confirmPassword(ctx: Context, password: string | undefined, field: string) {
  const { id, sessionId } = requirePerson(ctx.actor);
  const own = await selectOwnCredentials(ctx.tx, id, hashSecret(sessionId));
  if (own?.password_hash === null) {
    requireRecent(own.is_recent, field);
    return own;
  }
  await ctx.services.limit('sign_in', `again ${id}`);
  const isRight = await ctx.services.passwords.verify(own?.password_hash ?? null, password ?? '');
  if (!own || !isRight) {
    throw new DomainError('invalid', 'The password is wrong.', { errors: { [field]: ['is wrong'] } });
  }
  await ctx.services.giveBack('sign_in', `again ${id}`);
  return own;
}

async function tellOwner(ctx: Context, recipient: string, how: string): Promise<void> {
  await sendToOutbox(ctx, 'mail', {
    recipient,
    subject: `Your password of ${ctx.tenant.name} was changed`,
    body: `Your password was ${how}, and all your other sessions have ended.\n\nIf it was not you, set a new one at once: ${ctx.call.origin ?? ''}/forgot`,
  });
}

export const passwordChange = defineOperation({
  name: 'password.change',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'Everybody who is signed in may change their own password, and needs the one before.',
  resource: 'user',
  summary: "Change one's own password; all other sessions end",
  input: changePasswordInput,
  output: changedPassword,
  http: { method: 'POST', path: '/api/me/password', cookie: 'from-token' },
  closedDoors: { mcp: 'Agents have no password.' },
  isAnswerSecret: true,
  describe: () => 'Changed the own password',
  outside: async (ctx, { current_password, password }) => {
    const user = await confirmPassword(ctx, current_password, 'current_password');
    const { password_hash: before } = user;
    if (before === null) {
      throw new DomainError('invalid', 'You have no password.', { errors: { current_password: ['is none'] } });
    }
    requireStrongPassword(password, [user.name, user.email, ctx.tenant.name, ctx.tenant.slug]);
    return { user, before, passwordHash: await ctx.services.passwords.hash(password) };
  },
  run: async (ctx, _input, { user, before, passwordHash }) => {
    if (!(await updatePassword(ctx.tx, user.id, before, passwordHash))) {
      throw new DomainError('stale');
    }
    await sessionsOn(ctx.tx).invalidateUserSessions(user.id);
    await tellOwner(ctx, user.email, 'changed');
    return openSession(ctx, user.id);
  },
});

export const passwordResetRequest = defineOperation({
  name: 'password_reset.request',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'Who has forgotten the password cannot sign in to say so.',
  resource: 'password_reset',
  summary: 'Ask for a link that resets a password; the answer is the same for every address',
  input: requestResetInput,
  output: v.null(),
  http: { method: 'POST', path: '/api/password-resets', status: 204 },
  closedDoors: { mcp: 'Agents have no password.' },
  describe: () => 'Asked for a link to reset a password',
  outside: async (ctx, { email }) => {
    const address = ctx.call.address ?? 'unknown';
    await ctx.services.limit('sign_in_address', address);
    await ctx.services.limit('sign_in', `reset ${email.trim().toLowerCase()} ${address}`);
    return {};
  },
  run: async (ctx, { email }) => {
    const account = email.trim().toLowerCase();
    const input = { email: account, origin: ctx.call.origin ?? '' };
    await enqueue(ctx, 'password_reset.mail', input, { uniqueKey: `password_reset.mail ${hashSecret(account)}` });
    return null;
  },
});

export const passwordResetMail = defineOperation({
  name: 'password_reset.mail',
  kind: 'write',
  risk: 'credential',
  permission: 'job:run',
  resource: 'password_reset',
  summary: 'Mail a link that resets a password, if anybody has the address',
  input: mailResetInput,
  output: v.null(),
  closedDoors: { http: 'Queued when a link is asked for.', mcp: 'Queued when a link is asked for.' },
  describe: () => 'Looked whom a link to reset a password is for',
  run: async (ctx, { email, origin }) => {
    const user = await findCredentials(ctx, email);
    const ban = await passwordBan(ctx, email);
    if (user && ban && !ban.is_owner) {
      await sendToOutbox(ctx, 'mail', {
        recipient: user.email,
        subject: `How to sign in to ${ctx.tenant.name}`,
        body: `You asked for a link to reset your password, but people of your domain sign in through ${ban.name}:\n\n${origin}/sign-in`,
      });
    } else if (user) {
      const token = newToken();
      const mail = {
        recipient: user.email,
        subject: `Reset your password of ${ctx.tenant.name}`,
        body: `Open this link within an hour to set a new password:\n\n${origin}/reset/${token}\n\nIf you did not ask for it, there is nothing to do: your password is as it was.`,
      };
      await sendToOutbox(ctx, 'mail', mail, new Date(await replaceReset(ctx.tx, user.id, hashSecret(token))));
    }
    return null;
  },
});

function linkGone(): DomainError {
  return new DomainError('not_found', 'This link was used, has expired, or never existed. Ask for a new one.');
}

export const passwordResetUse = defineOperation({
  name: 'password_reset.use',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'The token in the link is the credential.',
  resource: 'user',
  summary: 'Set a new password through a mailed link; all sessions end',
  input: useResetInput,
  output: usedReset,
  http: { method: 'POST', path: '/api/password-resets/use' },
  closedDoors: { mcp: 'Agents have no password.' },
  describe: () => 'Set a new password through a mailed link',
  outside: async (ctx, { token, password }) => {
    await ctx.services.limit('sign_in_address', ctx.call.address ?? 'unknown');
    // Before the costly hash: a token that is guessed wrong costs one look.
    const owner = await selectResetOwner(ctx.tx, hashSecret(token));
    if (!owner) {
      throw linkGone();
    }
    requireStrongPassword(password, [owner.name, owner.email, ctx.tenant.name, ctx.tenant.slug]);
    const actor: Actor = { type: 'staff', id: owner.id, name: owner.name, email: owner.email, grants: [] };
    return { actor, passwordHash: await ctx.services.passwords.hash(password) };
  },
  run: async (ctx, { token }, { passwordHash }) => {
    const owner = await consumeReset(ctx.tx, hashSecret(token), passwordHash);
    if (!owner) {
      throw linkGone();
    }
    await sessionsOn(ctx.tx).invalidateUserSessions(owner.id);
    await tellOwner(ctx, owner.email, 'set anew through a mailed link');
    return { user_id: owner.id, email: owner.email };
  },
});
