import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import * as v from 'valibot';
import { derivePassword, scramVerifier } from '../credentials.ts';
import { TenantError } from '../error.ts';
import { explainTaken, finishTenant, insertTenant } from '../provision.ts';
import type { TenantRecord } from '../record.ts';
import { ensureReference } from '../reference.ts';
import { loadRelease, mentions, type Release } from '../release.ts';
import { roleName, Slug, schemaName } from '../slug.ts';
import { ACT_AS_ADMIN, actAsOwner, creationSteps, inOneTrip, type TenantNames, withNames } from '../statements.ts';
import { requireTenant } from '../status.ts';
import type { Anchors, Head } from './format.ts';
import { loadRows } from './load.ts';
import { readExport } from './reader.ts';
import { resealAll, type TenantSealer } from './reseal.ts';
import { type LedgerVerification, verifyRestored } from './verify-restored.ts';

export type RestoreOptions = {
  path: string;
  masterSecret: string;
  /** Of the installation that wrote the file, when it is another one. */
  sourceMasterSecret?: string;
  /** Another slug than the one in the file. */
  slug?: string;
  sealerOf: (masterSecret: string, tenantId: string) => TenantSealer;
  release?: Release;
  onPhase?: (phase: string) => void;
};

export type RestoreResult = {
  tenant: TenantRecord;
  exported: { slug: string; id: string; created_at: string; schema_version: number };
  rows: number;
  resealed: number;
  verification: LedgerVerification;
};

type Plan = TenantNames & {
  id: string;
  slug: string;
  head: Head;
  anchors: Anchors['anchors'];
  secret: string;
  release: Release;
  reference: string;
};

/**
 * Restores a tenant from an export. The whole file is verified before anything is written; the tenant then comes to be in
 * one transaction, closed, and is opened when its ledger was verified. Interrupted, it leaves nothing, or after the commit
 * a whole tenant that is closed.
 * @throws TenantError invalid (slug), conflict (the slug is taken), failed (the file, its version, its verification)
 */
export async function restoreTenant(admin: pg.Client, options: RestoreOptions): Promise<RestoreResult> {
  const plan = await planRestore(admin, options);
  options.onPhase?.('The file is whole; restoring it.');
  const loaded = await inTransaction(admin, plan, () => build(admin, plan, options));
  const closed = await requireTenant(admin, plan.slug);
  options.onPhase?.('Everything is loaded; verifying the ledger.');
  const verification = await verifyRestored(closed, options.masterSecret);
  const { created_at, schema_version, tenant } = plan.head;
  const exported = { slug: tenant.slug, id: tenant.id, created_at, schema_version };
  if (verification.problems > 0) return { tenant: closed, exported, ...loaded, verification };
  await admin.query(`UPDATE platform.tenants SET status = 'active', awaits_verification = false WHERE id = $1`, [
    plan.id,
  ]);
  return { tenant: { ...closed, status: 'active' }, exported, ...loaded, verification };
}

async function planRestore(admin: pg.Client, options: RestoreOptions): Promise<Plan> {
  const release = options.release ?? loadRelease();
  const secrets = [options.masterSecret, ...(options.sourceMasterSecret ? [options.sourceMasterSecret] : [])];
  let anchors: Anchors['anchors'] = [];
  const { head, secret } = await readExport(options.path, secrets, {
    head: (each) => refuseOtherVersion(each, release),
    anchors: (each) => {
      anchors = each;
    },
  });
  const slug = v.safeParse(Slug, options.slug ?? head.tenant.slug);
  if (!slug.success) throw new TenantError('invalid', slug.issues[0].message);
  const names = { schema: schemaName(slug.output), role: roleName(slug.output) };
  if (mentions(release, names.schema)) throw new TenantError('invalid', 'This slug is reserved.');
  const { rowCount } = await admin.query('SELECT FROM platform.tenants WHERE slug = $1', [slug.output]);
  if (rowCount) throw new TenantError('conflict', `The slug "${slug.output}" is taken.`);
  const reference = await ensureReference(admin, release);
  const id = (await mayKeepId(admin, head.tenant.id, anchors)) ? head.tenant.id : randomUUID();
  return { ...names, id, slug: slug.output, head, anchors, secret, release, reference };
}

