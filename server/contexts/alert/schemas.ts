import * as v from 'valibot';
import { id, instant, listInput, listOf, optional, text, version } from '../../operations/schemas.ts';
import { auditEvent } from '../audit/schemas.ts';

export const ruleKind = v.picklist([
  'odd_hours',
  'address_change',
  'mass_export',
  'first_money',
  'failed_sign_ins',
  'privilege_change',
  'quota',
]);
export type RuleKind = v.InferOutput<typeof ruleKind>;

/** An alert is due when the signals about one subject in one window weigh `threshold`. Hours are the tenant's. */
export const alertRule = v.object({
  id,
  kind: ruleKind,
  name: v.string(),
  is_enabled: v.boolean(),
  threshold: v.number(),
  window_minutes: v.number(),
  from_hour: v.nullable(v.number()),
  to_hour: v.nullable(v.number()),
  within_minutes: v.nullable(v.number()),
  actions: v.nullable(v.array(v.string())),
  version,
  updated_at: instant,
});
export type AlertRule = v.InferOutput<typeof alertRule>;

export const alertRuleListInput = v.strictObject({ ...listInput });
export const alertRuleList = listOf(alertRule);

const whole = (least: number, most: number) =>
  v.optional(v.pipe(v.number(), v.integer('must be a whole number'), v.minValue(least), v.maxValue(most)));

export const alertRuleUpdateInput = v.strictObject({
  id,
  name: v.optional(text(100)),
  is_enabled: v.optional(v.boolean()),
  threshold: whole(1, 10_000),
  window_minutes: whole(1, 10_080),
  from_hour: whole(0, 23),
  to_hour: whole(0, 23),
  within_minutes: whole(1, 1_440),
  actions: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(/^[a-z_.%]{1,100}$/, 'must be an action like payout.create, or payout.%'))),
      v.minLength(1),
      v.maxLength(50),
    ),
  ),
});
export type AlertRuleUpdate = v.InferOutput<typeof alertRuleUpdateInput>;

/** Which parameters beside threshold and window a rule of a kind has. */
export const PARAMETERS: Readonly<Record<RuleKind, readonly (keyof AlertRuleUpdate)[]>> = {
  odd_hours: ['from_hour', 'to_hour'],
  address_change: ['within_minutes'],
  mass_export: [],
  first_money: ['actions'],
  failed_sign_ins: [],
  privilege_change: [],
  quota: [],
};

export const alertStatus = v.picklist(['open', 'acknowledged']);

/** `subject` is an actor, or the account that somebody tried to sign in to; `subject_name` what its events call it. */
export const alert = v.object({
  id,
  kind: ruleKind,
  rule: v.string(),
  rule_id: id,
  subject: v.string(),
  subject_name: v.string(),
  window_start: instant,
  /** How often it was seen in the window. */
  weight: v.number(),
  status: alertStatus,
  note: v.nullable(v.string()),
  acknowledged_by: v.nullable(v.string()),
  acknowledged_at: v.nullable(instant),
  version,
  created_at: instant,
});
export type Alert = v.InferOutput<typeof alert>;

/** With its evidence: the events, oldest first, at most 200. */
export const alertDetail = v.object({ ...alert.entries, events: v.array(auditEvent) });
export type AlertDetail = v.InferOutput<typeof alertDetail>;

export const alertListInput = v.strictObject({
  ...listInput,
  status: v.optional(alertStatus),
  kind: v.optional(ruleKind),
  subject: v.optional(text(500)),
});
export const alertList = listOf(alert);
export const alertAcknowledgeInput = v.strictObject({ id, note: optional(text(1000)) });

export const watched = v.object({ seen: v.number(), due: v.number() });
export const raised = v.object({ raised: v.number() });
