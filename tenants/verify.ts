import type pg from 'pg';
import { TenantError } from './error.ts';
import { describeDrift } from './reference.ts';
import type { TenantNames } from './statements.ts';

/** What an observation of all tenants found. */
export type VerifyResult = { verified: number; drifted: { slug: string; reason: string }[] };

type Row = TenantNames & {
  slug: string;
  version: number;
  functionsHash: string;
  expected: string | null;
  recorded: string | null;
};

/**
 * Observes the catalog of every tenant (or of one) anew, and compares it with what was recorded and with its release.
 * Changes nothing.
 * @throws TenantError not_found when `slug` names no tenant
 */
export async function verifyFleet(
  admin: pg.Client,
  options: { slug?: string; onProgress?: (progress: { slug: string; done: number; total: number }) => void } = {},
): Promise<VerifyResult> {
  const { rows } = await admin.query<Row>(
    `SELECT t.slug, t.schema_name AS schema, t.role_name AS role, t.schema_version AS version,
            t.functions_hash AS "functionsHash", t.fingerprint AS recorded, r.fingerprint AS expected
       FROM platform.tenants AS t
       LEFT JOIN platform.releases AS r
         ON r.schema_version = t.schema_version AND r.functions_hash = t.functions_hash
      WHERE t.slug = coalesce($1, t.slug)
      ORDER BY t.id`,
    [options.slug ?? null],
  );
  if (options.slug !== undefined && rows.length === 0) {
    throw new TenantError('not_found', `There is no tenant "${options.slug}".`);
  }
  const result: VerifyResult = { verified: 0, drifted: [] };
  for (const tenant of rows) {
    const reason = await driftOf(admin, tenant);
    if (reason === undefined) result.verified += 1;
    else result.drifted.push({ slug: tenant.slug, reason });
    options.onProgress?.({ slug: tenant.slug, done: result.verified + result.drifted.length, total: rows.length });
  }
  return result;
}

async function driftOf(admin: pg.Client, tenant: Row): Promise<string | undefined> {
  const { rows } = await admin.query<{ observed: string }>('SELECT platform.schema_fingerprint($1, $2) AS observed', [
    tenant.schema,
    tenant.role,
  ]);
  const observed = rows[0]?.observed;
  if (tenant.expected === null) return 'Its release is not recorded.';
  if (observed !== tenant.expected) return describeDrift(admin, tenant, tenant);
  return observed === tenant.recorded ? undefined : 'The recorded fingerprint is another one.';
}
