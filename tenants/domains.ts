import type pg from 'pg';
import { TenantError } from './error.ts';
import { parseHost } from './resolve.ts';
import { requireTenant } from './status.ts';

/** A host beside the subdomain. It leads to the tenant from `verified_at` on; until then it is nobody's. */
export type Domain = {
  host: string;
  /** What a TXT record of `_scp.<host>` must hold. */
  verification_token: string;
  /** RFC 3339 UTC. */
  created_at: string;
  verified_at: string | null;
};

type DomainRow = Omit<Domain, 'created_at' | 'verified_at'> & { created_at: Date; verified_at: Date | null };

const COLUMNS = 'host, verification_token, created_at, verified_at';

function toDomain(row: DomainRow): Domain {
  return { ...row, created_at: row.created_at.toISOString(), verified_at: row.verified_at?.toISOString() ?? null };
}

/** The host in its one spelling. @throws TenantError invalid: an address, a single word, or the platform's own domain */
export function customHost(text: string, baseDomain: string): string {
  const parsed = /:\d+$/.test(text) ? null : parseHost(text, baseDomain);
  if (parsed?.kind !== 'domain') {
    throw new TenantError(
      'invalid',
      'A custom domain is a full name like portal.example.org, outside the base domain.',
    );
  }
  return parsed.host;
}

/** The custom domains of a tenant, by name. @throws TenantError not_found */
export async function listDomains(admin: pg.Client, slug: string): Promise<Domain[]> {
  const tenant = await requireTenant(admin, slug);
  const { rows } = await admin.query<DomainRow>(
    `SELECT ${COLUMNS} FROM platform.domains WHERE tenant_id = $1 ORDER BY host`,
    [tenant.id],
  );
  return rows.map(toDomain);
}

/**
 * Records a host for a tenant; it leads nowhere before it is verified. Idempotent, the token stays.
 * @throws TenantError not_found; conflict when the host is another tenant's
 */
export async function addDomain(admin: pg.Client, slug: string, host: string): Promise<Domain> {
  const tenant = await requireTenant(admin, slug);
  // A host that was claimed and never confirmed holds up nobody: the newest claim gets a token of its own.
  const { rows } = await admin.query<DomainRow>(
    `INSERT INTO platform.domains AS d (host, tenant_id) VALUES ($1, $2)
     ON CONFLICT (host) DO UPDATE
       SET tenant_id = excluded.tenant_id,
           verification_token = CASE WHEN d.tenant_id = excluded.tenant_id THEN d.verification_token
                                     ELSE excluded.verification_token END,
           created_at = CASE WHEN d.tenant_id = excluded.tenant_id THEN d.created_at ELSE excluded.created_at END
     WHERE d.tenant_id = excluded.tenant_id OR d.verified_at IS NULL
     RETURNING ${COLUMNS}`,
    [host, tenant.id],
  );
  if (!rows[0]) throw new TenantError('conflict', `${host} is the domain of another tenant.`);
  return toDomain(rows[0]);
}

/** Opens the host, on the word of whoever has seen the record. Idempotent. @throws TenantError not_found */
export async function verifyDomain(admin: pg.Client, slug: string, host: string): Promise<Domain> {
  const tenant = await requireTenant(admin, slug);
  const { rows } = await admin.query<DomainRow>(
    `UPDATE platform.domains SET verified_at = coalesce(verified_at, now())
      WHERE host = $1 AND tenant_id = $2
      RETURNING ${COLUMNS}`,
    [host, tenant.id],
  );
  if (!rows[0]) throw new TenantError('not_found', `${host} is not a domain of "${slug}"; add it first.`);
  return toDomain(rows[0]);
}

/** Takes the host away; within 30 s it is nobody's. @throws TenantError not_found */
export async function removeDomain(admin: pg.Client, slug: string, host: string): Promise<void> {
  const tenant = await requireTenant(admin, slug);
  const { rowCount } = await admin.query('DELETE FROM platform.domains WHERE host = $1 AND tenant_id = $2', [
    host,
    tenant.id,
  ]);
  if (rowCount === 0) throw new TenantError('not_found', `${host} is not a domain of "${slug}".`);
}
