import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { hashSecret } from '../../../tenants/credentials.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope, listPage } from '../../operations/list.ts';
import { type eventListInput, impersonation, impersonationEvent, type impersonationListInput } from './schemas.ts';

const nothing = v.object({});
const idRow = v.object({ id: v.string() });
const uuids = (ids: readonly string[]) => sql.array([...ids], 'uuid');

const targetRow = v.object({
  id: v.string(),
  name: v.string(),
  email: v.string(),
  status: v.string(),
  is_merchant_staff: v.boolean(),
  merchant_org_ids: v.array(v.string()),
  merchant_ids: v.array(v.string()),
});

/** Until the transaction ends nobody gives these people roles, or another status. */
export async function lockPeople(tx: CommonQueryMethods, ids: readonly string[]): Promise<void> {
  await tx.any(sql.type(idRow)`SELECT u.id FROM users u WHERE u.id = ANY(${uuids(ids)}) ORDER BY u.id FOR UPDATE`);
}

/** Somebody with a role in scope, and where their roles hold. Merchant staff hold none for the whole tenant. */
export function selectTarget(tx: CommonQueryMethods, scope: Scope, id: string) {
  const visible = inScope(
    scope,
    sql.fragment`coalesce(a.merchant_org_id, m.merchant_org_id)`,
    sql.fragment`a.merchant_id`,
  );
  return tx.maybeOne(sql.type(targetRow)`
    SELECT u.id, u.name, u.email, u.status,
      coalesce(bool_and(num_nonnulls(a.merchant_org_id, a.merchant_id) > 0) FILTER (WHERE a.id IS NOT NULL), false) AS is_merchant_staff,
      coalesce(array_agg(DISTINCT a.merchant_org_id) FILTER (WHERE a.merchant_org_id IS NOT NULL), '{}') AS merchant_org_ids,
      coalesce(array_agg(DISTINCT a.merchant_id) FILTER (WHERE a.merchant_id IS NOT NULL), '{}') AS merchant_ids
    FROM users u
    LEFT JOIN role_assignments a ON a.user_id = u.id AND (a.expires_at IS NULL OR a.expires_at > now())
    LEFT JOIN merchants m ON m.id = a.merchant_id
    WHERE u.id = ${id}
    GROUP BY u.id
    HAVING ${visible ? sql.fragment`bool_or(${visible})` : sql.fragment`TRUE`}`);
}

type NewImpersonation = {
  id: string;
  impersonatorId: string;
  sessionId: string;
  target: v.InferOutput<typeof targetRow>;
  reason: string;
  minutes: number;
};

/** It ends with the session and with the first role of either person that ends. Null when the session is gone. */
export function insertImpersonation(tx: CommonQueryMethods, given: NewImpersonation) {
  const { target } = given;
  return tx.maybeOne(sql.type(idRow)`
    INSERT INTO impersonations (id, impersonator_id, user_id, session_handle, merchant_org_ids, merchant_ids, reason, expires_at)
    SELECT ${given.id}, ${given.impersonatorId}, ${target.id}, s.handle, ${uuids(target.merchant_org_ids)}, ${uuids(target.merchant_ids)},
      ${given.reason}, least(now() + make_interval(mins => ${given.minutes}), s.expires_at, s.created_at + interval '30 days', (
        SELECT min(a.expires_at)
        FROM role_assignments a
        WHERE a.user_id IN (${given.impersonatorId}, ${target.id}) AND a.expires_at > now()))
    FROM sessions s
    WHERE s.id = ${hashSecret(given.sessionId)} AND s.expires_at > now()
    RETURNING id`);
}

export function updateSteppedUp(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(idRow)`
    UPDATE impersonations i SET stepped_up_at = coalesce(i.stepped_up_at, now())
    WHERE i.id = ${id} AND is_running(i)
    RETURNING i.id`);
}

/** Ends it if it still runs, and gives the session back to its owner. */
export async function leaveImpersonation(tx: CommonQueryMethods, id: string): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE impersonations i
    SET ended_at = CASE WHEN is_running(i) THEN now() ELSE i.ended_at END,
      ended_because = CASE WHEN is_running(i) THEN 'impersonator' ELSE i.ended_because END,
      left_at = now()
    WHERE i.id = ${id} AND i.left_at IS NULL`);
}

export async function stopImpersonation(tx: CommonQueryMethods, id: string, because: string): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE impersonations i SET ended_at = now(), ended_because = ${because} WHERE i.id = ${id} AND is_running(i)`);
}

