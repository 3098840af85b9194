import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { assignments, equals, listPage, ofVersion } from '../../operations/list.ts';
import {
  activity,
  type activityCreateInput,
  type activityListInput,
  type activityUpdateInput,
  timelineEntry,
  type timelineInput,
} from './schemas.ts';

const columns = sql.fragment`a.id, jsonb_build_object('id', p.id, 'name', p.name) AS prospect, a.kind, a.subject, a.body,
  CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id, 'name', u.name) END AS "user",
  a.happened_at, a.due_on::text AS due_on, a.done_at, a.version, a.created_at, a.updated_at`;
const from = sql.fragment`FROM prospect_activities a JOIN prospects p ON p.id = a.prospect_id LEFT JOIN users u ON u.id = a.user_id`;

// A prospect that ended takes its tasks with it; one that begins again brings them back.
const isOpen = sql.fragment`a.kind = 'task' AND a.done_at IS NULL AND p.status IN ('lead', 'qualified', 'proposal')`;

export function pageOfActivities(tx: CommonQueryMethods, input: v.InferOutput<typeof activityListInput>) {
  return listPage(
    tx,
    {
      name: 'prospect_activities',
      row: activity,
      select: sql.fragment`SELECT ${columns} ${from}`,
      id: sql.fragment`a.id`,
      sorts: {
        created_at: 'id',
        // Rows without a day come last.
        due_on: { column: sql.fragment`coalesce(a.due_on::text, '9999-12-31')`, type: 'text' },
      },
      defaultSort: '-created_at',
      where: [
        equals(sql.fragment`a.prospect_id`, input.prospect_id),
        equals(sql.fragment`a.user_id`, input.user_id),
        equals(sql.fragment`a.kind`, input.kind),
        input.open === undefined ? null : sql.fragment`(${isOpen}) = ${input.open}`,
      ],
    },
    input,
  );
}

export function selectActivity(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(activity)`SELECT ${columns} ${from} WHERE a.id = ${id}`);
}

export async function insertActivity(
  tx: CommonQueryMethods,
  id: string,
  input: v.InferOutput<typeof activityCreateInput>,
): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO prospect_activities (id, prospect_id, kind, subject, body, user_id, happened_at, due_on)
    VALUES (${id}, ${input.prospect_id}, ${input.kind}, ${input.subject}, ${input.body ?? null}, ${input.user_id ?? null},
      coalesce(${input.happened_at ?? null}::timestamptz, now()), ${input.due_on ?? null})`);
}

/** Whether there was one of that version. */
export async function updateActivity(
  tx: CommonQueryMethods,
  { id, done, ...changes }: v.InferOutput<typeof activityUpdateInput>,
  expectedVersion?: number,
): Promise<boolean> {
  const time =
    done === undefined ? sql.fragment`done_at` : sql.fragment`CASE WHEN ${done} THEN coalesce(done_at, now()) END`;
  const { rowCount } = await tx.query(sql.unsafe`
    UPDATE prospect_activities AS a SET ${assignments(changes)}, done_at = ${time}
    WHERE ${ofVersion(sql.fragment`a.id`, id, sql.fragment`a.version`, expectedVersion)}`);
  return rowCount > 0;
}

/** Both kinds of entries in one order; who moved a prospect stands in the event of that move. */
export function pageOfTimeline(tx: CommonQueryMethods, input: v.InferOutput<typeof timelineInput>) {
  return listPage(
    tx,
    {
      name: 'prospect_timeline',
      row: timelineEntry,
      select: sql.fragment`SELECT t.* FROM (
        SELECT a.id, a.kind, a.happened_at AS at, a.subject, a.body, u.name AS by, NULL AS from_status, NULL AS to_status,
          a.due_on::text AS due_on, a.done_at
        FROM prospect_activities a LEFT JOIN users u ON u.id = a.user_id WHERE a.prospect_id = ${input.id}
        UNION ALL
        SELECT m.id, 'stage', m.moved_at, m.lost_reason, m.reason, e.actor_name, m.from_status, m.to_status, NULL, NULL
        FROM prospect_moves m LEFT JOIN audit_events e ON e.id = m.event_id WHERE m.prospect_id = ${input.id}) t`,
      id: sql.fragment`t.id`,
      sorts: { at: { column: sql.fragment`t.at`, type: 'timestamptz' } },
      defaultSort: '-at',
      where: [],
    },
    input,
  );
}
