// Sign-in and sign-out of staff, and the sessions that they have. The password is checked outside the transaction, always
// with the work of one hash, and a wrong address, a wrong password and a disabled account are told apart by nobody.
import * as v from 'valibot';
import { deviceOf, networkOf } from '../../auth/device.ts';
import { namedAccount } from '../../auth/sealer.ts';
import { openSession, sessionsOn } from '../../auth/sessions.ts';
import { type Actor, requirePerson, requireSomebody } from '../../operations/actor.ts';
import { DomainError, notFound } from '../../operations/errors.ts';
import { sendToOutbox } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import { consumeSecondFactor, hasSecondFactor } from '../second-factor/operations.ts';
import { passwordBan } from '../sso-connection/operations.ts';
import { findCredentials, stillSignsIn } from '../user/operations.ts';
import { deleteOtherSessions, deleteOwnSession, isKnownNetwork, ownSessions, rememberDevice } from './queries.ts';
import { session, sessionList as sessionListSchema, signInInput } from './schemas.ts';

/** What sign-in answers inside the server: the door turns the token into the cookie and keeps it to itself. */
export const openedSession = v.object({ ...session.entries, token: v.string() });

/**
 * Counts an attempt before its password is looked at. A stranger who guesses locks out nobody but strangers: the ceiling
 * of an account does not hold for networks from which its user has signed in.
 */
export async function countAttempt(ctx: Context, account: string): Promise<() => Promise<void>> {
  const address = ctx.call.address ?? 'unknown';
  const pair = `${account} ${address}`;
  await ctx.services.limit('sign_in_address', address);
  await ctx.services.limit('sign_in', pair);
  await ctx.services.limit('sign_in_day', pair);
  const isKnown = await isKnownNetwork(ctx.tx, account, networkOf(address));
  if (!isKnown) {
    await ctx.services.limit('sign_in_account', account);
  }
  return async () => {
    await ctx.services.giveBack('sign_in', pair);
    await ctx.services.giveBack('sign_in_day', pair);
    if (!isKnown) {
      await ctx.services.giveBack('sign_in_account', account);
    }
  };
}

export const sessionCreate = defineOperation({
  name: 'session.create',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'This is how people say who they are.',
  resource: 'session',
  summary: 'Sign in with e-mail and password',
  input: signInInput,
  output: openedSession,
  http: { method: 'POST', path: '/api/sessions', status: 201, cookie: 'from-token' },
  closedDoors: { mcp: 'Agents use API keys.' },
  isAnswerSecret: true,
  describe: () => 'Signed in',
  outside: async (ctx, { email, password, totp }) => {
    const account = email.trim().toLowerCase();
    const whom = namedAccount(ctx.services.sealer, account);
    const giveBack = await countAttempt(ctx, account).catch((error: unknown) => {
      throw error instanceof DomainError
        ? new DomainError(error.code, error.message, { ...error.detail, ...whom })
        : error;
    });
    const user = await findCredentials(ctx, email);
    const isRight = await ctx.services.passwords.verify(user?.password_hash ?? null, password);
    const needsFactor = user !== null && isRight && (await hasSecondFactor(ctx, user.id));
    const ban = await passwordBan(ctx, account);
    // Every failure in such a domain is this one: an owner's wrong password is told from nobody's.
    if (ban && !(isRight && ban.is_owner)) {
      const message = `People of this domain sign in through ${ban.name}. Only owners may use a password.`;
      throw new DomainError('sso_required', message, whom);
    }
    if (!user || !isRight || (totp !== undefined && !needsFactor)) {
      throw new DomainError('invalid_credentials', 'E-mail or password is wrong.', whom);
    }
    if (needsFactor && totp === undefined) {
      await giveBack();
      throw new DomainError('second_factor_required', 'Enter the code of your authenticator app, or a recovery code.');
    }
    const actor: Actor = { type: 'staff', id: user.id, name: user.name, email: user.email, grants: [] };
    return {
      user: { id: user.id, email: user.email, name: user.name },
      actor,
      giveBack,
      needsFactor,
      passwordHash: user.password_hash,
      ...(ctx.actor.sessionId ? { replaces: ctx.actor.sessionId } : {}),
    };
  },
  run: async (ctx, { totp }, { user, giveBack, needsFactor, passwordHash, replaces }) => {
    // The password may have been changed, or the account disabled, while the hash was worked out.
    if (!(await stillSignsIn(ctx, user.id, passwordHash))) {
      const whom = namedAccount(ctx.services.sealer, user.email);
      throw new DomainError('invalid_credentials', 'E-mail or password is wrong.', whom);
    }
    if (needsFactor) {
      await consumeSecondFactor(ctx, user.id, totp ?? '');
    }
    const opened = await openSession(ctx, user.id, replaces);
    await noteDevice(ctx, user);
    await giveBack();
    return { user, ...opened };
  },
});

