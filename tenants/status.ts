import pg from 'pg';
import { TenantError } from './error.ts';
import type { TenantRecord } from './record.ts';
import { tenantBySlug } from './resolve.ts';

/** The tenant of a slug. @throws TenantError not_found */
export async function requireTenant(admin: pg.Client, slug: string): Promise<TenantRecord> {
  const tenant = await tenantBySlug(async (text, values) => (await admin.query(text, [...values])).rows, slug);
  if (tenant === null) throw new TenantError('not_found', `There is no tenant "${slug}".`);
  return tenant;
}

/** Closes a tenant's portal and API; its data stays. Takes effect within the 30 s of the host cache. Idempotent. */
export async function suspendTenant(admin: pg.Client, slug: string): Promise<TenantRecord> {
  await admin.query(`UPDATE platform.tenants SET status = 'suspended' WHERE slug = $1`, [slug]);
  return requireTenant(admin, slug);
}

/**
 * Opens a suspended tenant again. Idempotent.
 * @throws TenantError failed when its schema is no longer what was recorded (a drop that was interrupted half-way), or it was
 * restored and its ledger not verified
 */
export async function resumeTenant(admin: pg.Client, slug: string): Promise<TenantRecord> {
  const tenant = await requireTenant(admin, slug);
  const { rows } = await admin.query<{ is_whole: boolean; awaits_verification: boolean }>(
    `SELECT fingerprint = platform.schema_fingerprint(schema_name, role_name) AS is_whole, awaits_verification
       FROM platform.tenants
      WHERE id = $1`,
    [tenant.id],
  );
  if (!rows[0]?.is_whole) {
    throw new TenantError('failed', `The schema of "${slug}" is not what was recorded; see tenant:migrate --verify.`);
  }
  if (rows[0].awaits_verification) {
    throw new TenantError(
      'failed',
      `"${slug}" was restored, and its ledger was not verified, or not found right: drop it, and restore the file again.`,
    );
  }
  await admin.query('BEGIN');
  try {
    // An interrupted drop has taken the login away.
    await admin.query(`ALTER ROLE ${pg.escapeIdentifier(tenant.role)} LOGIN`);
    await admin.query(`UPDATE platform.tenants SET status = 'active' WHERE id = $1`, [tenant.id]);
    await admin.query('COMMIT');
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {});
    throw error;
  }
  return { ...tenant, status: 'active' };
}
