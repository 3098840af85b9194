import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import * as v from 'valibot';
import { derivePassword, hashSecret, newApiKey, newToken, scramVerifier } from './credentials.ts';
import { sqlState, TenantError } from './error.ts';
import type { TenantRecord } from './record.ts';
import { describeDrift, ensureReference } from './reference.ts';
import { loadRelease, mentions, type Release } from './release.ts';
import { tenantBySlug } from './resolve.ts';
import { roleName, Slug, schemaName } from './slug.ts';
import { ACT_AS_ADMIN, actAsOwner, creationSteps, inOneTrip, type TenantNames, withNames } from './statements.ts';

const LONGEST_NAME = 200;
const LONGEST_EMAIL = 254;

/** What a new tenant needs. Names and addresses are data: nothing in them is ever part of a statement. */
export type ProvisionOptions = {
  slug: string;
  name: string;
  ownerEmail: string;
  masterSecret: string;
  /** Also makes an API key for the owner; it is shown once. */
  withApiKey?: boolean;
  /** BCP 47; "en-US" by default. */
  locale?: string;
  /** IANA; "UTC" by default. */
  timeZone?: string;
  /** ISO 4217; "USD" by default. */
  currency?: string;
  /** What the schema is made of; this code's own release by default. */
  release?: Release;
};

/** The new tenant, and its secrets: kept only as hashes, so this is the one time to read them. */
export type ProvisionResult = { tenant: TenantRecord; invitationToken: string; apiKey?: string };

const Input = v.object({
  slug: Slug,
  name: v.pipe(
    v.string(),
    v.check((name) => isText(name) && name.trim().length > 0, 'A name has visible characters.'),
    v.maxLength(LONGEST_NAME, `A name has at most ${LONGEST_NAME} characters.`),
  ),
  ownerEmail: v.pipe(v.string(), v.email('The owner needs an e-mail address.'), v.maxLength(LONGEST_EMAIL)),
  locale: v.pipe(v.string(), v.check(isLocale, 'Unknown locale.')),
  timeZone: v.pipe(v.string(), v.check(isTimeZone, 'Unknown time zone.')),
  currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'A currency is an ISO 4217 code.')),
});
type Input = v.InferOutput<typeof Input>;

/**
 * Creates a tenant in one transaction: catalog row, role, schema, migrations, functions, rights, defaults. What is
 * there afterwards is compared with the release's fingerprint before the commit. Interrupted anywhere, it leaves nothing.
 * To create very many, renew the connection every 20 or so: the server's session keeps the plans of every tenant's
 * functions, each change of a catalog walks through all of them, and creation gets slower and slower.
 * @throws TenantError invalid (input), conflict (the slug is taken), failed
 */
export async function provisionTenant(admin: pg.Client, options: ProvisionOptions): Promise<ProvisionResult> {
  const input = parseInput(options);
  const names = { schema: schemaName(input.slug), role: roleName(input.slug) };
  const release = options.release ?? loadRelease();
  if (mentions(release, names.schema)) throw new TenantError('invalid', 'This slug is reserved.');
  const reference = await ensureReference(admin, release);
  const secrets = { invitationToken: newToken(), apiKey: options.withApiKey ? newApiKey() : null };

  await admin.query('BEGIN');
  try {
    const { id, transaction } = await insertTenant(admin, input, names);
    const verifier = scramVerifier(derivePassword(options.masterSecret, id, 1));
    await admin.query(`${inOneTrip(creationSteps(release, names, verifier))}\n;\n${actAsOwner(names)}`);
    await installDefaults(admin, names, { id, ...input }, secrets);
    await admin.query(ACT_AS_ADMIN);
    await finishTenant(admin, { id, transaction, names, release, reference });
    const tenant = await tenantBySlug(async (text, values) => (await admin.query(text, [...values])).rows, input.slug);
    if (tenant === null) throw new TenantError('failed', 'The new tenant is not in the catalog.');
    await admin.query('COMMIT');
    return { tenant, invitationToken: secrets.invitationToken, ...(secrets.apiKey && { apiKey: secrets.apiKey.key }) };
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {});
    throw explainTaken(error, input.slug);
  }
}

