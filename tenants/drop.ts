import type pg from 'pg';
import { TenantError } from './error.ts';
import type { TenantRecord } from './record.ts';
import { withNames } from './statements.ts';
import { requireTenant } from './status.ts';

const TERMINATION_ROUNDS = 20;
/** Each table costs a handful of locks, and all locks of a transaction must fit into the server's lock table. */
const TABLES_PER_TRANSACTION = 400;

/**
 * Removes a tenant for good: login and connections first, then schema, role and catalog row in one transaction.
 * Interrupted, it leaves a suspended tenant, and running it again finishes.
 * @throws TenantError not_found; failed when connections of the tenant will not end
 */
export async function dropTenant(
  admin: pg.Client,
  slug: string,
  tablesPerTransaction = TABLES_PER_TRANSACTION,
): Promise<TenantRecord> {
  const tenant = await requireTenant(admin, slug);
  await inTransaction(admin, () => closeLogin(admin, tenant));
  await endConnections(admin, tenant);
  while (await hasMoreTables(admin, tenant, tablesPerTransaction)) {
    await inTransaction(admin, () => dropSomeTables(admin, tenant, tablesPerTransaction));
  }
  await inTransaction(admin, () => removeAll(admin, tenant));
  return tenant;
}

async function inTransaction(admin: pg.Client, work: () => Promise<void>): Promise<void> {
  await admin.query('BEGIN');
  try {
    await work();
    await admin.query('COMMIT');
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function closeLogin(admin: pg.Client, tenant: TenantRecord): Promise<void> {
  await admin.query(`UPDATE platform.tenants SET status = 'suspended' WHERE id = $1`, [tenant.id]);
  await admin.query(withNames('ALTER ROLE {{role}} NOLOGIN', tenant));
  // Ending a role's connections takes its membership, which a superuser need not have.
  await admin.query(
    withNames(
      `DO $$ BEGIN
         IF NOT pg_has_role('{{role}}'::regrole, 'USAGE') THEN
           EXECUTE format('GRANT {{role}} TO %I WITH INHERIT TRUE', current_user);
         END IF;
       END $$`,
      tenant,
    ),
  );
}

async function endConnections(admin: pg.Client, tenant: TenantRecord): Promise<void> {
  for (let round = 0; round < TERMINATION_ROUNDS; round++) {
    const { rowCount } = await admin.query(
      'SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE usename = $1',
      [tenant.role],
    );
    if (rowCount === 0) return;
  }
  throw new TenantError('failed', `Connections of "${tenant.slug}" do not end.`);
}

async function hasMoreTables(admin: pg.Client, tenant: TenantRecord, limit: number): Promise<boolean> {
  const { rows } = await admin.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM pg_tables WHERE schemaname = $1',
    [tenant.schema],
  );
  return (rows[0]?.count ?? 0) > limit;
}

async function dropSomeTables(admin: pg.Client, tenant: TenantRecord, limit: number): Promise<void> {
  const { rows } = await admin.query<{ statement: string }>(
    `SELECT format('DROP TABLE IF EXISTS %s CASCADE', string_agg(format('%I.%I', schemaname, tablename), ', ')) AS statement
       FROM (SELECT schemaname, tablename FROM pg_tables WHERE schemaname = $1 ORDER BY tablename LIMIT $2) AS batch`,
    [tenant.schema, limit],
  );
  if (rows[0]) await admin.query(rows[0].statement);
}

async function removeAll(admin: pg.Client, tenant: TenantRecord): Promise<void> {
  await admin.query(`SELECT pg_advisory_xact_lock(hashtextextended('scp:tenant:' || $1, 0))`, [tenant.id]);
  await admin.query(
    withNames('DROP SCHEMA IF EXISTS {{schema}} CASCADE; DROP OWNED BY {{role}}; DROP ROLE {{role}}', tenant),
  );
  await admin.query('DELETE FROM platform.wakes WHERE tenant_id = $1', [tenant.id]);
  await admin.query('DELETE FROM platform.tenants WHERE id = $1', [tenant.id]);
}
