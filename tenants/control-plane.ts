import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { derivePassword, scramVerifier } from './credentials.ts';
import { sqlState, TenantError } from './error.ts';

const OLDEST_VERSION = 180_000;
const DIRECTORY = new URL('../db/platform/', import.meta.url);
const NEON_TENANT_LIMIT = 450;
const SERVER_TENANT_LIMIT = 5000;
const ATTEMPTS = 5;
/** Duplicate role, duplicate key, tuple concurrently updated. */
const COLLISIONS: ReadonlySet<string> = new Set(['42710', '23505', 'XX000']);

/** What the control plane is installed with. */
export type ControlPlaneOptions = {
  /** Of the control-plane database; credentials in it are dropped, since they are never stored. */
  databaseUrl: string;
  /** At least 32 bytes in hex. */
  masterSecret: string;
};

type PlatformMigration = { version: number; name: string; sha256: string; sql: string };

/**
 * Installs the control plane, or brings it up to date: roles, rights, schema `platform`, cluster `main`. Idempotent, and
 * two statements when there is nothing to do. The administrator needs CREATEROLE and CREATE on the database, no more.
 * @returns lines about what could not be had, to be shown to the operator
 * @throws TenantError for a server older than 18, a changed migration, or another master secret
 */
export async function installControlPlane(admin: pg.Client, options: ControlPlaneOptions): Promise<string[]> {
  const migrations = loadPlatformMigrations();
  const url = withoutCredentials(options.databaseUrl);
  const secretCheck = derivePassword(options.masterSecret, 'check', 1);
  if (await isUpToDate(admin, migrations, url, secretCheck)) return [];
  for (let attempt = 1; ; attempt++) {
    try {
      return await install(admin, migrations, { url, secretCheck, masterSecret: options.masterSecret });
    } catch (error) {
      // Roles are the whole server's, so an installation in another of its databases may have come first.
      if (attempt === ATTEMPTS || !COLLISIONS.has(sqlState(error) ?? '')) throw error;
    }
  }
}

async function install(
  admin: pg.Client,
  migrations: PlatformMigration[],
  { url, secretCheck, masterSecret }: { url: string; secretCheck: string; masterSecret: string },
): Promise<string[]> {
  await admin.query('BEGIN');
  try {
    await admin.query(`SELECT pg_advisory_xact_lock(hashtextextended('scp:platform', 0))`);
    await createRoles(admin, masterSecret);
    const warnings = await restrictPublic(admin);
    await applyMigrations(admin, migrations);
    await recordInstallation(admin, url, secretCheck);
    await admin.query('COMMIT');
    return warnings;
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** The same database without user and password: the form in which it is stored and given to the worker. */
export function withoutCredentials(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.username = '';
  url.password = '';
  return url.href;
}

function loadPlatformMigrations(): PlatformMigration[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, DIRECTORY), 'utf8');
      return {
        version: Number(file.slice(0, 4)),
        name: file,
        sha256: createHash('sha256').update(sql).digest('hex'),
        sql,
      };
    });
}

/** Refuses an old server; tells whether everything below has been done already by this very code and secret. */
async function isUpToDate(admin: pg.Client, migrations: PlatformMigration[], url: string, secretCheck: string) {
  const { rows } = await admin.query<{ version: number; installed: boolean }>(
    `SELECT current_setting('server_version_num')::integer AS version,
            to_regclass('platform.installation') IS NOT NULL AS installed`,
  );
  const version = rows[0]?.version ?? 0;
  if (version < OLDEST_VERSION) {
    const major = Math.floor(version / 10_000);
    throw new TenantError('failed', `PostgreSQL 18 or newer is needed; this server is ${major}.`);
  }
  if (!rows[0]?.installed) return false;
  const state = await admin.query<{ secret_check: string; url: string | null; applied: Record<string, string> }>(
    `SELECT i.secret_check,
            (SELECT c.url FROM platform.clusters AS c WHERE c.name = 'main') AS url,
            (SELECT jsonb_object_agg(m.version, m.sha256) FROM platform.schema_migrations AS m) AS applied
       FROM platform.installation AS i`,
  );
  const found = state.rows[0];
  if (found && found.secret_check !== secretCheck) {
    throw new TenantError('failed', 'MASTER_SECRET is not the one that this control plane was installed with.');
  }
  const isMigrated = migrations.every((migration) => found?.applied[migration.version] === migration.sha256);
  return isMigrated && found?.url === url;
}

