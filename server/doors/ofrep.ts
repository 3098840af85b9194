import { hashSecret } from '../../tenants/credentials.ts';
import type { App } from '../app.ts';
import { authenticate } from '../auth/authenticate.ts';
import { recordRefusedCredentials } from '../auth/refused-credentials.ts';
import { featureFlagEvaluate, featureFlagEvaluateAll } from '../contexts/feature-flag/operations.ts';
import type { EvaluationFailure } from '../contexts/feature-flag/schemas.ts';
import { fromDatabase } from '../operations/database-errors.ts';
import { DomainError, problems } from '../operations/errors.ts';
import { execute, type Runtime } from '../operations/execute.ts';
import type { Operation } from '../operations/operation.ts';
import type { RateLimits } from '../rate-limit.ts';
import { takeAllowance } from './allowance.ts';
import { callOf } from './call.ts';
import { problemResponse } from './problem.ts';
import { readJsonObject } from './request-body.ts';

// The OpenFeature Remote Evaluation Protocol: POST /ofrep/v1/evaluate/flags/{key} for one flag, …/flags for all.

/** A context that cannot be taken is the caller's; without a targeting key only some flags cannot be evaluated. */
function errorCodeOf({ code, detail }: DomainError): string {
  if (code === 'not_found') return 'FLAG_NOT_FOUND';
  if (code === 'invalid' && detail.errors && 'context.targetingKey' in detail.errors) return 'TARGETING_KEY_MISSING';
  if (code === 'invalid') return 'INVALID_CONTEXT';
  return problems[code][0] === 400 || code === 'unsupported_media_type' ? 'PARSE_ERROR' : 'GENERAL';
}

/** The protocol knows 400 where the rest of the product says 422 or 415; the other statuses are the product's own. */
function failure(error: DomainError, key: string | undefined, requestId: string): Response {
  const { headers, status } = problemResponse(error, requestId);
  headers.set('content-type', 'application/json');
  const body = { ...(key === undefined ? {} : { key }), errorCode: errorCodeOf(error), errorDetails: error.message };
  return new Response(JSON.stringify(body), { status: status === 422 || status === 415 ? 400 : status, headers });
}

function onTheWire(flag: object | EvaluationFailure): object {
  return 'error_code' in flag ? { key: flag.key, errorCode: flag.error_code, errorDetails: flag.error_details } : flag;
}

async function evaluate<I, O extends object>(
  runtime: Runtime,
  limits: RateLimits,
  operation: Operation<I, O>,
  request: Request,
  requestId: string,
  key: { key?: string },
): Promise<{ data: O; headers: Headers }> {
  const headers = await takeAllowance(request, limits, runtime.keys);
  const authenticated = await authenticate(runtime, request);
  if (!authenticated) throw new DomainError('unauthenticated', 'Sign in, or send an API key as a Bearer token.');
  if (authenticated.by === 'key') await runtime.services.usage.takeCalls();
  if (authenticated.cookie) headers.append('set-cookie', authenticated.cookie);
  // The protocol may grow members that are not known here; the context alone counts.
  const { context } = await readJsonObject(request);
  const input = { ...key, ...(context === undefined ? {} : { context }) };
  const { data } = await execute(runtime, operation, authenticated.actor, input, callOf(request, 'api', requestId));
  headers.set('content-type', 'application/json');
  return { data, headers };
}

export function mountOfrep(app: App, runtime: Runtime, limits: RateLimits): void {
  const answer = async (
    request: Request,
    requestId: string,
    key: string | undefined,
    work: () => Promise<Response>,
  ): Promise<Response> => {
    try {
      return await work();
    } catch (error) {
      const known = fromDatabase(error);
      if (!(known instanceof DomainError)) throw known;
      if (known.code === 'unauthenticated') await recordRefusedCredentials(runtime, request, 'api', requestId);
      return failure(known, key, requestId);
    }
  };

  app.post('/ofrep/v1/evaluate/flags/:key', (c) => {
    const [request, requestId, key] = [c.req.raw, c.get('requestId'), c.req.param('key')];
    return answer(request, requestId, key, async () => {
      const { data, headers } = await evaluate(runtime, limits, featureFlagEvaluate, request, requestId, { key });
      return new Response(JSON.stringify(data), { headers });
    });
  });

  app.post('/ofrep/v1/evaluate/flags', (c) => {
    const [request, requestId] = [c.req.raw, c.get('requestId')];
    return answer(request, requestId, undefined, async () => {
      const { data, headers } = await evaluate(runtime, limits, featureFlagEvaluateAll, request, requestId, {});
      const body = JSON.stringify({ flags: data.flags.map(onTheWire) });
      const etag = `"${hashSecret(body).slice(0, 32)}"`;
      headers.set('etag', etag);
      const known = request.headers.get('if-none-match')?.split(',') ?? [];
      const isKnown = known.some((tag) => tag.trim().replace(/^W\//, '') === etag);
      return isKnown ? new Response(null, { status: 304, headers }) : new Response(body, { headers });
    });
  });

  app.all('/ofrep/*', (c) =>
    failure(new DomainError('not_found', 'No endpoint has this address.'), undefined, c.get('requestId')),
  );
}
