import type pg from 'pg';
import { sqlState, TenantError } from './error.ts';
import { describeDrift, ensureReference } from './reference.ts';
import { loadRelease, type Release, ROLE_SETTINGS } from './release.ts';
import {
  ACT_AS_ADMIN,
  actAsOwner,
  functionSteps,
  inOneTrip,
  migrationSteps,
  revokeStep,
  type TenantNames,
  withNames,
} from './statements.ts';

const ATTEMPTS = 4;
const BACK_OFF_MS = 300;
/** A session remembers every table it has seen and every plan it has made, and grows slower with each tenant. */
const TENANTS_PER_CONNECTION = 20;
/** Busy tables, deadlocks, and another migration of the same tenant: worth another try. */
const PASSING_STATES: ReadonlySet<string> = new Set(['55P03', '40P01', '40001']);

/** How a fleet migration stands; `failed` says why, tenant by tenant. */
export type FleetResult = { version: number; migrated: string[]; failed: { slug: string; reason: string }[] };

/** What to migrate, and how. */
export type FleetOptions = {
  /** A new connection of the administrator, for each worker. */
  connect: () => Promise<pg.Client>;
  /** Only this tenant. */
  slug?: string;
  /** Workers at once; 4 by default. */
  parallel?: number;
  /** The release to reach; this code's own by default. */
  release?: Release;
  /** Called after each tenant. */
  onProgress?: (progress: { slug: string; done: number; total: number; reason?: string }) => void;
};

type Pending = TenantNames & { id: string; slug: string };

/**
 * Brings all tenants to a release, each in a transaction of its own, so that it may be interrupted anywhere and run
 * again. Finding that nothing is to be done is one query. A tenant's failure does not stop the others.
 * @throws TenantError not_found when `slug` names no tenant
 */
export async function migrateFleet(options: FleetOptions): Promise<FleetResult> {
  const release = options.release ?? loadRelease();
  const result: FleetResult = { version: release.version, migrated: [], failed: [] };
  const first = await options.connect();
  try {
    const pending = await findPending(first, release, options.slug);
    if (pending.length === 0) return result;
    const reference = await ensureReference(first, release);
    const queue = pending.values();
    const workers = Math.max(1, Math.min(options.parallel ?? 4, pending.length));
    await Promise.all(
      Array.from({ length: workers }, () =>
        work(queue, options.connect, async (client, tenant) => {
          const reason = await attempt(client, tenant, release, reference);
          if (reason === undefined) result.migrated.push(tenant.slug);
          else result.failed.push({ slug: tenant.slug, reason });
          const done = result.migrated.length + result.failed.length;
          options.onProgress?.({ slug: tenant.slug, done, total: pending.length, reason });
        }),
      ),
    );
    return result;
  } finally {
    await first.end().catch(() => {});
  }
}

/** The tenants that are not at the release with the fingerprint it must have. */
async function findPending(admin: pg.Client, release: Release, slug?: string): Promise<Pending[]> {
  const { rows } = await admin.query<Pending & { is_current: boolean }>(
    `SELECT t.id, t.slug, t.schema_name AS schema, t.role_name AS role, (r.fingerprint IS NOT NULL) AS is_current
       FROM platform.tenants AS t
       LEFT JOIN platform.releases AS r
         ON r.schema_version = $1 AND r.functions_hash = $2
        AND r.schema_version = t.schema_version AND r.functions_hash = t.functions_hash AND r.fingerprint = t.fingerprint
        AND starts_with(r.fingerprint, format('pg%s-', current_setting('server_version_num')::integer / 10000))
      WHERE t.slug = coalesce($3, t.slug)
        AND ($3 IS NOT NULL OR r.fingerprint IS NULL)
      ORDER BY t.id`,
    [release.version, release.functionsHash, slug ?? null],
  );
  if (slug !== undefined && rows.length === 0) throw new TenantError('not_found', `There is no tenant "${slug}".`);
  return rows.filter((row) => !row.is_current);
}

/** Takes tenants from the shared queue until it is empty, over a connection that is renewed, also when it breaks. */
async function work<T>(
  queue: Iterator<T> & Iterable<T>,
  connect: () => Promise<pg.Client>,
  handle: (client: () => Promise<pg.Client>, item: T) => Promise<void>,
): Promise<void> {
  let client: pg.Client | undefined;
  const current = async () => {
    if (client) return client;
    const opened = await connect();
    opened.once('end', () => {
      client = undefined;
    });
    client = opened;
    return opened;
  };
  try {
    let served = 0;
    for (const item of queue) {
      await handle(current, item);
      served += 1;
      if (served % TENANTS_PER_CONNECTION === 0) await client?.end().catch(() => {});
    }
  } finally {
    await client?.end().catch(() => {});
  }
}

