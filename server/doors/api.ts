import type { Context as HonoContext } from 'hono';
import { hashSecret } from '../../tenants/credentials.ts';
import type { App, AppEnv } from '../app.ts';
import { type Authenticated, authenticate } from '../auth/authenticate.ts';
import { sessionCookie } from '../auth/cookie.ts';
import { anonymous, scopeOf } from '../operations/actor.ts';
import { sqlStateOf } from '../operations/database-errors.ts';
import { DomainError, methodNotAllowed, notFound } from '../operations/errors.ts';
import { execute, type Outcome, type Runtime } from '../operations/execute.ts';
import type { Operation } from '../operations/operation.ts';
import type { RateLimits } from '../rate-limit.ts';
import { takeAllowance } from './allowance.ts';
import { docsPage, docsResponse } from './api-docs.ts';
import { callOf } from './call.ts';
import { ExportPlaces, exportFile, exportFormatOf, exportList } from './export.ts';
import { openApiDocument } from './openapi.ts';
import { queryInput } from './query-input.ts';
import { readJsonObject } from './request-body.ts';

/** Raised by work_begin when a remembered actor must be read again. */
const ACCESS_CHANGED = 'SCP04';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Path, query and body make one input. An id in a path that cannot be one is simply not there. */
async function inputOf(operation: Operation, c: HonoContext<AppEnv>): Promise<Record<string, unknown>> {
  const params = c.req.param() as Record<string, string>;
  if (Object.values(params).some((value) => !UUID.test(value))) {
    throw notFound();
  }
  const url = new URL(c.req.url);
  if (operation.isList || operation.isReport) {
    url.searchParams.delete('format');
  }
  const { method } = operation.http!;
  const given = method === 'GET' ? queryInput(operation.input, url.searchParams) : await readJsonObject(c.req.raw);
  const twice = Object.keys(params).find((name) => Object.hasOwn(given, name));
  if (twice) {
    throw new DomainError('invalid', `${twice} belongs in the path alone.`, {
      errors: { [twice]: ['is not a known field'] },
    });
  }
  return { ...given, ...params };
}

function etagOf(data: object, body: string): string {
  return 'version' in data ? `"${data.version}"` : `"${hashSecret(body).slice(0, 32)}"`;
}

/** If-None-Match compares weakly, with any of the tags it lists (RFC 9110 §13.1.2). */
function isUnchanged(header: string | null, etag: string | null): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes('*') || (etag !== null && tags.includes(etag));
}

/** Sets or ends the session cookie as the operation declares. The token itself never leaves in a body. */
function withCookie(operation: Operation, request: Request, data: unknown, headers: Headers): unknown {
  const cookies = sessionCookie(request.url.startsWith('https:'));
  if (operation.http?.cookie === 'ends') {
    headers.append('set-cookie', cookies.createBlankCookie().serialize());
  } else if (operation.http?.cookie === 'from-token') {
    const { token, ...visible } = data as { token: string };
    headers.append('set-cookie', cookies.createCookie(token).serialize());
    return visible;
  }
  return data;
}

function respond(operation: Operation, outcome: Outcome<unknown>, request: Request, headers: Headers): Response {
  if (outcome.isReplayed) {
    headers.set('idempotent-replayed', 'true');
  }
  const visible = withCookie(operation, request, outcome.data, headers);
  if (visible === null || outcome.status === 204) {
    return new Response(null, { status: 204, headers });
  }
  const data = visible as object;
  const body = JSON.stringify(data);
  headers.set('content-type', 'application/json');
  if (outcome.status === 201 && 'id' in data) {
    headers.set('location', `${operation.http!.path}/${data.id}`);
  }
  if (operation.isList && 'next_cursor' in data && typeof data.next_cursor === 'string') {
    const next = new URL(request.url);
    next.searchParams.set('cursor', data.next_cursor);
    headers.set('link', `<${next.pathname}${next.search}>; rel="next"`);
  } else if (operation.kind === 'read' && !operation.isList) {
    headers.set('etag', etagOf(data, body));
    if (isUnchanged(request.headers.get('if-none-match'), headers.get('etag'))) {
      return new Response(null, { status: 304, headers });
    }
  } else if ('version' in data) {
    headers.set('etag', `"${data.version}"`);
  }
  return new Response(body, { status: outcome.status, headers });
}