/** Migrations that the file was written with must be this code's own; what this code has beyond them is run afterwards. */
function refuseOtherVersion(head: Head, release: Release): void {
  if (head.schema_version > release.version) {
    throw new TenantError(
      'failed',
      `The file is of version ${head.schema_version}, newer than this code (${release.version}): update the code first.`,
    );
  }
  const changed = head.migrations.findIndex((sha256, index) => release.migrations[index]?.sha256 !== sha256);
  if (changed !== -1 || head.migrations.length !== head.schema_version) {
    throw new TenantError('failed', `Migration ${changed + 1} of the file is not the one of this code.`);
  }
}

/** A tenant has its id again unless another has it, or blocks were anchored here that the file does not know. */
async function mayKeepId(admin: pg.Client, id: string, anchors: Anchors['anchors']): Promise<boolean> {
  const { rows } = await admin.query<{ is_free: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM platform.tenants AS t WHERE t.id = $1)
        AND NOT EXISTS (
          SELECT a.block, encode(a.hash, 'hex') FROM platform.anchors AS a WHERE a.tenant_id = $1
          EXCEPT
          SELECT f.block, f.hash FROM jsonb_to_recordset($2::jsonb) AS f (block integer, hash text)) AS is_free`,
    [id, JSON.stringify(anchors)],
  );
  return rows[0]?.is_free ?? false;
}

async function inTransaction<T>(admin: pg.Client, plan: Plan, work: () => Promise<T>): Promise<T> {
  await admin.query('BEGIN');
  try {
    const result = await work();
    await admin.query('COMMIT');
    return result;
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {});
    throw explainTaken(error, plan.slug);
  }
}

async function build(
  admin: pg.Client,
  plan: Plan,
  options: RestoreOptions,
): Promise<{ rows: number; resealed: number }> {
  const { id, slug, head, release, reference, schema, role } = plan;
  const { transaction } = await insertTenant(admin, { slug, name: head.tenant.name, id }, plan);
  await admin.query('UPDATE platform.tenants SET awaits_verification = true WHERE id = $1', [id]);
  await keepAnchors(admin, plan);
  const steps = creationSteps(release, plan, scramVerifier(derivePassword(options.masterSecret, id, 1)));
  // The first step makes schema and role; then come the migrations that the file knows, its rows, and all the rest.
  await admin.query(inOneTrip(steps.slice(0, 1 + head.schema_version)));
  const loaded = await loadRows(admin, { path: options.path, secret: plan.secret, schema });
  if (JSON.stringify(loaded.head) !== JSON.stringify(head)) {
    throw new TenantError('failed', 'The file became another one while it was restored.');
  }
  const isSealedFor = plan.secret === options.masterSecret && id === head.tenant.id;
  const resealed = isSealedFor
    ? 0
    : await resealAll(admin, options.sealerOf(plan.secret, head.tenant.id), options.sealerOf(options.masterSecret, id));
  await admin.query(`${inOneTrip(steps.slice(1 + head.schema_version))}\n;\n${actAsOwner(plan)}`);
  const input = { tenant_id: id, slug, exported_at: head.created_at, request_id: randomUUID() };
  await admin.query(withNames('SELECT {{schema}}.begin_restored($1::jsonb)', plan), [JSON.stringify(input)]);
  await admin.query(ACT_AS_ADMIN);
  await finishTenant(admin, { id, transaction, names: { schema, role }, release, reference });
  return { rows: loaded.rows, resealed };
}

async function keepAnchors(admin: pg.Client, plan: Plan): Promise<void> {
  await admin.query(
    `INSERT INTO platform.anchors (tenant_id, block, hash, anchored_at)
     SELECT $1, f.block, decode(f.hash, 'hex'), f.anchored_at
       FROM jsonb_to_recordset($2::jsonb) AS f (block integer, hash text, anchored_at timestamptz)
     ON CONFLICT DO NOTHING`,
    [plan.id, JSON.stringify(plan.anchors)],
  );
}
