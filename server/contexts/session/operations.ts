// Sign-in and sign-out of staff. The password is checked outside the transaction, always with the work of one hash,
// and a wrong address, a wrong password and a disabled account are told apart by nobody.
import * as v from 'valibot';
import { sessionsOn } from '../../auth/sessions.ts';
import type { Actor } from '../../operations/actor.ts';
import { DomainError } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { empty } from '../../operations/schemas.ts';
import { findCredentials } from '../user/operations.ts';
import { session, signInInput } from './schemas.ts';

/** What sign-in answers inside the server: the door turns the token into the cookie and keeps it to itself. */
export const openedSession = v.object({ ...session.entries, token: v.string() });

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
    await ctx.services.limit('sign_in_address', ctx.call.address ?? 'unknown');
    await ctx.services.limit('sign_in', account);
    const user = await findCredentials(ctx, email);
    const isRight = await ctx.services.passwords.verify(user?.password_hash ?? null, password);
    if (!user || !isRight || totp !== undefined) {
      throw new DomainError('invalid_credentials', 'E-mail or password is wrong.', { subject: account });
    }
    await ctx.services.giveBack('sign_in', account);
    const actor: Actor = { type: 'staff', id: user.id, name: user.name, email: user.email, grants: [] };
    return { user: { id: user.id, email: user.email, name: user.name }, actor };
  },
  run: async (ctx, _input, { user }) => {
    const attributes = { address: ctx.call.address ?? null, user_agent: ctx.call.userAgent ?? null };
    const opened = await sessionsOn(ctx.tx).createSession(user.id, attributes);
    return { user, expires_at: opened.expiresAt.toISOString(), token: opened.id };
  },
});

export const sessionDelete = defineOperation({
  name: 'session.delete',
  kind: 'write',
  risk: 'write',
  permission: null,
  openBecause: 'Everybody who is signed in may sign out; nobody else has a session to end.',
  resource: 'session',
  summary: 'Sign out: end the current session',
  input: empty,
  output: v.null(),
  http: { method: 'DELETE', path: '/api/sessions/current', status: 204, cookie: 'ends' },
  closedDoors: { mcp: 'Agents have no session.' },
  describe: () => 'Signed out',
  run: async (ctx) => {
    if (!ctx.actor.sessionId) {
      throw new DomainError('unauthenticated', 'There is no session to end.');
    }
    await sessionsOn(ctx.tx).invalidateSession(ctx.actor.sessionId);
    return null;
  },
});
