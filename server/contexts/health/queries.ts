import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { jobFigures, type Probe, probe } from './schemas.ts';

const nothing = v.object({});

/** Whose a connection is, by what only the database can know, and the canaries that it sees. */
export const identity = v.object({
  role: v.string(),
  schema: v.nullable(v.string()),
  tenant_id: v.string(),
  canaries: v.array(v.object({ tenant_id: v.string(), token: v.string() })),
});
export type Identity = v.InferOutput<typeof identity>;

export function selectIdentity(tx: CommonQueryMethods): Promise<Identity> {
  return tx.one(sql.type(identity)`
    SELECT session_user::text AS role, current_schema()::text AS schema, t.id AS tenant_id,
      (SELECT coalesce(json_agg(json_build_object('tenant_id', c.tenant_id, 'token', c.token)), '[]')
       FROM isolation_canaries c) AS canaries
    FROM tenant t`);
}

export async function writeCanary(tx: CommonQueryMethods, tenantId: string, token: string): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO isolation_canaries (tenant_id, token) VALUES (${tenantId}, ${token})
    ON CONFLICT (tenant_id) DO UPDATE SET token = excluded.token, written_at = now()`);
}

const schemaRow = v.object({ schema: v.string(), is_open: v.boolean() });

/** Schemas of other tenants on this server: those that are open to this login first, else a few by chance. */
export function selectOtherSchemas(tx: CommonQueryMethods, limit: number) {
  return tx.any(sql.type(schemaRow)`
    SELECT n.nspname::text AS schema, has_schema_privilege(n.oid, 'USAGE') AS is_open
    FROM pg_namespace n
    WHERE n.nspname LIKE 'tenant\\_%' AND n.nspname <> current_schema()
    ORDER BY 2 DESC, random()
    LIMIT ${limit}`);
}

export async function readCanariesOf(tx: CommonQueryMethods, schema: string): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT FROM ${sql.identifier([schema, 'isolation_canaries'])}`);
}

export async function insertProbe(tx: CommonQueryMethods, kept: Omit<Probe, 'id' | 'probed_at'>): Promise<Probe> {
  return tx.one(sql.type(probe)`
    INSERT INTO isolation_probes (own_reads, neighbour_reads, refused_schemas, findings)
    VALUES (${kept.own_reads}, ${kept.neighbour_reads}, ${kept.refused_schemas}, ${sql.array(kept.findings, 'text')})
    RETURNING id, probed_at, own_reads, neighbour_reads, refused_schemas, findings`);
}

/** The last probe; null before the first, and while the tenant has yet to be migrated. */
export async function selectLastProbe(tx: CommonQueryMethods): Promise<Probe | null> {
  const isThere = await tx.oneFirst(
    sql.type(v.object({ is_there: v.boolean() }))`SELECT to_regclass('isolation_probes') IS NOT NULL AS is_there`,
  );
  return isThere
    ? tx.maybeOne(sql.type(probe)`
        SELECT id, probed_at, own_reads, neighbour_reads, refused_schemas, findings
        FROM isolation_probes ORDER BY id DESC LIMIT 1`)
    : null;
}

export function selectJobFigures(tx: CommonQueryMethods) {
  return tx.one(sql.type(jobFigures)`
    SELECT count(*) FILTER (WHERE state = 'queued')::integer AS queued,
      count(*) FILTER (WHERE state = 'running')::integer AS running,
      count(*) FILTER (WHERE state = 'dead')::integer AS dead,
      coalesce(greatest(0, round(extract(epoch FROM now() - min(run_at) FILTER (WHERE state = 'queued')))), 0)::integer AS lag_seconds
    FROM jobs WHERE state <> 'succeeded'`);
}

export function countWaitingMail(tx: CommonQueryMethods) {
  return tx.oneFirst(sql.type(v.object({ waiting: v.number() }))`
    SELECT count(*)::integer AS waiting FROM outbox WHERE delivered_at IS NULL AND topic = 'mail' AND expires_at > now()`);
}

export async function selectOne(tx: CommonQueryMethods): Promise<void> {
  await tx.query(sql.type(v.object({ one: v.number() }))`SELECT 1 AS one`);
}
