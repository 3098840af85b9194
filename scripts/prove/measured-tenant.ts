import pg from 'pg';
import type { Home } from '../../server/home.ts';
import { createNodeHome } from '../../server/node.ts';
import { derivePassword } from '../../tenants/credentials.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import type { BenchServer } from '../bench/ledger/server.ts';

export type MeasuredServer = Pick<BenchServer, 'admin' | 'address' | 'adminLogin' | 'masterSecret'>;

export type MeasuredTenant = {
  /** Loads rows: in the tenant's schema, with commits that need not last. */
  owner: pg.Client;
  /** Logged in as the tenant's own role, for what its plans cost. */
  role: pg.Client;
  home: Home;
  vacuum(tables: readonly string[]): Promise<void>;
};

/** A fresh tenant whose questions are measured, open while `use` runs. */
export async function withMeasuredTenant<T>(
  { admin, address, adminLogin, masterSecret }: MeasuredServer,
  name: string,
  use: (tenant: MeasuredTenant) => Promise<T>,
): Promise<T> {
  const slug = `${name}-${Date.now().toString(36)}`;
  const { tenant } = await provisionTenant(admin, { slug, name: slug, ownerEmail: `owner@${slug}.test`, masterSecret });
  const password = derivePassword(masterSecret, tenant.id, tenant.key_version);
  const [owner, role] = [new pg.Client(adminLogin), new pg.Client({ ...address, user: tenant.role, password })];
  await Promise.all([owner.connect(), role.connect()]);
  const home = createNodeHome(
    {
      BASE_DOMAIN: 'localhost',
      DATABASE_URL: `postgresql://${address.host}:${address.port}/${address.database}`,
      MASTER_SECRET: masterSecret,
      UPSTASH_REDIS_REST_URL: 'http://localhost:1',
      UPSTASH_REDIS_REST_TOKEN: 'none',
    },
    tenant,
  );
  const schema = pg.escapeIdentifier(tenant.schema);
  try {
    await owner.query(`SET search_path = ${schema}, pg_catalog, pg_temp`);
    await owner.query('SET synchronous_commit = off');
    const vacuum = async (tables: readonly string[]) => {
      for (const table of tables) await owner.query(`VACUUM (ANALYZE) ${schema}.${table}`);
    };
    return await use({ owner, role, home, vacuum });
  } finally {
    await Promise.all([home.close(), owner.end(), role.end()]);
  }
}