/** Remembers from where somebody signs in, and tells them when that is new. */
export async function noteDevice(ctx: Context, user: { id: string; email: string }): Promise<void> {
  const device = deviceOf(ctx.call.userAgent);
  if (await rememberDevice(ctx.tx, user.id, networkOf(ctx.call.address), device)) {
    await sendToOutbox(ctx, 'mail', newDeviceMail(ctx, user.email, device));
  }
}

function newDeviceMail(ctx: Context, recipient: string, device: string) {
  return {
    recipient,
    subject: `New sign-in to ${ctx.tenant.name}`,
    body: `Somebody signed in to your account with ${device} from ${ctx.call.address ?? 'an unknown address'}, where you had not signed in before.\n\nIf it was you, there is nothing to do. If not, change your password and end the session: ${ctx.call.origin ?? ''}/account`,
  };
}

export const sessionDelete = defineOperation({
  name: 'session.delete',
  kind: 'write',
  risk: 'write',
  permission: null,
  openBecause: 'Everybody who is signed in may sign out; nobody else has a session to end.',
  isForImpersonators: true,
  resource: 'session',
  summary: 'Sign out: end the current session',
  input: empty,
  output: v.null(),
  http: { method: 'DELETE', path: '/api/sessions/current', status: 204, cookie: 'ends' },
  closedDoors: { mcp: 'Agents have no session.' },
  describe: () => 'Signed out',
  run: async (ctx) => {
    await sessionsOn(ctx.tx).invalidateSession(requirePerson(ctx.actor).sessionId);
    return null;
  },
});

export const sessionList = defineOperation({
  name: 'session.list',
  kind: 'read',
  risk: 'read',
  permission: null,
  openBecause: 'Everybody sees their own sessions and no others.',
  resource: 'session',
  summary: "List one's own sessions",
  input: empty,
  output: sessionListSchema,
  http: { method: 'GET', path: '/api/sessions' },
  closedDoors: { mcp: 'Agents have no session.' },
  run: async (ctx) => {
    const { id, sessionId } = requireSomebody(ctx.actor);
    const rows = sessionId ? await ownSessions(ctx.tx, id, sessionId) : [];
    return { data: rows.map(({ user_agent, ...row }) => ({ ...row, device: deviceOf(user_agent) })) };
  },
});

export const sessionRevoke = defineOperation({
  name: 'session.revoke',
  kind: 'write',
  risk: 'write',
  permission: null,
  openBecause: 'Everybody may end their own sessions and no others.',
  resource: 'session',
  summary: "End one of one's own sessions",
  input: idInput,
  output: v.null(),
  http: { method: 'DELETE', path: '/api/sessions/{id}', status: 204 },
  closedDoors: { mcp: 'Agents have no session.' },
  describe: () => 'Ended a session',
  run: async (ctx, { id }) => {
    const somebody = requireSomebody(ctx.actor);
    if (!(await deleteOwnSession(ctx.tx, somebody.id, id))) {
      throw notFound();
    }
    return null;
  },
});

export const sessionRevokeOthers = defineOperation({
  name: 'session.revoke_others',
  kind: 'write',
  risk: 'write',
  permission: null,
  openBecause: 'Everybody may end their own sessions and no others.',
  resource: 'session',
  summary: "End all of one's own sessions but this one",
  input: empty,
  output: v.object({ revoked: v.number() }),
  http: { method: 'POST', path: '/api/sessions/revoke-others' },
  closedDoors: { mcp: 'Agents have no session.' },
  describe: () => 'Ended all other sessions',
  run: async (ctx) => {
    const { id, sessionId } = requirePerson(ctx.actor);
    return { revoked: await deleteOtherSessions(ctx.tx, id, sessionId) };
  },
});
