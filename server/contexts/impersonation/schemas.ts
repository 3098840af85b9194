import * as v from 'valibot';
import { id, instant, listInput, listOf, text, version } from '../../operations/schemas.ts';
import { totp } from '../second-factor/schemas.ts';

export const LONGEST_MINUTES = 60;

/** People are told why, so that a single word will not do. */
const reason = v.pipe(
  text(500, 10),
  v.check((value) => value.trim().split(/\s+/).length > 1, 'must be some words'),
);

const person = v.object({ id, name: v.nullable(v.string()) });

const endedBecause = v.picklist([
  'time',
  'impersonator',
  'staff',
  'session_ended',
  'account_disabled',
  'rights_changed',
]);

/**
 * Who looked (`impersonator`) as whom (`user`), why, and how much came of it. `name` is null of an account that was removed.
 * `are_events_visible`: the caller's scope covers everything that the user could see, so its events may be listed.
 */
export const impersonation = v.object({
  id,
  impersonator: person,
  user: person,
  reason: v.string(),
  status: v.picklist(['active', 'ended']),
  started_at: instant,
  expires_at: instant,
  /** Since when changes were possible; null when they never were. */
  stepped_up_at: v.nullable(instant),
  ended_at: v.nullable(instant),
  ended_because: v.nullable(endedBecause),
  reads: v.number(),
  changes: v.number(),
  denials: v.number(),
  are_events_visible: v.boolean(),
  version,
});
export type Impersonation = v.InferOutput<typeof impersonation>;

export const startInput = v.strictObject({
  user_id: id,
  reason,
  minutes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LONGEST_MINUTES)),
});

/** Who has a second factor proves it too; whoever has none sends no `totp`. */
export const stepUpInput = v.strictObject({ password: text(1024), totp: v.optional(totp) });

export const impersonationListInput = v.strictObject({
  ...listInput,
  status: v.optional(v.picklist(['active', 'ended'])),
  user_id: v.optional(id),
  impersonator_id: v.optional(id),
});
export const impersonationList = listOf(impersonation);

const values = v.nullable(v.record(v.string(), v.unknown()));

/** One thing that was seen, changed or refused. */
export const impersonationEvent = v.object({
  id,
  recorded_at: instant,
  kind: v.picklist(['read', 'change', 'denied']),
  action: v.string(),
  summary: v.nullable(v.string()),
  resource_type: v.nullable(v.string()),
  resource_id: v.nullable(v.string()),
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
export type ImpersonationEvent = v.InferOutput<typeof impersonationEvent>;

export const eventListInput = v.strictObject({
  ...listInput,
  id,
  kind: v.optional(v.picklist(['read', 'change', 'denied'])),
});
export const eventList = listOf(impersonationEvent);
