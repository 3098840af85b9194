import { createRequestHandler, type ServerBuild } from '@remix-run/server-runtime';
import type { DatabasePool } from 'slonik';
import { parseEndpoint } from '../db/endpoint.ts';
import { openPool } from '../db/pool.ts';
import { addressFrom, tenantUrl } from '../tenants/address.ts';
import { derivePassword } from '../tenants/credentials.ts';
import type { TenantRecord } from '../tenants/record.ts';
import { neighbourOf, resolveHost, tenantById } from '../tenants/resolve.ts';
import { outboundOf } from './auth/outbound.ts';
import { hashPassword, verifyPassword } from './auth/password.ts';
import { sealerOf } from './auth/sealer.ts';
import { catalogQuery } from './catalog-query.ts';
import type { Settings } from './env.ts';
import { Front } from './front.ts';
import { Home, type HomePorts } from './home.ts';
import { sandboxProcessor } from './plugins/payment/sandbox.ts';
import { RateLimits } from './rate-limit.ts';

/** The same front and homes in Node, with Slonik's stock driver: for hot reload and for scripts. */
export type NodeFront = {
  fetch(request: Request): Promise<Response>;
  home(record: TenantRecord): Home;
  close(): Promise<void>;
};

/** A home outside the edge runtime. */
export function createNodeHome(
  settings: Settings,
  record: TenantRecord,
  ports: Partial<Pick<HomePorts, 'renderPage' | 'readRecord' | 'around'>> = {},
): Home {
  return new Home(record, {
    openPool: (current) =>
      openPool(parseEndpoint(current.cluster.url), {
        user: current.role,
        password: derivePassword(settings.MASTER_SECRET, current.id, current.key_version),
      }),
    readRecord: ports.readRecord ?? (async () => null),
    passwords: { hash: hashPassword, verify: verifyPassword },
    sealer: sealerOf(settings.MASTER_SECRET, record.id),
    outbound: outboundOf(settings),
    limits: new RateLimits(settings, record.id),
    hasMailbox: settings.LOCAL_MAILBOX === 'on',
    addressOf: (slug) => tenantUrl(slug, addressFrom(settings)),
    paymentProcessor: settings.SANDBOX_PAYMENTS === 'on' ? sandboxProcessor : null,
    renderPage: ports.renderPage ?? (async () => new Response(null, { status: 404 })),
    ...(ports.around ? { around: ports.around } : {}),
  });
}

export function createNodeFront(options: {
  env: Settings;
  serverBuild: ServerBuild | (() => Promise<ServerBuild>);
}): NodeFront {
  const { env, serverBuild } = options;
  const handle = createRequestHandler(serverBuild, 'development');
  const homes = new Map<string, Home>();
  let catalog: Promise<DatabasePool> | undefined;
  const query = async () => {
    catalog ??= openPool(parseEndpoint(env.DATABASE_URL), {
      user: 'scp_gateway',
      password: derivePassword(env.MASTER_SECRET, 'gateway', 1),
    });
    return catalogQuery(await catalog);
  };
  const home = (record: TenantRecord): Home => {
    const key = `${record.cluster.name}:${record.id}`;
    const known =
      homes.get(key) ??
      createNodeHome(env, record, {
        renderPage: (request, context) => handle(request, context),
        readRecord: async (id) => tenantById(await query(), id),
        around: {
          tenantAt: async (slug) => {
            const found = await resolveHost(await query(), env.BASE_DOMAIN, `${slug}.${env.BASE_DOMAIN}`);
            return found.kind === 'tenant' ? found.tenant.id : '';
          },
          neighbourOf: async ({ id, schema_version }) => {
            const other = await neighbourOf(await query(), id, schema_version);
            return other && { id: other.id, identify: () => home(other).identify() };
          },
        },
      });
    homes.set(key, known);
    known.use(record);
    return known;
  };
  const front = new Front({
    directory: () => ({
      resolve: async (host) => resolveHost(await query(), env.BASE_DOMAIN, host),
      ping: async () => {
        await (await query())('SELECT 1 AS one', []);
      },
    }),
    home: (record) => ({ fetch: (request, headers) => home(record).fetch(new Request(request, { headers })) }),
    assets: { fetch: async () => new Response(null, { status: 404 }) },
  });
  return {
    fetch: (request) => front.fetch(request),
    home,
    close: async () => {
      await Promise.all([...homes.values()].map((each) => each.close()));
      await catalog?.then((pool) => pool.end());
    },
  };
}
