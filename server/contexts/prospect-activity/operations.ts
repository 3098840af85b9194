// What staff do about a prospect: calls, mails, meetings, notes and tasks, and the timeline that they make with its stages.
import { orNotFound, whyUnchanged, wrongField } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { findProspect, requireOwnRow, requirePipeline } from '../prospect/operations.ts';
import { insertActivity, pageOfActivities, pageOfTimeline, selectActivity, updateActivity } from './queries.ts';
import {
  activity,
  activityCreateInput,
  activityListInput,
  activityList as activityListSchema,
  activityUpdateInput,
  timeline,
  timelineInput,
} from './schemas.ts';

const onConstraint = {
  prospect_activities_prospect_exists: () => wrongField('prospect_id', 'is not a prospect'),
  prospect_activities_user_exists: () => wrongField('user_id', 'is not a member of the team'),
  prospect_activities_tasks_are_due: () => wrongField('due_on', 'is the day of a task, and of nothing else'),
  prospect_activities_tasks_are_done: () => wrongField('done', 'is for tasks'),
};

export const activityList = defineOperation({
  name: 'prospect_activity.list',
  kind: 'read',
  risk: 'read',
  permission: 'prospect:read',
  resource: 'prospect_activity',
  summary: 'List what was done about prospects, and what is to be done',
  input: activityListInput,
  output: activityListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/prospect-activities' },
  run: (ctx, input) => {
    requirePipeline(ctx);
    return pageOfActivities(ctx.tx, input);
  },
});

export const activityGet = defineOperation({
  name: 'prospect_activity.get',
  kind: 'read',
  risk: 'read',
  permission: 'prospect:read',
  resource: 'prospect_activity',
  summary: 'Read an activity',
  input: idInput,
  output: activity,
  http: { method: 'GET', path: '/api/prospect-activities/{id}' },
  run: async (ctx, { id }) => {
    requirePipeline(ctx);
    return orNotFound(await selectActivity(ctx.tx, id));
  },
});

export const prospectTimeline = defineOperation({
  name: 'prospect.timeline',
  kind: 'read',
  risk: 'read',
  permission: 'prospect:read',
  resource: 'prospect',
  summary: 'List what happened to a prospect: activities and stages, newest first',
  input: timelineInput,
  output: timeline,
  isList: true,
  http: { method: 'GET', path: '/api/prospects/{id}/timeline' },
  run: async (ctx, input) => {
    requirePipeline(ctx);
    orNotFound(await findProspect(ctx, input.id));
    return pageOfTimeline(ctx.tx, input);
  },
});

/** Merged prospects take no more. @throws DomainError `invalid`, `conflict` */
async function requireProspect(ctx: Context, id: string): Promise<void> {
  const prospect = await findProspect(ctx, id);
  if (!prospect) throw wrongField('prospect_id', 'is not a prospect');
  requireOwnRow(prospect);
}

export const activityCreate = defineOperation({
  name: 'prospect_activity.create',
  kind: 'write',
  risk: 'write',
  permission: 'prospect:update',
  resource: 'prospect_activity',
  summary: 'Record a call, mail, meeting or note about a prospect, or set a task',
  input: activityCreateInput,
  output: activity,
  http: { method: 'POST', path: '/api/prospect-activities', status: 201 },
  describe: ({ kind }) => (kind === 'task' ? 'Set a task about a prospect' : `Recorded a ${kind} about a prospect`),
  onConstraint,
  run: async (ctx, input) => {
    requirePipeline(ctx);
    await requireProspect(ctx, input.prospect_id);
    const own = ctx.actor.sessionId ? ctx.actor.id : null;
    await insertActivity(ctx.tx, ctx.id, { ...input, user_id: input.user_id ?? own });
    return orNotFound(await selectActivity(ctx.tx, ctx.id));
  },
});

export const activityUpdate = defineOperation({
  name: 'prospect_activity.update',
  kind: 'write',
  risk: 'write',
  permission: 'prospect:update',
  resource: 'prospect_activity',
  summary: 'Change an activity, or tick a task off',
  input: activityUpdateInput,
  output: activity,
  http: { method: 'PATCH', path: '/api/prospect-activities/{id}' },
  describe: ({ done }) => (done ? 'Did a task about a prospect' : 'Changed an activity'),
  onConstraint,
  run: async (ctx, input) => {
    requirePipeline(ctx);
    const isChanged = await updateActivity(ctx.tx, input, ctx.call.expectedVersion);
    const found = await selectActivity(ctx.tx, input.id);
    if (!isChanged) throw whyUnchanged(found);
    return orNotFound(found);
  },
});
