// Signing in through a provider of the tenant (OpenID Connect). A sign-in under way is bound to the browser that began it
// and is used once. A provider speaks for the subjects that it was linked with, and for the first time for verified
// addresses of its domains; what it says of a person decides the roles that it gives, at every sign-in anew.
import { timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { hashSecret, newToken } from '../../../tenants/credentials.ts';
import { addressIn, claimsOf, hasProvedFactor, nameIn, placesFor } from '../../auth/claims.ts';
import {
  authorizationUrl,
  type Claims,
  type Client,
  discover,
  flowSecrets,
  ProviderError,
  redeem,
} from '../../auth/oidc.ts';
import { namedAccount } from '../../auth/sealer.ts';
import { openSession } from '../../auth/sessions.ts';
import type { Actor } from '../../operations/actor.ts';
import { DomainError } from '../../operations/errors.ts';
import { newId } from '../../operations/id.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty } from '../../operations/schemas.ts';
import { consumeSecondFactor, hasSecondFactor } from '../second-factor/operations.ts';
import { noteDevice } from '../session/operations.ts';
import { redirectUriOf, secretSubject } from '../sso-connection/operations.ts';
import {
  activateInvited,
  alignRoles,
  endWaiting,
  hasRole,
  insertFlow,
  insertIdentity,
  insertUser,
  insertWaiting,
  selectByEmail,
  selectLinked,
  selectOptions,
  selectUsable,
  selectWaiting,
  takeFlow,
  type UsedConnection,
} from './queries.ts';
import {
  REFUSALS,
  type Refusal,
  ssoConfirmInput,
  ssoFinished,
  ssoFinishInput,
  ssoOptions,
  ssoStarted,
  ssoStartInput,
} from './schemas.ts';

const FOR_BROWSERS = {
  http: 'The portal takes browsers through it: /sso/{connection}/start and /sso/callback.',
  mcp: 'Agents use API keys.',
};

/** @param why for the audit trail, where there is more to say than to the person */
function refused(refusal: Refusal, whom: { subject?: string; about?: string } = {}, why?: string): DomainError {
  return new DomainError('sso_refused', REFUSALS[refusal], {
    extra: { reason: refusal },
    reason: `Single sign-on, ${refusal.replaceAll('_', ' ')}${why ? `: ${why}` : ''}`,
    ...whom,
  });
}

const named = (ctx: Context, address: string) => namedAccount(ctx.services.sealer, address);

function fromProvider(connection: UsedConnection): (error: unknown) => never {
  return (error) => {
    throw error instanceof ProviderError ? refused(error.fault, { subject: connection.id }, error.message) : error;
  };
}

async function usableConnection(ctx: Context, id: string): Promise<UsedConnection> {
  const found = await selectUsable(ctx.tx, id);
  if (!found) throw refused('turned_off', { subject: id });
  return found;
}

async function clientOf(ctx: Context, connection: UsedConnection): Promise<Client> {
  const { id, issuer, client_id: clientId, sealed_client_secret: sealed } = connection;
  const clientSecret = sealed === null ? null : await ctx.services.sealer.open(secretSubject(id), sealed);
  return { issuer, clientId, clientSecret, redirectUri: redirectUriOf(ctx) };
}

export const ssoOptionList = defineOperation({
  name: 'sso.options',
  kind: 'read',
  risk: 'read',
  permission: null,
  openBecause: 'The sign-in page offers them to everybody.',
  resource: 'sso_connection',
  summary: 'List through which providers one can sign in',
  input: empty,
  output: ssoOptions,
  closedDoors: { ...FOR_BROWSERS, http: 'The sign-in page shows them.' },
  run: async (ctx) => ({ data: [...(await selectOptions(ctx.tx))] }),
});

export const ssoStart = defineOperation({
  name: 'sso.start',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'This is how people say who they are.',
  resource: 'sso_connection',
  summary: 'Begin to sign in through a provider',
  input: ssoStartInput,
  output: ssoStarted,
  closedDoors: FOR_BROWSERS,
  isAnswerSecret: true,
  describe: () => 'Began to sign in through a provider',
  outside: async (ctx, { id }) => {
    await ctx.services.limit('sign_in_address', ctx.call.address ?? 'unknown');
    const connection = await usableConnection(ctx, id);
    const client = await clientOf(ctx, connection);
    const flow_token = newToken();
    const url = await discover(ctx.services.outbound, connection.issuer)
      .then((provider) => authorizationUrl(provider, client, connection.scopes, flowSecrets(flow_token)))
      .catch(fromProvider(connection));
    return { url, flow_token };
  },
  run: async (ctx, { id, return_to = '/' }, started) => {
    await insertFlow(ctx.tx, hashSecret(started.flow_token), id, return_to);
    return { url: started.url, flow_token: started.flow_token };
  },
});

/** Looked at before the flow is used up, so that no forged link ends the sign-in of somebody else. */
function isOwnState(query: string, token: string): boolean {
  const [given, own] = [
    Buffer.from(new URLSearchParams(query).get('state') ?? ''),
    Buffer.from(flowSecrets(token).state),
  ];
  return given.length === own.length && timingSafeEqual(given, own);
}

type Person = { id: string; email: string; name: string; isNew: boolean; isLinked: boolean; hasOtherRoles: boolean };

function isOfDomains(email: string, domains: readonly string[]): boolean {
  return domains.includes(email.slice(email.lastIndexOf('@') + 1));
}

/** Whom verified claims mean: as linked before, else by a verified address of the domains, else somebody new. */
async function personOf(ctx: Context, connection: UsedConnection, claims: Claims): Promise<Person> {
  const { id: connectionId, issuer, email_domains: domains } = connection;
  const { email, isVerified } = addressIn(claims);
  const linked = await selectLinked(ctx.tx, { connectionId, issuer, subject: claims.sub });
  if (!linked) {
    if (email === null) throw refused('email_missing', { subject: connectionId });
    if (!isVerified) throw refused('email_unverified', named(ctx, email));
    if (!isOfDomains(email, domains)) throw refused('foreign_domain', named(ctx, email));
  }
  const found = linked ?? (await selectByEmail(ctx.tx, connectionId, issuer, email!));
  if (!found) {
    if (!connection.creates_users) throw refused('unknown_person', named(ctx, email!));
    const name = nameIn(claims, email!);
    return { id: newId(), email: email!, name, isNew: true, isLinked: false, hasOtherRoles: false };
  }
  if (!linked && found.is_linked) throw refused('other_person', named(ctx, found.email));
  if (found.status === 'disabled') throw refused('disabled', named(ctx, found.email));
  // The domains may have been narrowed since the account was linked.
  if (!isOfDomains(found.email, domains)) throw refused('foreign_domain', named(ctx, found.email));
  const name = found.status === 'invited' ? nameIn(claims, found.email) : found.name;
  return { ...found, name, isNew: false, isLinked: linked !== null, hasOtherRoles: found.has_other_roles };
}

/** Makes the account what the provider says: created or activated, linked, with the roles that fit. */
async function settle(ctx: Context, connection: UsedConnection, claims: Claims, person: Person): Promise<void> {
  const { id, email, name } = person;
  if (person.isNew) await insertUser(ctx.tx, id, email, name);
  else await activateInvited(ctx.tx, id, name);
  if (!person.isLinked) {
    await insertIdentity(ctx.tx, { connectionId: connection.id, issuer: connection.issuer, subject: claims.sub }, id);
  }
  await alignRoles(ctx.tx, id, connection.id, placesFor(claims, connection.mappings));
}

const changedMeanwhile = () => refused('expired', {}, 'the account was changed meanwhile');

export const ssoFinish = defineOperation({
  name: 'sso.finish',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'This is how people say who they are.',
  resource: 'sso_connection',
  summary: 'Sign in with what a provider sent back',
  input: ssoFinishInput,
  output: ssoFinished,
  closedDoors: FOR_BROWSERS,
  isAnswerSecret: true,
  onConstraint: {
    users_email_unique: changedMeanwhile,
    sso_identities_subject_unique: changedMeanwhile,
    sso_identities_user_unique: changedMeanwhile,
  },
  describe: () => 'Came back from a provider to sign in',
  outside: async (ctx, { flow_token: token, query }) => {
    const flow = isOwnState(query, token) ? await takeFlow(ctx.tx, hashSecret(token)) : null;
    if (!flow) throw refused('expired');
    const connection = await usableConnection(ctx, flow.sso_connection_id);
    const client = await clientOf(ctx, connection);
    const wanted = claimsOf(connection.mappings);
    const claims = await redeem(ctx.services.outbound, client, flowSecrets(token), query, wanted).catch(
      fromProvider(connection),
    );
    const person = await personOf(ctx, connection, claims);
    if (person.isNew && placesFor(claims, connection.mappings).length === 0)
      throw refused('no_role', named(ctx, person.email));
    const { id, name, email } = person;
    const actor: Actor = { type: 'staff', id, name, email, grants: [] };
    const { sessionId: replaces } = ctx.actor;
    return { actor, flow, connection, claims, person, ...(replaces ? { replaces } : {}) };
  },
  run: async (ctx, { flow_token: token }, { flow, connection, claims, person, replaces }) => {
    const answer = { token: null, needs_code: false, refusal: null, return_to: flow.return_to };
    await settle(ctx, connection, claims, person);
    // Told rather than thrown: what was taken away stays taken away.
    if (!(await hasRole(ctx.tx, person.id))) return { ...answer, refusal: 'no_role' as const };
    const isVouched = connection.trusts_amr && hasProvedFactor(claims);
    if (!isVouched && (await hasSecondFactor(ctx, person.id))) {
      await insertWaiting(ctx.tx, hashSecret(token), connection.id, flow.return_to, person.id);
      return { ...answer, needs_code: true };
    }
    const { token: opened } = await openSession(ctx, person.id, replaces, isVouched);
    await noteDevice(ctx, person);
    return { ...answer, token: opened };
  },
});

export const ssoConfirm = defineOperation({
  name: 'sso.confirm',
  kind: 'external',
  risk: 'credential',
  permission: null,
  openBecause: 'This is how people say who they are.',
  resource: 'session',
  summary: 'Enter the code of the second factor after a provider has signed one in',
  input: ssoConfirmInput,
  output: v.object({ token: v.string(), return_to: v.string() }),
  closedDoors: FOR_BROWSERS,
  isAnswerSecret: true,
  describe: () => 'Signed in through a provider, with a second factor',
  outside: async (ctx, { flow_token: token }) => {
    const waiting = await selectWaiting(ctx.tx, hashSecret(token));
    if (!waiting) throw refused('expired');
    await ctx.services.limit('sign_in', `sso ${waiting.id}`);
    await ctx.services.limit('sign_in_day', `sso ${waiting.id}`);
    const { id, name, email } = waiting;
    const actor: Actor = { type: 'staff', id, name, email, grants: [] };
    const { sessionId: replaces } = ctx.actor;
    return { actor, waiting, ...(replaces ? { replaces } : {}) };
  },
  run: async (ctx, { flow_token: token, totp }, { waiting, replaces }) => {
    if (!(await endWaiting(ctx.tx, hashSecret(token)))) throw refused('expired');
    await consumeSecondFactor(ctx, waiting.id, totp);
    const { token: opened } = await openSession(ctx, waiting.id, replaces);
    await noteDevice(ctx, waiting);
    await ctx.services.giveBack('sign_in', `sso ${waiting.id}`);
    await ctx.services.giveBack('sign_in_day', `sso ${waiting.id}`);
    return { token: opened, return_to: waiting.return_to };
  },
});
