import * as v from 'valibot';
import {
  calendarDate,
  givenInstant,
  id,
  instant,
  listInput,
  listOf,
  optional,
  text,
  version,
} from '../../operations/schemas.ts';

export const activityKind = v.picklist(['call', 'mail', 'meeting', 'note', 'task']);
export type ActivityKind = v.InferOutput<typeof activityKind>;

const person = v.nullable(v.object({ id, name: v.string() }));

export const activity = v.object({
  id,
  prospect: v.object({ id, name: v.string() }),
  kind: activityKind,
  subject: v.string(),
  body: v.nullable(v.string()),
  /** Who did it, or whose task it is. */
  user: person,
  happened_at: instant,
  due_on: v.nullable(v.string()),
  done_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Activity = v.InferOutput<typeof activity>;

/** A task has a day by which it is due, and nothing else has. `user_id` is the caller, where that is a person. */
export const activityCreateInput = v.pipe(
  v.strictObject({
    prospect_id: id,
    kind: activityKind,
    subject: text(200),
    body: optional(text(8000)),
    user_id: optional(id),
    happened_at: v.optional(givenInstant),
    due_on: optional(calendarDate),
  }),
  v.forward(
    v.check(
      ({ kind, due_on }) => (kind === 'task') === (due_on !== undefined && due_on !== null),
      'is the day of a task, and of nothing else',
    ),
    ['due_on'],
  ),
);

/** `done` is for tasks. */
export const activityUpdateInput = v.strictObject({
  id,
  subject: v.optional(text(200)),
  body: optional(text(8000)),
  user_id: optional(id),
  due_on: v.optional(calendarDate),
  done: v.optional(v.boolean()),
});

/** `open`: tasks that are not done, about prospects that are worked on. */
export const activityListInput = v.strictObject({
  ...listInput,
  prospect_id: v.optional(id),
  user_id: v.optional(id),
  kind: v.optional(activityKind),
  open: v.optional(v.boolean()),
});
export const activityList = listOf(activity);

/** What happened to a prospect: what was done about it, and the stages that it entered. */
export const timelineEntry = v.object({
  id,
  kind: v.picklist([...activityKind.options, 'stage']),
  at: instant,
  subject: v.nullable(v.string()),
  body: v.nullable(v.string()),
  by: v.nullable(v.string()),
  from_status: v.nullable(v.string()),
  to_status: v.nullable(v.string()),
  due_on: v.nullable(v.string()),
  done_at: v.nullable(instant),
});
export type TimelineEntry = v.InferOutput<typeof timelineEntry>;
export const timelineInput = v.strictObject({ ...listInput, id });
export const timeline = listOf(timelineEntry);
