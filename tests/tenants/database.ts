import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { connectAdmin } from '../../tenants/connect.ts';
import { installControlPlane, withoutCredentials } from '../../tenants/control-plane.ts';
import { psqlUrl } from '../../tenants/psql-url.ts';
import type { TenantRecord } from '../../tenants/record.ts';

/** A control plane of a test file's own, so that it may count, break and drop tenants undisturbed. */
export type TestDatabase = {
  url: string;
  masterSecret: string;
  admin: pg.Client;
  connect: () => Promise<pg.Client>;
  /** A connection as the tenant's own role. */
  connectAs: (tenant: TenantRecord) => Promise<pg.Client>;
  drop: () => Promise<void>;
};

/** Creates a database on the test server with the control plane in it. */
export async function freshDatabase(): Promise<TestDatabase> {
  const masterSecret = inject('masterSecret');
  const server = await connectAdmin(inject('adminUrl'));
  const name = `tenants_${randomBytes(6).toString('hex')}`;
  await server.query(`CREATE DATABASE ${name} TEMPLATE ${inject('templateDatabase')}`);
  const url = new URL(inject('adminUrl'));
  url.pathname = `/${name}`;
  const connect = () => connectAdmin(url.href);
  const admin = await connect();
  await installControlPlane(admin, { databaseUrl: url.href, masterSecret });
  await routeTenants(admin, url);
  return {
    url: url.href,
    masterSecret,
    admin,
    connect,
    connectAs: async (tenant) => {
      const client = new pg.Client({ connectionString: psqlUrl(tenant, masterSecret) });
      client.on('error', () => {});
      await client.connect();
      return client;
    },
    drop: () => dropDatabase(server, admin, name),
  };
}

/** Leads tenants' homes through the pooler, where the suite runs behind one. */
async function routeTenants(admin: pg.Client, direct: URL): Promise<void> {
  const poolerPort = inject('poolerPort');
  if (poolerPort === undefined) return;
  const pooled = new URL(withoutCredentials(direct.href));
  pooled.port = String(poolerPort);
  await admin.query('UPDATE platform.clusters SET url = $1', [pooled.href]);
}

/** Roles belong to the whole server, so they are removed with the database that used them. */
async function dropDatabase(server: pg.Client, admin: pg.Client, name: string): Promise<void> {
  const { rows } = await admin.query<{ role_name: string }>('SELECT role_name FROM platform.tenants');
  await admin.end();
  await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
  for (const { role_name } of rows) await server.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role_name)}`);
  await server.end();
}

/** A slug that no other test file has: roles are shared by all databases of the server. */
export function newSlug(stem = 'test'): string {
  return `${stem}-${randomBytes(5).toString('hex')}`;
}

/** What of a slug is in the catalog and on the server. */
export async function tracesOf(admin: pg.Client, slug: string) {
  const { rows } = await admin.query<{ tenants: number; schemas: number; roles: number }>(
    `SELECT (SELECT count(*)::integer FROM platform.tenants WHERE slug = $1) AS tenants,
            (SELECT count(*)::integer FROM pg_namespace WHERE nspname = $2) AS schemas,
            (SELECT count(*)::integer FROM pg_roles WHERE rolname = $2) AS roles`,
    [slug, `tenant_${slug.replaceAll('-', '_')}`],
  );
  return rows[0];
}