/** Migrates one tenant, again if something passing was in the way. Answers the reason of a failure. */
async function attempt(
  client: () => Promise<pg.Client>,
  tenant: Pending,
  release: Release,
  reference: string,
): Promise<string | undefined> {
  for (let count = 1; ; count++) {
    try {
      await migrateTenant(await client(), tenant, release, reference);
      return undefined;
    } catch (error) {
      if (count === ATTEMPTS || !PASSING_STATES.has(sqlState(error) ?? '')) {
        return error instanceof Error ? error.message : String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, BACK_OFF_MS * count));
    }
  }
}

/**
 * Brings one tenant to a release, in one transaction. Afterwards its catalog is observed, and must be the release's
 * reference to the letter: a step that was recorded but not done, or done differently, fails here and changes nothing.
 */
export async function migrateTenant(admin: pg.Client, tenant: Pending, release: Release, reference: string) {
  await admin.query('BEGIN');
  try {
    await admin.query(`SET LOCAL lock_timeout = '5s'`);
    const transaction = await lockTenant(admin, tenant);
    const steps = await stepsOf(admin, tenant, release);
    if (steps !== '') await admin.query(`${actAsOwner(tenant)};\n${steps}`);
    await record(admin, tenant, release, reference, transaction);
    await admin.query('COMMIT');
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** One migration of a tenant at a time, and none while it is being dropped. */
async function lockTenant(admin: pg.Client, tenant: Pending): Promise<string> {
  const { rows } = await admin.query<{ transaction: string }>(
    `SELECT pg_current_xact_id()::text AS transaction
       FROM pg_advisory_xact_lock(hashtextextended('scp:tenant:' || $1, 0))`,
    [tenant.id],
  );
  return rows[0]?.transaction ?? '';
}

/** What this tenant still lacks, as SQL; empty when only the observation is missing. */
async function stepsOf(admin: pg.Client, tenant: Pending, release: Release): Promise<string> {
  const { rows } = await admin.query<{ version: number; name: string; sha256: string; functions_hash: string | null }>(
    withNames(
      `SELECT m.version, m.name, m.sha256, t.functions_hash
         FROM platform.tenants AS t
         LEFT JOIN {{schema}}.schema_migrations AS m ON true
        WHERE t.id = $1
        ORDER BY m.version`,
      tenant,
    ),
    [tenant.id],
  );
  if (rows.length === 0) throw new TenantError('not_found', 'The tenant is gone.');
  const applied = rows.filter((row) => row.version !== null);
  if (applied.length > release.version) throw new TenantError('failed', 'The schema is newer than this code.');
  applied.forEach((row, index) => {
    const known = release.migrations[index];
    if (row.version !== index + 1) throw new TenantError('failed', `Migration ${index + 1} was skipped.`);
    if (row.sha256 !== known?.sha256) throw new TenantError('failed', `${row.name} was changed after it was applied.`);
  });
  const pending = release.migrations.slice(applied.length);
  if (pending.length === 0 && rows[0]?.functions_hash === release.functionsHash) return '';
  return inOneTrip([
    ...migrationSteps(pending, tenant),
    revokeStep(tenant),
    ...functionSteps(release, tenant),
    {
      name: 'role settings',
      sql: `${ACT_AS_ADMIN};
${withNames(ROLE_SETTINGS, tenant)}`,
    },
  ]);
}

async function record(
  admin: pg.Client,
  tenant: Pending,
  release: Release,
  reference: string,
  transaction: string,
): Promise<void> {
  const { rows } = await admin.query<{ fingerprint: string; transaction: string }>(
    `WITH wake AS (INSERT INTO platform.wakes (tenant_id, due_at) VALUES ($1, now()))
     UPDATE platform.tenants
        SET schema_version = $2, functions_hash = $3, migrated_at = now(),
            fingerprint = platform.schema_fingerprint(schema_name, role_name)
      WHERE id = $1
     RETURNING fingerprint, pg_current_xact_id()::text AS transaction`,
    [tenant.id, release.version, release.functionsHash],
  );
  if (rows[0]?.transaction !== transaction) throw new TenantError('failed', 'A migration ended its own transaction.');
  if (rows[0]?.fingerprint === reference) return;
  const drift = await describeDrift(admin, release, tenant);
  throw new TenantError('failed', `The schema is not what the release says: ${drift}`);
}
