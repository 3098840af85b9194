import type { App, RenderPage } from '../app.ts';
import { authenticate } from '../auth/authenticate.ts';
import { sessionCookie } from '../auth/cookie.ts';
import { recordRefusedCredentials } from '../auth/refused-credentials.ts';
import { featureFlagEvaluate } from '../contexts/feature-flag/operations.ts';
import { sessionCreate, sessionDelete } from '../contexts/session/operations.ts';
import { tenantGet } from '../contexts/tenant/operations.ts';
import type { Quota } from '../contexts/usage/schemas.ts';
import {
  type Actor,
  anonymous,
  type Impersonation,
  placesOf,
  type Scope,
  scopeOf,
  systemActor,
} from '../operations/actor.ts';
import { fromDatabase } from '../operations/database-errors.ts';
import { DomainError, methodNotAllowed, type Problem, toProblem } from '../operations/errors.ts';
import { execute, type Runtime } from '../operations/execute.ts';
import { isIdleWhileImpersonating } from '../operations/impersonated.ts';
import { holdsAt, type Place } from '../operations/may-grant.ts';
import type { Call, Operation } from '../operations/operation.ts';
import type { RateLimits } from '../rate-limit.ts';
import { addressOf, callOf, idempotencyKeyFrom } from './call.ts';
import { problemResponse } from './problem.ts';
import { type SsoDoor, ssoDoor } from './sso.ts';

/** What the portal knows of its tenant on every page. */
export type PageTenant = {
  id: string;
  slug: string;
  name: string;
  locale: string;
  time_zone: string;
  currency: string;
  brand_colour: string | null;
  logo_url: string | null;
};

/** What Remix loaders and actions get: operations, and nothing below them. */
export type PageContext = {
  readonly requestId: string;
  readonly tenant: PageTenant;
  /** Who is signed in; null when nobody is. */
  readonly actor: { id: string; type: string; name: string; email: string | null } | null;
  /** The MerchantOrgs and merchants that whoever is signed in works at, when they have no rights beyond. */
  readonly places: Scope | null;
  /** Whoever is signed in has to set up a second factor before anything else. */
  readonly mustEnrol: boolean;
  /** Mail stays in the portal: on a local system alone. */
  readonly hasMailbox: boolean;
  /** What is seen is what somebody else may see; the actor is that person. Also after it is over, until it is left. */
  readonly impersonation: (Impersonation & { readonly by: string; readonly secondsLeft: number }) | null;
  /** Quotas that are used up or nearly, for who may see them. */
  readonly exceededQuotas: readonly Quota[];
  /**
   * Whether the actor holds a permission, somewhere or all over a place, and may use it while viewing as somebody else:
   * what the page offers, never what decides.
   */
  can(permission: string, at?: Place): boolean;
  /** Whether a flag that the product itself asks for is on for whoever looks. */
  isOn(flag: string): Promise<boolean>;
  /** For loaders. Throws a Response: a redirect to sign-in, or the problem document for the error boundary. */
  run<I, O>(operation: Operation<I, O>, input: I): Promise<O>;
  /** For actions. What the person can mend (409, 412, 422, 429) comes back for the form; the rest is thrown as in `run`. */
  submit<I, O>(
    operation: Operation<I, O>,
    input: unknown,
    options?: { idempotencyKey?: string; expectedVersion?: number },
  ): Promise<{ data: O; cookie?: string } | { problem: Problem }>;
  /** The first step of signing in takes e-mail and password; where a code is needed, its `ticket` stands for both in the second. */
  signIn(input: SignInStep): Promise<{ cookie: string } | { problem: Problem; ticket?: string }>;
  signOut(): Promise<{ cookie: string }>;
  /** Signing in through a provider of the tenant. */
  readonly sso: SsoDoor;
};

