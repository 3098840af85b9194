import type pg from 'pg';
import type { TenantRecord } from './record.ts';

/** A tenant as an operator sees it in a list. */
export type ListedTenant = Pick<
  TenantRecord,
  'id' | 'slug' | 'name' | 'status' | 'schema' | 'role' | 'schema_version'
> & {
  cluster: string;
  /** RFC 3339 UTC. */
  created_at: string;
};

/** All tenants of the catalog, oldest first. */
export async function listTenants(admin: pg.Client): Promise<ListedTenant[]> {
  const { rows } = await admin.query<Omit<ListedTenant, 'created_at'> & { created_at: Date }>(
    `SELECT id, slug, name, status, schema_name AS schema, role_name AS role, schema_version, cluster, created_at
       FROM platform.tenants
      ORDER BY id`,
  );
  return rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() }));
}
