import * as v from 'valibot';
import { TenantRecord } from './record.ts';
import { isSlug } from './slug.ts';

/** Runs one statement and answers its rows: the only thing asked of a database here, so that any driver will do. */
export type Query = (text: string, values: readonly (string | number)[]) => Promise<readonly unknown[]>;

/** What a host name means before the catalog is asked; `invalid` names no tenant and is never looked up. */
export type ParsedHost =
  | { kind: 'apex' }
  | { kind: 'slug'; slug: string }
  | { kind: 'domain'; host: string }
  | { kind: 'invalid' };

/** What a host name leads to. */
export type ResolvedHost = { kind: 'apex' } | { kind: 'tenant'; tenant: TenantRecord } | { kind: 'unknown' };

const LONGEST_HOST = 253;
const DNS_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]']);

const TENANT_COLUMNS = `t.id, t.slug, t.name, t.status, t.schema_name, t.role_name, t.key_version, t.schema_version,
       c.name AS cluster_name, c.url AS cluster_url, c.location_hint
  FROM platform.tenants AS t
  JOIN platform.clusters AS c ON c.name = t.cluster`;

const TenantRow = v.object({
  ...v.omit(TenantRecord, ['schema', 'role', 'cluster']).entries,
  schema_name: v.string(),
  role_name: v.string(),
  cluster_name: v.string(),
  cluster_url: v.string(),
  location_hint: v.nullable(v.string()),
});

function toRecord(row: unknown): TenantRecord {
  const { schema_name, role_name, cluster_name, cluster_url, location_hint, ...rest } = v.parse(TenantRow, row);
  return {
    ...rest,
    schema: schema_name,
    role: role_name,
    cluster: { name: cluster_name, url: cluster_url, location_hint },
  };
}

/** Lower case, without port and without the dot of an absolute name. */
function normalize(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');
}

/**
 * Tells what a `Host` header (or a URL's host) means under a base domain. Pure.
 * Loopback addresses are the apex, so that a probe without a name gets an answer.
 */
export function parseHost(host: string, baseDomain: string): ParsedHost {
  if (host.length > LONGEST_HOST + 7) return { kind: 'invalid' };
  const name = normalize(host);
  const base = normalize(baseDomain);
  if (name === base || name === `www.${base}` || LOOPBACK.has(name)) return { kind: 'apex' };
  if (name.endsWith(`.${base}`)) {
    const slug = name.slice(0, -base.length - 1);
    return isSlug(slug) ? { kind: 'slug', slug } : { kind: 'invalid' };
  }
  return name.length <= LONGEST_HOST && DNS_NAME.test(name) ? { kind: 'domain', host: name } : { kind: 'invalid' };
}

/** The tenant of a slug, or null. */
export async function tenantBySlug(query: Query, slug: string): Promise<TenantRecord | null> {
  const [row] = await query(`SELECT ${TENANT_COLUMNS}\n WHERE t.slug = $1`, [slug]);
  return row === undefined ? null : toRecord(row);
}

/** The tenant of an id, or null: read again when a home finds its record out of date (a rotated key, a new version). */
export async function tenantById(query: Query, id: string): Promise<TenantRecord | null> {
  const [row] = await query(`SELECT ${TENANT_COLUMNS}\n WHERE t.id = $1::uuid`, [id]);
  return row === undefined ? null : toRecord(row);
}

/** The active tenant after this one in the order of ids, or the first: at the same version, so that both know the same tables. */
export async function neighbourOf(query: Query, id: string, schemaVersion: number): Promise<TenantRecord | null> {
  const [row] = await query(
    `SELECT ${TENANT_COLUMNS}
 WHERE t.status = 'active' AND t.id <> $1::uuid AND t.schema_version = $2::integer
 ORDER BY t.id > $1::uuid DESC, t.id
 LIMIT 1`,
    [id, schemaVersion],
  );
  return row === undefined ? null : toRecord(row);
}

/** Finds what a host leads to, with at most one statement; hosts that cannot be a tenant's cost none. */
export async function resolveHost(query: Query, baseDomain: string, host: string): Promise<ResolvedHost> {
  const parsed = parseHost(host, baseDomain);
  if (parsed.kind === 'apex') return parsed;
  if (parsed.kind === 'invalid') return { kind: 'unknown' };
  const tenant =
    parsed.kind === 'slug' ? await tenantBySlug(query, parsed.slug) : await tenantByDomain(query, parsed.host);
  return tenant === null ? { kind: 'unknown' } : { kind: 'tenant', tenant };
}

async function tenantByDomain(query: Query, host: string): Promise<TenantRecord | null> {
  const [row] = await query(
    `SELECT ${TENANT_COLUMNS}\n  JOIN platform.domains AS d ON d.tenant_id = t.id\n WHERE d.host = $1 AND d.verified_at IS NOT NULL`,
    [host],
  );
  return row === undefined ? null : toRecord(row);
}

/** The active tenants that have work due, the longest waiting first. One statement, whatever the number of tenants. */
export async function dueTenants(query: Query, limit = 1000): Promise<TenantRecord[]> {
  const rows = await query(
    `SELECT ${TENANT_COLUMNS}
  JOIN (SELECT tenant_id, min(due_at) AS due_at
          FROM platform.wakes
         WHERE due_at <= now()
         GROUP BY tenant_id) AS w ON w.tenant_id = t.id
 WHERE t.status = 'active'
 ORDER BY w.due_at, t.id
 LIMIT $1::integer`,
    [limit],
  );
  return rows.map(toRecord);
}
