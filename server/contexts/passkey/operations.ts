// Passkeys of a person (WebAuthn): kept by a device that makes sure of its owner, so that one alone is two factors. They
// are found by the device itself, so nothing here tells who has any. A passkey belongs to the host that it was made on.
import * as v from 'valibot';
import { ALGORITHMS, newChallenge, readGiven, readMade, type Site, siteOf, userHandleOf } from '../../auth/passkeys.ts';
import { namedAccount } from '../../auth/sealer.ts';
import { openSession } from '../../auth/sessions.ts';
import { type Actor, requirePerson, requireSomebody } from '../../operations/actor.ts';
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { sendToOutbox } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty } from '../../operations/schemas.ts';
import { confirmPassword } from '../password/operations.ts';
import { countAttempt, noteDevice } from '../session/operations.ts';
import {
  countOwn,
  countUse,
  deletePasskey,
  insertPasskey,
  markSession,
  renamePasskey,
  selectCredential,
  selectDescriptors,
  selectOneOwn,
  selectOwn,
  spendChallenge,
} from './queries.ts';
import {
  beginInput,
  type CreationOptions,
  createdPasskey,
  createInput,
  creationOptions,
  passkey,
  passkeyList as passkeyListSchema,
  removeInput,
  renameInput,
  requestOptions,
  signedIn,
  signInInput,
} from './schemas.ts';

const TIMEOUT_MS = 5 * 60_000;
const MAXIMUM = 20;

function ownSite(ctx: Context): Site {
  if (!ctx.call.origin) {
    throw new Error('A passkey is for a host, and this call has none');
  }
  return siteOf(ctx.call.origin);
}

function refused(whom: { subject?: string; about?: string } = {}): DomainError {
  return new DomainError(
    'passkey_refused',
    'The passkey is not known here, or took too long. Try again, or sign in with your password.',
    whom,
  );
}

async function tell(ctx: Context, recipient: string, what: string): Promise<void> {
  await sendToOutbox(ctx, 'mail', {
    recipient,
    subject: `A passkey of your account at ${ctx.tenant.name} was ${what.split(' ')[0]}`,
    body: `A passkey was ${what}.\n\nIf you did not expect this, remove it and set a new password at once: ${ctx.call.origin ?? ''}/account`,
  });
}

const own = {
  permission: null,
  openBecause: 'Everybody who is signed in looks after their own passkeys and no others.',
  resource: 'passkey',
  closedDoors: { mcp: 'Agents have no passkeys.' },
} as const;

export const passkeyList = defineOperation({
  ...own,
  name: 'passkey.list',
  kind: 'read',
  risk: 'read',
  summary: "List one's own passkeys",
  input: empty,
  output: passkeyListSchema,
  http: { method: 'GET', path: '/api/me/passkeys' },
  run: async (ctx) => ({ data: [...(await selectOwn(ctx.tx, requireSomebody(ctx.actor).id, ownSite(ctx).host))] }),
});