/** A remembered key will do for a self-contained posting that it was allowed when it was read. */
async function identify(operation: Operation, request: Request, runtime: Runtime): Promise<Authenticated | null> {
  const authenticated = await authenticate(runtime, request, { mayRemember: Boolean(operation.statement) });
  const needed = [operation.permission, ...(operation.alsoRequires ?? [])];
  const isEnough = authenticated !== null && needed.every((permission) => scopeOf(authenticated.actor, permission));
  return !authenticated?.isRemembered || isEnough ? authenticated : authenticate(runtime, request);
}

function requireSomeone(operation: Operation, authenticated: Authenticated | null): void {
  if (!authenticated && operation.permission !== null) {
    throw new DomainError('unauthenticated', 'Sign in, or send an API key as a Bearer token.');
  }
}

/** One request to one operation: limit, identity, input, run, shape. */
async function answer(
  operation: Operation,
  c: HonoContext<AppEnv>,
  runtime: Runtime,
  limits: RateLimits,
  places: ExportPlaces,
): Promise<Response> {
  const request = c.req.raw;
  const headers = await takeAllowance(request, limits, runtime.keys);
  const authenticated = await identify(operation, request, runtime);
  requireSomeone(operation, authenticated);
  if (authenticated?.by === 'key') await runtime.services.usage.takeCalls();
  if (authenticated?.cookie) {
    headers.append('set-cookie', authenticated.cookie);
  }
  const input = await inputOf(operation, c);
  const call = callOf(request, 'api', c.get('requestId'));
  const format = operation.isList || operation.isReport ? exportFormatOf(request) : null;
  if (format) {
    return exportList(runtime, operation, authenticated?.actor ?? anonymous, input, call, format, headers, places);
  }
  if (operation.isFile) {
    return exportFile(runtime, operation, authenticated?.actor ?? anonymous, input, call, headers, places);
  }
  const run = async (as: Authenticated | null): Promise<Response> => {
    requireSomeone(operation, as);
    if (operation.minimal && call.wantsMinimal) headers.set('preference-applied', 'return=minimal');
    const outcome = await execute(runtime, operation, as?.actor ?? anonymous, input, call);
    return respond(operation, outcome, request, headers);
  };
  try {
    return await run(authenticated);
  } catch (error) {
    if (sqlStateOf(error) !== ACCESS_CHANGED) {
      throw error;
    }
    return run(await authenticate(runtime, request));
  }
}

/** Mounts every operation that has an HTTP door, its documentation, and JSON answers for everything else under /api. */
export function mountApi(app: App, runtime: Runtime, limits: RateLimits): void {
  const open = runtime.operations.filter((operation) => operation.http);
  const places = new ExportPlaces();
  // Both follow from the registry alone: made at the first request, then kept.
  let document: ReturnType<typeof openApiDocument> | undefined;
  let docs: Promise<string> | undefined;
  app.get('/api/openapi.json', (c) => {
    document ??= openApiDocument(runtime.operations);
    return c.json(document, 200, { 'cache-control': 'public, max-age=300' });
  });
  app.get('/api/docs', async () => {
    docs ??= docsPage(runtime.operations);
    return docsResponse(await docs);
  });
  const paths = Map.groupBy(open, (operation) => operation.http!.path.replaceAll(/\{(\w+)\}/g, ':$1'));
  // Fixed addresses come before those with an id, and answer for all their methods.
  for (const [path, doors] of [...paths].sort(([left], [right]) => left.split(':').length - right.split(':').length)) {
    for (const operation of doors) {
      app.on(operation.http!.method, path, (c) => answer(operation, c, runtime, limits, places));
    }
    app.all(path, () => {
      throw methodNotAllowed(doors.map((operation) => operation.http!.method));
    });
  }
  app.all('/api/*', () => {
    throw new DomainError('not_found', 'No endpoint has this address. See /api/docs.');
  });
}