/** The scope touches something that the viewed person could see; everything with `isWhole`. */
function visible(scope: Scope, isWhole = false) {
  if (scope.all) return null;
  const [orgs, merchants] = [uuids(scope.merchant_org_ids), uuids(scope.merchant_ids)];
  const isCovered = sql.fragment`coalesce(m.id = ANY(${merchants}) OR m.merchant_org_id = ANY(${orgs}), false)`;
  const ofMerchants = sql.fragment`SELECT FROM merchants m WHERE m.id = ANY(i.merchant_ids)`;
  return isWhole
    ? sql.fragment`(i.merchant_org_ids <@ ${orgs} AND NOT EXISTS (${ofMerchants} AND NOT ${isCovered}))`
    : sql.fragment`(i.merchant_org_ids && ${orgs} OR EXISTS (${ofMerchants} AND ${isCovered}))`;
}

/** What an event is to those who are told: leaving and proving who one is are told by the impersonation itself. */
const kind = sql.fragment`CASE WHEN e.outcome <> 'success' THEN 'denied' WHEN e.details ? 'is_read' THEN 'read' ELSE 'change' END`;
const isTold = sql.fragment`e.impersonator IS NOT NULL AND e.impersonator ->> 'impersonation_id' = i.id::text
  AND NOT (e.action IN ('impersonation.end', 'impersonation.step_up', 'session.delete') AND e.outcome = 'success')`;

const select = (scope: Scope) => sql.fragment`
  SELECT i.id, json_build_object('id', i.impersonator_id, 'name', p.name) AS impersonator,
    json_build_object('id', i.user_id, 'name', u.name) AS "user", i.reason,
    CASE WHEN is_running(i) THEN 'active' ELSE 'ended' END AS status, i.created_at AS started_at, i.expires_at, i.stepped_up_at,
    CASE WHEN NOT is_running(i) THEN coalesce(i.ended_at, i.expires_at) END AS ended_at,
    CASE WHEN NOT is_running(i) THEN coalesce(i.ended_because, 'time') END AS ended_because,
    n.reads, n.changes, n.denials, ${visible(scope, true) ?? sql.fragment`true`} AS are_events_visible, i.version
  FROM impersonations i
  LEFT JOIN users p ON p.id = i.impersonator_id
  LEFT JOIN users u ON u.id = i.user_id
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE k.kind = 'read') AS reads, count(*) FILTER (WHERE k.kind = 'change') AS changes,
      count(*) FILTER (WHERE k.kind = 'denied') AS denials
    FROM (SELECT ${kind} AS kind FROM audit_events e WHERE ${isTold}) k) n`;

export function pageOfImpersonations(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof impersonationListInput>,
) {
  const { status } = input;
  return listPage(
    tx,
    {
      name: 'impersonations',
      row: impersonation,
      select: select(scope),
      id: sql.fragment`i.id`,
      sorts: { started_at: { column: sql.fragment`i.created_at`, type: 'timestamptz' } },
      defaultSort: '-started_at',
      where: [
        visible(scope),
        equals(sql.fragment`i.user_id`, input.user_id),
        equals(sql.fragment`i.impersonator_id`, input.impersonator_id),
        status === undefined ? null : sql.fragment`is_running(i) = ${status === 'active'}`,
      ],
    },
    input,
  );
}

export function selectImpersonation(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(
    sql.type(impersonation)`${select(scope)} WHERE ${allOf([sql.fragment`i.id = ${id}`, visible(scope)])}`,
  );
}

/** Of one's own, whatever the scope: who began it may end it. */
export function selectOwn(tx: CommonQueryMethods, impersonatorId: string, id: string) {
  return tx.maybeOne(sql.type(idRow)`
    SELECT i.id FROM impersonations i WHERE i.id = ${id} AND i.impersonator_id = ${impersonatorId}::uuid`);
}

/** Null when the scope does not cover all that the viewed person could see. */
export function selectTold(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(idRow)`
    SELECT i.id FROM impersonations i WHERE ${allOf([sql.fragment`i.id = ${id}`, visible(scope, true)])}`);
}

export function pageOfEvents(tx: CommonQueryMethods, input: v.InferOutput<typeof eventListInput>) {
  return listPage(
    tx,
    {
      name: 'impersonation_events',
      row: impersonationEvent,
      select: sql.fragment`
        SELECT e.id, e.recorded_at, ${kind} AS kind, e.action, e.details ->> 'summary' AS summary, e.resource_type, e.resource_id, (
          SELECT coalesce(json_agg(json_build_object('table_name', c.table_name, 'row_id', c.row_id, 'verb', c.verb,
            'before', c.before, 'after', c.after) ORDER BY c.position), '[]')
          FROM audit_changes c
          WHERE c.event_id = e.id) AS changes
        FROM impersonations i
        JOIN audit_events e ON ${isTold}`,
      id: sql.fragment`e.id`,
      sorts: { recorded_at: 'id' },
      defaultSort: 'recorded_at',
      where: [sql.fragment`i.id = ${input.id}`, equals(kind, input.kind)],
    },
    input,
  );
}
