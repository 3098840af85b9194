import type pg from 'pg';
import { scramVerifier } from './credentials.ts';
import { TenantError } from './error.ts';
import type { Release } from './release.ts';
import { creationSteps, type Step, type TenantNames } from './statements.ts';

const REFERENCE: TenantNames = { schema: 'scp_reference', role: 'scp_reference' };
const SHOWN_DIFFERENCES = 5;

/**
 * The fingerprint that every tenant of the release must have, recorded in platform.releases. When it is not there yet
 * (or was recorded under another major version of the server), it is observed on a throw-away schema and role that are
 * built and rolled back. Commits only the record.
 */
export async function ensureReference(admin: pg.Client, release: Release): Promise<string> {
  const known = await recordedReference(admin, release);
  if (known !== null) return known;
  await admin.query('BEGIN');
  try {
    await admin.query(`SELECT pg_advisory_xact_lock(hashtextextended('scp:reference', 0))`);
    const fingerprint = (await recordedReference(admin, release)) ?? (await buildReference(admin, release));
    await admin.query('COMMIT');
    return fingerprint;
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function recordedReference(admin: pg.Client, release: Release): Promise<string | null> {
  const { rows } = await admin.query<{ fingerprint: string }>(
    `SELECT fingerprint
       FROM platform.releases
      WHERE schema_version = $1 AND functions_hash = $2
        AND starts_with(fingerprint, format('pg%s-', current_setting('server_version_num')::integer / 10000))`,
    [release.version, release.functionsHash],
  );
  return rows[0]?.fingerprint ?? null;
}

async function buildReference(admin: pg.Client, release: Release): Promise<string> {
  await admin.query('SAVEPOINT reference');
  const steps = creationSteps(release, REFERENCE, scramVerifier('never used'));
  for (const step of steps) await runStep(admin, step);
  const { rows } = await admin.query<{ description: string[] }>(
    'SELECT array_agg(line ORDER BY line) AS description FROM platform.schema_description($1, $2) AS line',
    [REFERENCE.schema, REFERENCE.role],
  );
  await admin.query('ROLLBACK TO SAVEPOINT reference');
  const recorded = await admin.query<{ fingerprint: string }>(
    `INSERT INTO platform.releases (schema_version, functions_hash, fingerprint, description)
     VALUES ($1, $2, platform.description_fingerprint($3::text[]), $3::text[])
     ON CONFLICT (schema_version, functions_hash)
     DO UPDATE SET fingerprint = EXCLUDED.fingerprint, description = EXCLUDED.description, recorded_at = now()
     RETURNING fingerprint`,
    [release.version, release.functionsHash, rows[0]?.description],
  );
  const fingerprint = recorded.rows[0]?.fingerprint;
  if (fingerprint === undefined) throw new TenantError('failed', 'The reference fingerprint could not be recorded.');
  return fingerprint;
}

/** A mistake in the release's SQL shows here first, so here it is told with the name of its file. */
async function runStep(admin: pg.Client, { name, sql }: Step): Promise<void> {
  try {
    await admin.query(sql);
    await admin.query('SET LOCAL check_function_bodies = on');
  } catch (error) {
    throw new TenantError('failed', `${name}: ${error instanceof Error ? error.message : error}`);
  }
}

/** How a tenant's catalog differs from a release's reference, in a few words; "no difference" when it does not. */
export async function describeDrift(
  admin: pg.Client,
  release: Pick<Release, 'version' | 'functionsHash'>,
  names: TenantNames,
): Promise<string> {
  const { rows } = await admin.query<{ difference: string }>(
    `WITH expected AS (
       SELECT unnest(description) AS line
         FROM platform.releases
        WHERE schema_version = $1 AND functions_hash = $2
     ), observed AS (
       SELECT platform.schema_description($3, $4) AS line
     )
     SELECT 'missing: ' || line AS difference FROM (TABLE expected EXCEPT ALL TABLE observed) AS m
      UNION ALL
     SELECT 'unexpected: ' || line FROM (TABLE observed EXCEPT ALL TABLE expected) AS u
      ORDER BY difference`,
    [release.version, release.functionsHash, names.schema, names.role],
  );
  if (rows.length === 0) return 'no difference';
  const shown = rows.slice(0, SHOWN_DIFFERENCES).map((row) => shorten(row.difference));
  const more = rows.length > SHOWN_DIFFERENCES ? [`and ${rows.length - SHOWN_DIFFERENCES} more`] : [];
  return [...shown, ...more].join('; ');
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
