import { DurableObject } from 'cloudflare:workers';
import type { DatabasePool } from 'slonik';
import { parseEndpoint } from '../db/endpoint.ts';
import { createNeonDriverFactory } from '../db/neon-driver.ts';
import { openPool } from '../db/pool.ts';
import { TcpSocket } from '../db/tcp-socket.ts';
import { derivePassword } from '../tenants/credentials.ts';
import type { TenantRecord } from '../tenants/record.ts';
import { dueTenants, neighbourOf, type Query, type ResolvedHost, resolveHost, tenantById } from '../tenants/resolve.ts';
import { catalogQuery } from './catalog-query.ts';
import { checkSettings, type Env } from './env.ts';

/** The Durable Object that reads the tenant catalog, with the one pool of role scp_gateway. */
export class Directory extends DurableObject<Env> {
  #pool: Promise<DatabasePool> | undefined;

  async #query(): Promise<Query> {
    if (!this.#pool) {
      const settings = checkSettings(this.env);
      const endpoint = parseEndpoint(settings.DATABASE_URL);
      this.#pool = openPool(
        endpoint,
        { user: 'scp_gateway', password: derivePassword(settings.MASTER_SECRET, 'gateway', 1) },
        { driverFactory: createNeonDriverFactory(endpoint, TcpSocket), isKept: true },
      );
    }
    return catalogQuery(await this.#pool);
  }

  async resolve(host: string): Promise<ResolvedHost> {
    return resolveHost(await this.#query(), this.env.BASE_DOMAIN, host);
  }

  async tenantById(id: string): Promise<TenantRecord | null> {
    return tenantById(await this.#query(), id);
  }

  async tenantAt(slug: string): Promise<string | null> {
    const found = await this.resolve(`${slug}.${this.env.BASE_DOMAIN}`);
    return found.kind === 'tenant' ? found.tenant.id : '';
  }

  async neighbourOf(id: string, schemaVersion: number): Promise<TenantRecord | null> {
    return neighbourOf(await this.#query(), id, schemaVersion);
  }

  async dueTenants(): Promise<TenantRecord[]> {
    return dueTenants(await this.#query());
  }

  /** Whether the catalog can be read. */
  async ping(): Promise<void> {
    await (await this.#query())('SELECT 1 AS one', []);
  }
}
