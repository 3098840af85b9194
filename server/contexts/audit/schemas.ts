import * as v from 'valibot';
import { id, instant, listInput, listOf, text } from '../../operations/schemas.ts';

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

export const auditListInput = v.strictObject({
  ...listInput,
  actor_type: v.optional(actorType),
  actor_id: v.optional(text(100)),
  action: v.optional(text(100)),
  resource_type: v.optional(text(100)),
  resource_id: v.optional(text(100)),
  outcome: v.optional(outcome),
  from: v.optional(instant),
  to: v.optional(instant),
  q: v.optional(text(200)),
});
export const auditList = listOf(auditEvent);