function parseInput(options: ProvisionOptions): Input {
  const parsed = v.safeParse(Input, { locale: 'en-US', timeZone: 'UTC', currency: 'USD', ...defined(options) });
  if (!parsed.success) throw new TenantError('invalid', parsed.issues[0].message);
  return parsed.output;
}

function defined(options: ProvisionOptions): Partial<ProvisionOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/**
 * Takes the slug. A second creation of the same slug waits here for the first, and then is a conflict.
 * @param input.id a tenant that was there before keeps its id, and is closed until somebody opens it
 */
export async function insertTenant(
  admin: pg.Client,
  input: { slug: string; name: string; id?: string },
  names: TenantNames,
): Promise<{ id: string; transaction: string }> {
  const { rows } = await admin.query<{ id: string; transaction: string }>(
    `INSERT INTO platform.tenants (id, slug, name, cluster, schema_name, role_name, status)
     SELECT coalesce($5::uuid, uuidv7()), $1, $2, c.name, $3, $4, CASE WHEN $5::uuid IS NULL THEN 'active' ELSE 'suspended' END
       FROM platform.clusters AS c
      WHERE c.name = 'main'
        AND c.tenant_limit > (SELECT count(*) FROM platform.tenants AS t WHERE t.cluster = c.name)
     RETURNING id, pg_current_xact_id()::text AS transaction`,
    [input.slug, input.name, names.schema, names.role, input.id ?? null],
  );
  if (!rows[0]) throw new TenantError('failed', 'The cluster has reached its number of tenants.');
  return rows[0];
}

async function installDefaults(
  admin: pg.Client,
  names: TenantNames,
  tenant: Input & { id: string },
  secrets: { invitationToken: string; apiKey: { hash: string; prefix: string } | null },
): Promise<void> {
  const defaults = {
    tenant_id: tenant.id,
    slug: tenant.slug,
    name: tenant.name,
    owner_email: tenant.ownerEmail,
    invitation_hash: hashSecret(secrets.invitationToken),
    currency: tenant.currency,
    time_zone: tenant.timeZone,
    locale: tenant.locale,
    api_key: secrets.apiKey && { hash: secrets.apiKey.hash, prefix: secrets.apiKey.prefix },
    request_id: randomUUID(),
  };
  await admin.query(withNames('SELECT {{schema}}.install_defaults($1::jsonb)', names), [JSON.stringify(defaults)]);
}

/** Compares what was made with the reference, records it, and wakes the tenant for the jobs of its defaults. */
export async function finishTenant(
  admin: pg.Client,
  made: { id: string; transaction: string; names: TenantNames; release: Release; reference: string },
): Promise<void> {
  const { rows } = await admin.query<{ fingerprint: string; transaction: string }>(
    `WITH wake AS (INSERT INTO platform.wakes (tenant_id, due_at) VALUES ($1, now()))
     UPDATE platform.tenants
        SET fingerprint = platform.schema_fingerprint(schema_name, role_name),
            schema_version = $2, functions_hash = $3, migrated_at = now()
      WHERE id = $1
     RETURNING fingerprint, pg_current_xact_id()::text AS transaction`,
    [made.id, made.release.version, made.release.functionsHash],
  );
  if (rows[0]?.transaction !== made.transaction) throw new Error('A migration ended the transaction of the creation.');
  if (rows[0]?.fingerprint === made.reference) return;
  const drift = await describeDrift(admin, made.release, made.names);
  throw new TenantError('failed', `The new schema is not what the release says: ${drift}`);
}

/** A taken slug, or a role or schema of that name left by something else, is a conflict; the rest is as it is. */
export function explainTaken(error: unknown, slug: string): unknown {
  const state = sqlState(error);
  const isTaken = state === '23505' && error instanceof Error && 'constraint' in error;
  if (isTaken && String(error.constraint).startsWith('tenants_')) {
    return new TenantError('conflict', `The slug "${slug}" is taken.`);
  }
  if (state === '42710' || state === '42P06' || (isTaken && String(error.constraint).startsWith('pg_'))) {
    return new TenantError('conflict', `A role or schema "${roleName(slug)}" exists already, outside the catalog.`);
  }
  return error;
}

/** Whether Postgres can store it and people can tell it from another: no NUL, no lone surrogate. */
function isText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function isLocale(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== undefined;
  } catch {
    return false;
  }
}
