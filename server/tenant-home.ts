import { DurableObject } from 'cloudflare:workers';
import * as v from 'valibot';
import { parseEndpoint } from '../db/endpoint.ts';
import { createNeonDriverFactory } from '../db/neon-driver.ts';
import { openPool } from '../db/pool.ts';
import { TcpSocket } from '../db/tcp-socket.ts';
import { addressFrom, tenantUrl } from '../tenants/address.ts';
import { derivePassword } from '../tenants/credentials.ts';
import { TenantRecord } from '../tenants/record.ts';
import { outboundOf } from './auth/outbound.ts';
import { sealerOf } from './auth/sealer.ts';
import { checkSettings, type Env } from './env.ts';
import { Home } from './home.ts';
import { sandboxProcessor } from './plugins/payment/sandbox.ts';
import { RateLimits } from './rate-limit.ts';
import { renderPage } from './render-page.ts';

/** The header in which the front hands over the tenant's record. A client's own is always replaced. */
export const TENANT_HEADER = 'x-scp-tenant';

/** The Durable Object of one tenant on one cluster: keeps the pool warm between requests. */
export class TenantHome extends DurableObject<Env> {
  #home: Home | undefined;

  #homeOf(record: TenantRecord): Home {
    if (!this.#home) {
      const settings = checkSettings(this.env);
      this.#home = new Home(record, {
        openPool: (current) => {
          const endpoint = parseEndpoint(current.cluster.url);
          const password = derivePassword(settings.MASTER_SECRET, current.id, current.key_version);
          const driverFactory = createNeonDriverFactory(endpoint, TcpSocket);
          return openPool(endpoint, { user: current.role, password }, { driverFactory });
        },
        readRecord: (id) => this.#directory().tenantById(id),
        around: {
          tenantAt: (slug) => this.#directory().tenantAt(slug),
          neighbourOf: async ({ id, schema_version }) => {
            const other = await this.#directory().neighbourOf(id, schema_version);
            const name = other && this.env.TENANTS.idFromName(`${other.cluster.name}:${other.id}`);
            return name && { id: other.id, identify: () => this.env.TENANTS.get(name).identify(other) };
          },
        },
        passwords: this.env.PASSWORDS,
        sealer: sealerOf(settings.MASTER_SECRET, record.id),
        outbound: outboundOf(settings),
        limits: new RateLimits(settings, record.id),
        hasMailbox: settings.LOCAL_MAILBOX === 'on',
        addressOf: (slug) => tenantUrl(slug, addressFrom(settings)),
        paymentProcessor: settings.SANDBOX_PAYMENTS === 'on' ? sandboxProcessor : null,
        renderPage,
      });
    }
    this.#home.use(record);
    return this.#home;
  }

  #directory() {
    return this.env.DIRECTORY.get(this.env.DIRECTORY.idFromName('directory'));
  }

  async fetch(request: Request): Promise<Response> {
    const record = v.parse(TenantRecord, JSON.parse(decodeURIComponent(request.headers.get(TENANT_HEADER) ?? '')));
    return this.#homeOf(record).fetch(request);
  }

  /** Called by the probe of a neighbour. */
  identify(record: TenantRecord): ReturnType<Home['identify']> {
    return this.#homeOf(record).identify();
  }

  /** Called by the tick, on the tenant's second home. */
  runJobs(record: TenantRecord): Promise<number> {
    return this.#homeOf(record).runJobs();
  }
}