/** What a page answers: the rest is nothing that Remix knows. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST'];

type SignInStep = { email: string; password: string } | { ticket: string; totp: string };

const MENDABLE: ReadonlySet<number> = new Set([409, 412, 422, 429]);
/** Wrong passwords and codes are a form's matter, being signed out is not. */
const MENDABLE_CODES: ReadonlySet<string> = new Set([
  'invalid_credentials',
  'sso_required',
  'second_factor_wrong',
  'second_factor_required',
  'step_up_required',
  'not_while_impersonating',
  'passkey_refused',
  'passkey_copied',
]);

function signInRedirect(request: Request): Response {
  const url = new URL(request.url);
  const target = request.method === 'GET' ? `${url.pathname.replace(/\.data$/, '')}${url.search}` : '/';
  return new Response(null, { status: 302, headers: { location: `/sign-in?next=${encodeURIComponent(target)}` } });
}

function thrown(request: Request, error: unknown, requestId: string): Response {
  const known = fromDatabase(error);
  if (known instanceof DomainError && known.code === 'unauthenticated') {
    return signInRedirect(request);
  }
  return known instanceof DomainError && known.code === 'impersonation_over'
    ? new Response(null, { status: 302, headers: { location: '/support-access/leave' } })
    : problemResponse(known, requestId);
}

/** A problem that a form can show; anything else is thrown. */
function mendable(
  request: Request,
  error: unknown,
  requestId: string,
  statuses: ReadonlySet<number>,
): { problem: Problem } {
  const known = fromDatabase(error);
  if (known instanceof DomainError) {
    const problem = toProblem(known, requestId);
    if (statuses.has(problem.status) || MENDABLE_CODES.has(problem.code)) {
      return { problem };
    }
  }
  throw thrown(request, error, requestId);
}

const TICKET_MS = 5 * 60_000;

/** Sealed, since it travels through a page: only this server can read it, and only for a few minutes. */
function ticketFor(runtime: Runtime, { email, password }: { email: string; password: string }): Promise<string> {
  return runtime.services.sealer.seal('sign-in', JSON.stringify({ email, password, until: Date.now() + TICKET_MS }));
}

/** @throws DomainError invalid_credentials for a ticket that is none or has run out */
async function credentialsOf(runtime: Runtime, input: SignInStep) {
  if (!('ticket' in input)) {
    return input;
  }
  const opened = await runtime.services.sealer.open('sign-in', input.ticket).catch(() => '{"until":0}');
  const { email, password, until } = JSON.parse(opened);
  if (until < Date.now()) {
    throw new DomainError('invalid_credentials', 'Signing in took too long. Enter your password again.');
  }
  return { email, password, totp: input.totp };
}

/** The token becomes the cookie and goes no further. */
function withoutToken<O>(data: O, cookies: ReturnType<typeof sessionCookie>): { data: O; cookie: string } {
  const { token, ...visible } = data as { token: string };
  return { data: visible as O, cookie: cookies.createCookie(token).serialize() };
}

function impersonationOf(actor: Actor | null): PageContext['impersonation'] {
  const impersonation = actor?.impersonation;
  if (!impersonation) {
    return null;
  }
  const secondsLeft = Math.max(0, Math.ceil((Date.parse(impersonation.expiresAt) - Date.now()) / 1000));
  return { ...impersonation, by: (actor.impersonator ?? actor).name, secondsLeft };
}

/** What the portal itself has to know, whoever looks. */
const PORTAL = systemActor('portal', 'Portal');

async function readTenant(runtime: Runtime, call: Call): Promise<PageTenant> {
  const { data } = await execute(runtime, tenantGet, PORTAL, {}, call);
  const { id, slug, name, locale, time_zone, currency, brand_colour, logo_url } = data;
  return { id, slug, name, locale, time_zone, currency, brand_colour, logo_url };
}

