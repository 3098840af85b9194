import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { equals, listPage } from '../../operations/list.ts';
import {
  type AlertRuleUpdate,
  alert,
  alertDetail,
  type alertListInput,
  alertRule,
  type alertRuleListInput,
  ruleKind,
} from './schemas.ts';

const ruleColumns = sql.fragment`r.id, r.kind, r.name, r.is_enabled, r.threshold, r.window_minutes, r.from_hour, r.to_hour,
  r.within_minutes, r.actions, r.version, r.updated_at`;

export function pageOfRules(tx: CommonQueryMethods, input: v.InferOutput<typeof alertRuleListInput>) {
  return listPage(
    tx,
    {
      name: 'alert_rules',
      row: alertRule,
      select: sql.fragment`SELECT ${ruleColumns} FROM alert_rules r`,
      id: sql.fragment`r.id`,
      sorts: { name: { column: sql.fragment`r.name`, type: 'text' } },
      defaultSort: 'name',
      where: [],
    },
    input,
  );
}

export function selectRule(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(alertRule)`SELECT ${ruleColumns} FROM alert_rules r WHERE r.id = ${id}`);
}

export function updateRule(tx: CommonQueryMethods, input: AlertRuleUpdate, expectedVersion?: number) {
  const version = expectedVersion ?? null;
  const actions = input.actions ? sql.array(input.actions, 'text') : null;
  return tx.maybeOne(sql.type(alertRule)`
    UPDATE alert_rules AS r
    SET name = coalesce(${input.name ?? null}, r.name), is_enabled = coalesce(${input.is_enabled ?? null}, r.is_enabled),
      threshold = coalesce(${input.threshold ?? null}, r.threshold),
      window_minutes = coalesce(${input.window_minutes ?? null}, r.window_minutes),
      from_hour = coalesce(${input.from_hour ?? null}, r.from_hour), to_hour = coalesce(${input.to_hour ?? null}, r.to_hour),
      within_minutes = coalesce(${input.within_minutes ?? null}, r.within_minutes), actions = coalesce(${actions}, r.actions)
    WHERE r.id = ${input.id} AND (${version}::integer IS NULL OR r.version = ${version}::integer)
    RETURNING ${ruleColumns}`);
}

/** What the events call whom an alert is about: an actor, or an account that an erasure has left with no address. */
const subjectName = sql.fragment`coalesce((
  SELECT CASE e.actor_id WHEN a.subject THEN e.actor_name ELSE e.details ->> 'about' END
  FROM unnest(s.event_ids) AS n (id)
  JOIN audit_events e ON e.id = n.id
  WHERE a.subject IN (e.actor_id, e.resource_id)
  ORDER BY e.id DESC LIMIT 1), a.subject) AS subject_name`;

const alertColumns = sql.fragment`a.id, r.kind, r.name AS rule, a.rule_id, a.subject, ${subjectName},
  a.window_start, s.weight, a.status, a.note, a.acknowledged_by, a.acknowledged_at, a.version, a.created_at`;

const alertSource = sql.fragment`alerts a
  JOIN alert_rules r ON r.id = a.rule_id
  JOIN alert_signals s ON (s.rule_id, s.subject, s.window_start) = (a.rule_id, a.subject, a.window_start)`;

export function pageOfAlerts(tx: CommonQueryMethods, input: v.InferOutput<typeof alertListInput>) {
  return listPage(
    tx,
    {
      name: 'alerts',
      row: alert,
      select: sql.fragment`SELECT ${alertColumns} FROM ${alertSource}`,
      id: sql.fragment`a.id`,
      sorts: { created_at: { column: sql.fragment`a.created_at`, type: 'timestamptz' } },
      defaultSort: '-created_at',
      where: [
        equals(sql.fragment`a.status`, input.status),
        equals(sql.fragment`r.kind`, input.kind),
        equals(sql.fragment`a.subject`, input.subject),
      ],
    },
    input,
  );
}

export function selectAlert(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(alertDetail)`
    SELECT ${alertColumns}, (
      SELECT coalesce(json_agg(json_build_object('id', e.id, 'recorded_at', rfc3339(e.recorded_at), 'actor_type', e.actor_type,
        'actor_id', e.actor_id, 'actor_name', e.actor_name, 'impersonator', e.impersonator, 'delegator', e.delegator,
        'action', e.action, 'summary', e.details ->> 'summary', 'resource_type', e.resource_type, 'resource_id', e.resource_id,
        'outcome', e.outcome, 'door', e.door, 'address', e.address, 'user_agent', e.user_agent, 'request_id', e.request_id,
        'details', e.details) ORDER BY e.recorded_at, e.id), '[]')
      FROM unnest(s.event_ids) AS n (id)
      JOIN audit_events e ON e.id = n.id) AS events
    FROM ${alertSource}
    WHERE a.id = ${id}`);
}

const idRow = v.object({ id: v.string() });

/** Null when it is not open, or not of that version. */
export function acknowledge(
  tx: CommonQueryMethods,
  id: string,
  by: string,
  note: string | null,
  expectedVersion?: number,
) {
  const version = expectedVersion ?? null;
  return tx.maybeOne(sql.type(idRow)`
    UPDATE alerts AS a
    SET status = 'acknowledged', note = ${note}, acknowledged_by = ${by}, acknowledged_at = now()
    WHERE a.id = ${id} AND a.status = 'open' AND (${version}::integer IS NULL OR a.version = ${version}::integer)
    RETURNING a.id`);
}

const watchRow = v.object({ step: v.object({ seen: v.number(), due: v.number(), has_more: v.boolean() }) });

export async function callWatch(tx: CommonQueryMethods) {
  const { step } = await tx.one(sql.type(watchRow)`SELECT watch_events() AS step`);
  return step;
}

const raisedRow = v.object({ id: v.string(), kind: ruleKind, rule: v.string(), subject_name: v.string() });

/** Makes alerts of the signals that weigh enough. Two at once make each alert once. */
export function insertDueAlerts(tx: CommonQueryMethods) {
  return tx.any(sql.type(raisedRow)`
    WITH raised AS (
      INSERT INTO alerts (rule_id, subject, window_start)
      SELECT d.rule_id, d.subject, d.window_start FROM due_alerts() d
      ON CONFLICT ON CONSTRAINT alerts_once DO NOTHING
      RETURNING *)
    SELECT a.id, r.kind, r.name AS rule, ${subjectName}
    FROM raised a
    JOIN alert_rules r ON r.id = a.rule_id
    JOIN alert_signals s ON (s.rule_id, s.subject, s.window_start) = (a.rule_id, a.subject, a.window_start)
    ORDER BY a.id`);
}