export const passkeyBegin = defineOperation({
  ...own,
  name: 'passkey.begin',
  kind: 'external',
  risk: 'credential',
  summary: 'Begin to add a passkey; the answer is for the browser',
  input: beginInput,
  output: creationOptions,
  http: { method: 'POST', path: '/api/me/passkeys/begin' },
  isAnswerSecret: true,
  describe: () => 'Began to add a passkey',
  outside: async (ctx, { password }) => {
    const user = await confirmPassword(ctx, password, 'password');
    const { host } = ownSite(ctx);
    return { user, host, challenge: await newChallenge(ctx.services.sealer, { userId: user.id, host }, ctx.now) };
  },
  run: async (ctx, _input, { user, host, challenge }): Promise<CreationOptions> => {
    const known = await selectDescriptors(ctx.tx, user.id, host);
    return {
      rp: { id: host, name: ctx.tenant.name },
      user: { id: userHandleOf(user.id), name: user.email, displayName: user.name },
      challenge,
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: TIMEOUT_MS,
      excludeCredentials: known.map(({ credential_id, transports }) => ({
        type: 'public-key',
        id: credential_id,
        transports: [...transports],
      })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    };
  },
});

export const passkeyCreate = defineOperation({
  ...own,
  name: 'passkey.create',
  kind: 'external',
  risk: 'credential',
  summary: 'Add the passkey that the browser has made; the session gets a new id',
  input: createInput,
  output: createdPasskey,
  http: { method: 'POST', path: '/api/me/passkeys', status: 201, cookie: 'from-token' },
  isAnswerSecret: true,
  describe: ({ name }) => `Added the passkey ${name}`,
  onConstraint: { passkeys_credential: () => new DomainError('conflict', 'This passkey was added already.') },
  outside: async (ctx, { credential }) => {
    const person = requirePerson(ctx.actor);
    await ctx.services.limit('sign_in', `passkey ${person.id}`);
    const site = ownSite(ctx);
    const made = await readMade(credential, person.id, { sealer: ctx.services.sealer, site, now: ctx.now });
    if (!made) {
      throw refused({ subject: person.id });
    }
    await ctx.services.giveBack('sign_in', `passkey ${person.id}`);
    return { person, host: site.host, made };
  },
  run: async (ctx, { name, credential }, { person, host, made }) => {
    const { answered, ...kept } = made;
    if (!(await spendChallenge(ctx.tx, answered))) {
      throw refused({ subject: person.id });
    }
    if ((await countOwn(ctx.tx, person.id)) >= MAXIMUM) {
      throw new DomainError('conflict', `An account has at most ${MAXIMUM} passkeys. Remove one first.`);
    }
    const transports = credential.response.transports ?? [];
    const added = await insertPasskey(ctx.tx, { ...kept, id: ctx.id, userId: person.id, name, host, transports });
    // The person has just shown password and passkey: the session is worth two factors from here on.
    const opened = await openSession(ctx, person.id, person.sessionId);
    await markSession(ctx.tx, opened.token, added.id);
    await tell(ctx, person.email ?? '', `added for ${host}, named ${name}`);
    return { ...added, ...opened };
  },
});

export const passkeyRename = defineOperation({
  ...own,
  name: 'passkey.rename',
  kind: 'write',
  risk: 'write',
  summary: "Rename one of one's own passkeys",
  input: renameInput,
  output: passkey,
  http: { method: 'PATCH', path: '/api/me/passkeys/{id}' },
  describe: ({ name }) => `Renamed a passkey to ${name}`,
  run: async (ctx, { id, name }) => {
    const userId = requireSomebody(ctx.actor).id;
    const { host } = ownSite(ctx);
    const { expectedVersion } = ctx.call;
    const renamed = await renamePasskey(ctx.tx, { userId, id, name, host, expectedVersion });
    if (!renamed) {
      throw (await selectOneOwn(ctx.tx, userId, id, host)) ? new DomainError('stale') : notFound();
    }
    return renamed;
  },
});

export const passkeyRemove = defineOperation({
  ...own,
  name: 'passkey.remove',
  kind: 'external',
  risk: 'credential',
  summary: "Remove one of one's own passkeys; other sessions that it opened end",
  input: removeInput,
  output: v.null(),
  http: { method: 'POST', path: '/api/me/passkeys/{id}/remove', status: 204 },
  describe: () => 'Removed a passkey',
  outside: async (ctx, { id, password }) => {
    const somebody = requireSomebody(ctx.actor);
    const { name } = orNotFound(await selectOneOwn(ctx.tx, somebody.id, id, ownSite(ctx).host));
    const user = await confirmPassword(ctx, password, 'password');
    return { user, name, sessionId: requirePerson(ctx.actor).sessionId };
  },
  run: async (ctx, { id }, { user, name, sessionId }) => {
    if (!(await deletePasskey(ctx.tx, user.id, id, sessionId))) {
      throw notFound();
    }
    await tell(ctx, user.email, `removed: ${name}`);
    return null;
  },
});

export const passkeyChallenge = defineOperation({
  name: 'passkey.challenge',
  kind: 'read',
  risk: 'read',
  permission: null,
  openBecause: 'Signing in starts with it, and it tells nothing about anybody.',
  resource: 'passkey',
  summary: 'Ask for a challenge to sign in with a passkey; it is good for five minutes, once',
  input: empty,
  output: requestOptions,
  http: { method: 'GET', path: '/api/passkeys/challenge' },
  closedDoors: { mcp: 'Agents have no passkeys.' },
  run: async (ctx) => {
    const { host } = ownSite(ctx);
    const challenge = await newChallenge(ctx.services.sealer, { userId: null, host }, ctx.now);
    return { rpId: host, challenge, timeout: TIMEOUT_MS, userVerification: 'required' };
  },
});

export const passkeySignIn = defineOperation({
  name: 'passkey.sign_in',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'This is how people say who they are.',
  resource: 'session',
  summary: 'Sign in with a passkey, which is two factors',
  input: signInInput,
  output: signedIn,
  http: { method: 'POST', path: '/api/sessions/passkey', status: 201, cookie: 'from-token' },
  closedDoors: { mcp: 'Agents use API keys.' },
  isAnswerSecret: true,
  describe: () => 'Signed in with a passkey',
  outside: async (ctx, { credential }) => {
    const site = ownSite(ctx);
    const found = await selectCredential(ctx.tx, credential.id, site.host);
    const giveBack = await countAttempt(ctx, found?.email ?? 'unknown passkey');
    const known = found && { userId: found.user_id, credentialId: found.credential_id, publicKey: found.public_key };
    const given = known && (await readGiven(credential, known, { sealer: ctx.services.sealer, site, now: ctx.now }));
    if (!found || !given) {
      throw refused(found ? namedAccount(ctx.services.sealer, found.email) : {});
    }
    const user = { id: found.user_id, email: found.email, name: found.user_name };
    const actor: Actor = { type: 'staff', ...user, grants: [] };
    return { actor, user, given, giveBack, passkeyId: found.id, replaces: ctx.actor.sessionId };
  },
  run: async (ctx, _input, { user, given, giveBack, passkeyId, replaces }) => {
    if (!(await spendChallenge(ctx.tx, given.answered))) {
      throw refused(namedAccount(ctx.services.sealer, user.email));
    }
    if (!(await countUse(ctx.tx, passkeyId, given.counter))) {
      throw new DomainError(
        'passkey_copied',
        'This passkey counts lower than before, as a copy of it would. Sign in another way and remove it.',
        namedAccount(ctx.services.sealer, user.email),
      );
    }
    const opened = await openSession(ctx, user.id, replaces);
    await markSession(ctx.tx, opened.token, passkeyId);
    await noteDevice(ctx, user);
    await giveBack();
    return { user, ...opened };
  },
});
