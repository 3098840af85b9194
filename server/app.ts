import { Hono } from 'hono';
import * as v from 'valibot';
import { sql } from '../db/pool.ts';
import { servesVersion } from '../tenants/version.ts';
import { recordRefusedCredentials } from './auth/refused-credentials.ts';
import { mountApi } from './doors/api.ts';
import { mountMcp } from './doors/mcp.ts';
import { mountOfrep } from './doors/ofrep.ts';
import { mountPages, type PageContext } from './doors/pages.ts';
import { problemResponse } from './doors/problem.ts';
import { dropBody } from './doors/request-body.ts';
import { isForPeople, problemPage } from './front-pages.ts';
import { fromDatabase } from './operations/database-errors.ts';
import { DomainError, type ProblemCode } from './operations/errors.ts';
import type { Runtime } from './operations/execute.ts';
import type { RateLimits } from './rate-limit.ts';
import { guardOrigin } from './request-guards.ts';
import { requestIdOf } from './request-id.ts';
import { secureHeaders } from './security-headers.ts';

export type AppEnv = { Variables: { requestId: string } };
export type App = Hono<AppEnv>;
export type RenderPage = (request: Request, context: PageContext) => Promise<Response>;

/** Problems that stand before any page of the portal: it cannot show them itself. */
const BEFORE_PAGES: ReadonlySet<ProblemCode> = new Set(['unavailable', 'tenant_upgrading', 'rate_limited']);

const ping = sql.type(v.object({ one: v.number() }))`SELECT 1 AS one`;

/** The whole order of a request inside a tenant's home, on one screen. */
export function createApp(runtime: Runtime, limits: RateLimits, renderPage: RenderPage): App {
  const app: App = new Hono<AppEnv>();

  app.onError(async (error, c) => {
    const known = fromDatabase(error);
    if (known instanceof DomainError && known.code === 'unauthenticated') {
      await recordRefusedCredentials(runtime, c.req.raw, c.req.path === '/mcp' ? 'mcp' : 'api', c.get('requestId'));
    }
    const isPage = known instanceof DomainError && BEFORE_PAGES.has(known.code) && isForPeople(c.req.path);
    return isPage ? problemPage(known, c.get('requestId')) : problemResponse(known, c.get('requestId'));
  });
  app.use(async (c, next) => {
    const requestId = requestIdOf(c.req.raw.headers);
    c.set('requestId', requestId);
    await next();
    await dropBody(c.req.raw).catch(() => {});
    c.res.headers.set('x-request-id', requestId);
    secureHeaders(c.req.raw, c.res.headers);
  });

  app.get('/healthz', async (c) => {
    await runtime
      .withPool((pool) => pool.one(ping))
      .catch(() => {
        throw new DomainError('unavailable', 'The database does not answer.', {
          retryAfterSeconds: 2,
          extra: { failing: ['database'] },
        });
      });
    return c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' });
  });

  // Code at version N serves schemas at N - 1 and N, so that a fleet can migrate under running code (expand, then contract).
  app.use(async (_c, next) => {
    if (!servesVersion(runtime.tenant.schema_version)) {
      throw new DomainError('tenant_upgrading', 'Try again in a minute.', { retryAfterSeconds: 30 });
    }
    await next();
  });
  app.use(async (c, next) => {
    guardOrigin(c.req.raw);
    await next();
  });

  mountApi(app, runtime, limits);
  mountOfrep(app, runtime, limits);
  mountMcp(app, runtime, limits);
  mountPages(app, runtime, limits, renderPage);
  return app;
}