function contextFor(
  runtime: Runtime,
  request: Request,
  actor: Actor | null,
  tenant: PageTenant,
  call: Call,
): PageContext {
  const { requestId } = call;
  const cookies = sessionCookie(request.url.startsWith('https:'));
  const requireActor = (): Actor => {
    if (!actor) {
      throw new DomainError('unauthenticated');
    }
    return actor;
  };
  const actorFor = (operation: Operation): Actor =>
    operation.permission === null ? (actor ?? anonymous) : requireActor();
  return {
    requestId,
    tenant,
    actor: actor && { id: actor.id, type: actor.type, name: actor.name, email: actor.email ?? null },
    places: actor && placesOf(actor),
    mustEnrol: actor?.mustEnrol ?? false,
    hasMailbox: runtime.services.hasMailbox,
    impersonation: impersonationOf(actor),
    exceededQuotas: actor && scopeOf(actor, 'usage:read')?.all ? runtime.services.usage.exceeded() : [],
    can: (permission, at) =>
      actor !== null &&
      (at ? holdsAt(actor, permission, at) : scopeOf(actor, permission) !== null) &&
      !isIdleWhileImpersonating(permission, actor, runtime.operations),
    isOn: async (flag) => {
      const input = { key: flag, context: { targetingKey: actor?.id ?? tenant.id, door: 'page' } };
      return (await execute(runtime, featureFlagEvaluate, PORTAL, input, call)).data.value === true;
    },
    run: async (operation, input) => {
      try {
        return (await execute(runtime, operation, actorFor(operation as Operation), input, call)).data;
      } catch (error) {
        throw thrown(request, error, requestId);
      }
    },
    submit: async (operation, input, options = {}) => {
      try {
        if (options.idempotencyKey !== undefined) {
          idempotencyKeyFrom(options.idempotencyKey);
        }
        const { data } = await execute(runtime, operation, actorFor(operation as Operation), input, {
          ...call,
          ...options,
        });
        return operation.http?.cookie === 'from-token' ? withoutToken(data, cookies) : { data };
      } catch (error) {
        return mendable(request, error, requestId, MENDABLE);
      }
    },
    signIn: async (input) => {
      try {
        const { data } = await execute(
          runtime,
          sessionCreate,
          actor ?? anonymous,
          await credentialsOf(runtime, input),
          call,
        );
        return { cookie: cookies.createCookie(data.token).serialize() };
      } catch (error) {
        const refused = mendable(request, error, requestId, new Set([...MENDABLE, 503]));
        if (refused.problem.code === 'second_factor_required' && 'password' in input) {
          return { ...refused, ticket: await ticketFor(runtime, input) };
        }
        return 'ticket' in input && refused.problem.code !== 'invalid_credentials'
          ? { ...refused, ticket: input.ticket }
          : refused;
      }
    },
    sso: ssoDoor(runtime, request, actor ?? anonymous, call),
    signOut: async () => {
      if (actor?.sessionId) {
        await execute(runtime, sessionDelete, actor, {}, call);
      }
      return { cookie: cookies.createBlankCookie().serialize() };
    },
  };
}

/** Everything else is a page. */
export function mountPages(app: App, runtime: Runtime, limits: RateLimits, renderPage: RenderPage): void {
  app.all('*', async (c) => {
    const request = c.req.raw;
    if (!METHODS.includes(request.method)) {
      throw methodNotAllowed(METHODS);
    }
    await limits.take('page', addressOf(request.headers));
    // A page has no use for a key: only the session counts, so that a page never shows more than its reader may see.
    const call = callOf(request, 'page', c.get('requestId'));
    const [authenticated, tenant] = await Promise.all([
      request.headers.has('authorization') ? null : authenticate(runtime, request),
      readTenant(runtime, call),
      runtime.services.usage.ready(),
    ]);
    if (!authenticated && !request.headers.has('authorization')) {
      await recordRefusedCredentials(runtime, request, 'page', call.requestId);
    }
    const context = contextFor(runtime, request, authenticated?.actor ?? null, tenant, call);
    const response = await renderPage(request, context);
    if (!authenticated?.cookie) {
      return response;
    }
    const headers = new Headers(response.headers);
    headers.append('set-cookie', authenticated.cookie);
    return new Response(response.body, { status: response.status, headers });
  });
}
