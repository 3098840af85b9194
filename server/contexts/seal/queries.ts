import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { chain, finding, horizon, seal, type Verification } from './schemas.ts';

const nothing = v.object({});
const stateRow = v.object({ seal, horizon });

/** How far the seal is. What waits for the horizon is what was recorded at or above the oldest transaction in flight. */
export function selectSeal(tx: CommonQueryMethods) {
  const age = (epoch: ReturnType<typeof sql.fragment>, xid: ReturnType<typeof sql.fragment>) => sql.fragment`(
    SELECT coalesce(round(extract(epoch FROM clock_timestamp() - min(o.recorded_at))), 0)::integer
    FROM (
      (SELECT j.recorded_at FROM transaction_journals j WHERE (j.epoch, j.xid) >= (${epoch}, ${xid}) ORDER BY j.epoch, j.xid LIMIT 1)
      UNION ALL
      (SELECT e.recorded_at FROM audit_events e WHERE (e.epoch, e.xid) >= (${epoch}, ${xid}) ORDER BY e.epoch, e.xid LIMIT 1)) o)`;
  return tx.one(sql.type(stateRow)`
    SELECT json_build_object('last_block', b.number, 'sealed_until', rfc3339(b.sealed_until),
        'lag_seconds', ${age(sql.fragment`coalesce(b.to_epoch, 0::smallint)`, sql.fragment`coalesce(b.to_xid, '0'::xid8)`)},
        'verified_at', rfc3339((SELECT max(n.verified_at) FROM ledger_verifications n))) AS seal,
      json_build_object('lag_seconds', ${age(sql.fragment`s.epoch`, sql.fragment`pg_snapshot_xmin(pg_current_snapshot())`)}) AS horizon
    FROM ledger_state s
    LEFT JOIN (SELECT * FROM seal_blocks ORDER BY number DESC LIMIT 1) b ON true`);
}

const chainRow = v.object({ chain });

/** The last blocks, the last verification, and the one that is queued or running. */
export async function selectChain(tx: CommonQueryMethods) {
  const row = await tx.one(sql.type(chainRow)`
    SELECT json_build_object(
      'blocks', (
        SELECT coalesce(json_agg(json_build_object('number', b.number, 'hash', encode(b.hash, 'hex'),
            'previous_hash', encode(b.previous_hash, 'hex'), 'journals', b.journals, 'events', b.events,
            'sealed_at', rfc3339(b.sealed_at), 'anchored_at', rfc3339(a.anchored_at)) ORDER BY b.number DESC), '[]')
        FROM (SELECT * FROM seal_blocks ORDER BY number DESC LIMIT 8) b
        LEFT JOIN LATERAL platform.anchors_between(b.number, b.number) a ON true),
      'verification', (
        SELECT json_build_object('last_block', n.last_block, 'head_hash', encode(n.head_hash, 'hex'), 'journals', n.journals,
          'events', n.events, 'erased', n.erased, 'problems', n.problems, 'findings', n.findings, 'verified_at', rfc3339(n.verified_at))
        FROM ledger_verifications n ORDER BY n.id DESC LIMIT 1),
      'running', (
        SELECT json_build_object('job_id', j.id, 'progress', j.progress)
        FROM jobs j
        WHERE j.operation = 'ledger.check' AND j.state IN ('queued', 'running') AND j.run_at <= now()
        ORDER BY j.run_at LIMIT 1)) AS chain`);
  return row.chain;
}

const sealRow = v.object({
  step: v.object({ block: v.nullable(v.number()), entries: v.number(), has_more: v.boolean() }),
});

export async function callSeal(tx: CommonQueryMethods) {
  const { step } = await tx.one(sql.type(sealRow)`SELECT seal_ledger() AS step`);
  return step;
}

export async function selectHead(tx: CommonQueryMethods): Promise<number> {
  return tx.oneFirst(
    sql.type(v.object({ head: v.number() }))`SELECT coalesce(max(number), 0) AS head FROM seal_blocks`,
  );
}

const findings = v.array(finding);
const blockRow = v.object({
  verified: v.object({
    hash: v.nullable(v.string()),
    journals: v.number(),
    events: v.number(),
    erased: v.number(),
    findings,
  }),
});

export async function callVerifyBlock(tx: CommonQueryMethods, number: number) {
  const { verified } = await tx.one(sql.type(blockRow)`SELECT verify_block(${number}) AS verified`);
  return verified;
}

export async function callVerifyOutside(tx: CommonQueryMethods) {
  const row = await tx.one(sql.type(v.object({ findings }))`SELECT verify_outside() AS findings`);
  return row.findings;
}

const stepRow = v.object({ step: v.object({ last: v.nullable(v.string()), findings }) });

/** Rows that belong to nothing. */
export async function callVerifyLoose(tx: CommonQueryMethods, part: string, after: string | null) {
  const { step } = await tx.one(sql.type(stepRow)`SELECT verify_loose(${part}, ${after}) AS step`);
  return step;
}

/** Folded sums against the lines. */
export async function callVerifyTotals(tx: CommonQueryMethods, after: string | null) {
  const { step } = await tx.one(sql.type(stepRow)`SELECT verify_totals(${after}) AS step`);
  return step;
}

export async function callKeepVerification(tx: CommonQueryMethods, verified: Verification): Promise<void> {
  await tx.query(sql.type(nothing)`SELECT keep_verification(${sql.jsonb(JSON.parse(JSON.stringify(verified)))})`);
}
