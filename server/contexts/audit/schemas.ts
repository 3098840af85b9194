import * as v from 'valibot';
import { givenInstant, id, instant, listInput, listOf, text } from '../../operations/schemas.ts';

const actorType = v.picklist(['end_customer', 'staff', 'ai_agent', 'system']);
const outcome = v.picklist(['success', 'denied', 'failure']);
const values = v.nullable(v.record(v.string(), v.unknown()));

export const auditEvent = v.object({
  id,
  recorded_at: instant,
  actor_type: actorType,
  actor_id: v.string(),
  actor_name: v.string(),
  impersonator: values,
  delegator: values,
  action: v.string(),
  summary: v.nullable(v.string()),
  resource_type: v.nullable(v.string()),
  resource_id: v.nullable(v.string()),
  outcome,
  door: v.string(),
  address: v.nullable(v.string()),
  user_agent: v.nullable(v.string()),
  request_id: v.string(),
  details: v.record(v.string(), v.unknown()),
});
export type AuditEvent = v.InferOutput<typeof auditEvent>;

/** One event with the rows it changed: only the columns that differ, secrets redacted. */
export const auditEventDetail = v.object({
  ...auditEvent.entries,
  changes: v.array(
    v.object({
      table_name: v.string(),
      row_id: v.string(),
      verb: v.picklist(['insert', 'update', 'delete']),
      before: values,
      after: values,
    }),
  ),
});
export type AuditEventDetail = v.InferOutput<typeof auditEventDetail>;

/** `actor_id` finds what somebody did, also when viewing as another or through a delegate; `merchant_id` what is about a merchant. */
const filters = {
  actor_type: v.optional(actorType),
  actor_id: v.optional(text(254)),
  action: v.optional(text(100)),
  resource_type: v.optional(text(100)),
  resource_id: v.optional(text(254)),
  merchant_id: v.optional(id),
  address: v.optional(text(64)),
  outcome: v.optional(outcome),
  from: v.optional(givenInstant),
  to: v.optional(givenInstant),
  q: v.optional(text(200)),
};
export const auditFilters = v.strictObject(filters);
export type AuditFilters = v.InferOutput<typeof auditFilters>;

export const auditListInput = v.strictObject({ ...listInput, ...filters });
export const auditList = listOf(auditEvent);

const { from: _from, to: _to, ...tailFilters } = filters;
/** `since` is the `next` of the answer before; without it the tail begins now. */
export const auditTailInput = v.strictObject({
  ...tailFilters,
  since: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{1,4}\.[0-9]{1,19}$/, 'must be the `next` of an answer'))),
});
/** Oldest first. What was in flight comes again until it can change no more, so an event may be answered twice, never not. */
export const auditTail = v.object({ data: v.array(auditEvent), next: v.string() });

/** `after` is the last event of a download that broke off. */
export const auditExportInput = v.strictObject({
  ...filters,
  format: v.optional(v.picklist(['jsonl', 'csv'])),
  after: v.optional(id),
});
export type AuditExportInput = v.InferOutput<typeof auditExportInput>;