async function createRoles(admin: pg.Client, masterSecret: string): Promise<void> {
  const { rows } = await admin.query<{ rolname: string }>(
    `SELECT rolname FROM pg_roles WHERE rolname IN ('scp_owner', 'scp_tenant', 'scp_gateway')`,
  );
  const existing = new Set(rows.map((row) => row.rolname));
  for (const role of ['scp_owner', 'scp_tenant']) {
    if (!existing.has(role)) await admin.query(`CREATE ROLE ${role} NOLOGIN`);
  }
  const verifier = pg.escapeLiteral(scramVerifier(derivePassword(masterSecret, 'gateway', 1)));
  await admin.query(`${existing.has('scp_gateway') ? 'ALTER' : 'CREATE'} ROLE scp_gateway LOGIN PASSWORD ${verifier};
    ALTER ROLE scp_gateway SET search_path = pg_catalog;
    ALTER ROLE scp_gateway SET statement_timeout = '5s';
    ALTER ROLE scp_gateway SET default_transaction_read_only = on`);
  // Who creates a role may administer it, but not yet act as it; a superuser may both.
  await admin.query(`DO $$
    BEGIN
      IF NOT (pg_has_role('scp_owner', 'SET') AND pg_has_role('scp_owner', 'USAGE')) THEN
        EXECUTE format('GRANT scp_owner TO %I WITH INHERIT TRUE, SET TRUE', current_user);
      END IF;
    END $$`);
}

/** Takes from PUBLIC what a new database gives to it. Only the database's owner can; anyone else is told what remains. */
async function restrictPublic(admin: pg.Client): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>('SELECT current_database() AS name');
  const database = pg.escapeIdentifier(rows[0]?.name ?? '');
  const statements = [
    `GRANT CONNECT ON DATABASE ${database} TO scp_tenant, scp_gateway`,
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`,
    'REVOKE ALL ON SCHEMA public FROM PUBLIC',
  ];
  for (const statement of statements) await tryStatement(admin, statement);
  const left = await admin.query<{ what: string }>(
    `SELECT format('%s on database %s', privilege, current_database()) AS what
       FROM unnest(ARRAY['CREATE', 'TEMPORARY']) AS privilege
      WHERE has_database_privilege('public', current_database(), privilege)
      UNION ALL
     SELECT 'CREATE on schema public'
      WHERE has_schema_privilege('public', 'public', 'CREATE')`,
  );
  return left.rows.map((row) => `PUBLIC keeps ${row.what}: only the owner of the database can revoke it.`);
}

/** Runs a statement that this administrator may lack the right to. */
async function tryStatement(admin: pg.Client, statement: string): Promise<void> {
  await admin.query('SAVEPOINT attempt');
  try {
    await admin.query(statement);
    await admin.query('RELEASE SAVEPOINT attempt');
  } catch (error) {
    if (sqlState(error) !== '42501' && sqlState(error) !== '3F000') throw error;
    await admin.query('ROLLBACK TO SAVEPOINT attempt');
  }
}

async function applyMigrations(admin: pg.Client, migrations: PlatformMigration[]): Promise<void> {
  await admin.query(`CREATE SCHEMA IF NOT EXISTS platform AUTHORIZATION scp_owner;
    SET LOCAL ROLE scp_owner;
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    CREATE TABLE IF NOT EXISTS platform.schema_migrations (
      version integer PRIMARY KEY,
      name text NOT NULL,
      sha256 text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
  const { rows } = await admin.query<{ version: number; sha256: string }>(
    'SELECT version, sha256 FROM platform.schema_migrations ORDER BY version',
  );
  const applied = new Map(rows.map((row) => [row.version, row.sha256]));
  const newest = Math.max(0, ...applied.keys());
  if (newest > migrations.length) {
    throw new TenantError('failed', `The control plane is at ${newest}, newer than this code.`);
  }
  for (const { version, name, sha256, sql } of migrations) {
    const known = applied.get(version);
    if (known === sha256) continue;
    if (known !== undefined) throw new TenantError('failed', `${name} was changed after it had been applied.`);
    await admin.query(sql);
    await admin.query('INSERT INTO platform.schema_migrations (version, name, sha256) VALUES ($1, $2, $3)', [
      version,
      name,
      sha256,
    ]);
  }
  await admin.query('SET LOCAL ROLE NONE');
}

async function recordInstallation(admin: pg.Client, url: string, secretCheck: string): Promise<void> {
  const isNeon = new URL(url).hostname.endsWith('.neon.tech');
  await admin.query('INSERT INTO platform.installation (secret_check) VALUES ($1) ON CONFLICT (only_row) DO NOTHING', [
    secretCheck,
  ]);
  await admin.query(
    `INSERT INTO platform.clusters (name, url, tenant_limit)
     VALUES ('main', $1, $2)
     ON CONFLICT (name) DO UPDATE SET url = EXCLUDED.url`,
    [url, isNeon ? NEON_TENANT_LIMIT : SERVER_TENANT_LIMIT],
  );
}
