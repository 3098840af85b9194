// Suspicious activity. A recurring job looks at each event once and leaves signals; when those about one subject in one window
// weigh enough, an alert is raised, once, the owners are told, and somebody acknowledges it. Its evidence are the events.
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { enqueue } from '../../operations/jobs.ts';
import { defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import { notifyOwners } from '../user/operations.ts';
import {
  acknowledge,
  callWatch,
  insertDueAlerts,
  pageOfAlerts,
  pageOfRules,
  selectAlert,
  selectRule,
  updateRule,
} from './queries.ts';
import {
  type AlertRule,
  type AlertRuleUpdate,
  alertAcknowledgeInput,
  alertDetail,
  alertListInput,
  alertList as alertListSchema,
  alertRule,
  alertRuleListInput,
  alertRuleList as alertRuleListSchema,
  alertRuleUpdateInput,
  PARAMETERS,
  raised,
  watched,
} from './schemas.ts';

export const alertList = defineOperation({
  name: 'alert.list',
  kind: 'read',
  risk: 'read',
  permission: 'alert:read',
  resource: 'alert',
  summary: 'List alerts about suspicious activity',
  input: alertListInput,
  output: alertListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/alerts' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Alerts');
    return pageOfAlerts(ctx.tx, input);
  },
});

export const alertGet = defineOperation({
  name: 'alert.get',
  kind: 'read',
  risk: 'read',
  permission: 'alert:read',
  resource: 'alert',
  summary: 'Read an alert with the events that raised it',
  input: idInput,
  output: alertDetail,
  http: { method: 'GET', path: '/api/alerts/{id}' },
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, 'Alerts');
    return orNotFound(await selectAlert(ctx.tx, id));
  },
});

export const alertAcknowledge = defineOperation({
  name: 'alert.acknowledge',
  kind: 'write',
  risk: 'write',
  permission: 'alert:acknowledge',
  resource: 'alert',
  summary: 'Acknowledge an alert: somebody has looked into it',
  input: alertAcknowledgeInput,
  output: alertDetail,
  http: { method: 'POST', path: '/api/alerts/{id}/acknowledge' },
  describe: () => 'Acknowledged an alert',
  run: async (ctx, { id, note }) => {
    requireWholeTenant(ctx.scope, 'Alerts');
    if (!(await acknowledge(ctx.tx, id, ctx.actor.name, note ?? null, ctx.call.expectedVersion))) {
      const found = await selectAlert(ctx.tx, id);
      if (!found) throw notFound();
      throw found.status === 'open'
        ? new DomainError('stale')
        : new DomainError('conflict', 'The alert was acknowledged already.');
    }
    return orNotFound(await selectAlert(ctx.tx, id));
  },
});

export const alertRuleList = defineOperation({
  name: 'alert_rule.list',
  kind: 'read',
  risk: 'read',
  permission: 'alert:read',
  resource: 'alert_rule',
  summary: 'List the rules that watch for suspicious activity',
  input: alertRuleListInput,
  output: alertRuleListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/alert-rules' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Alerts');
    return pageOfRules(ctx.tx, input);
  },
});

export const alertRuleGet = defineOperation({
  name: 'alert_rule.get',
  kind: 'read',
  risk: 'read',
  permission: 'alert:read',
  resource: 'alert_rule',
  summary: 'Read a rule that watches for suspicious activity',
  input: idInput,
  output: alertRule,
  http: { method: 'GET', path: '/api/alert-rules/{id}' },
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, 'Alerts');
    return orNotFound(await selectRule(ctx.tx, id));
  },
});

/** @throws DomainError `invalid` for a parameter that rules of this kind do not have, or for hours that are none */
function checkParameters(rule: AlertRule, input: AlertRuleUpdate): void {
  const all = Object.values(PARAMETERS).flat();
  const strange = all.filter((name) => input[name] !== undefined && !PARAMETERS[rule.kind].includes(name));
  const errors = Object.fromEntries(strange.map((name) => [name, ['is not a parameter of this rule']]));
  const { from_hour: from = rule.from_hour, to_hour: to = rule.to_hour } = input;
  if (rule.kind === 'odd_hours' && from === to) errors.to_hour = ['must be another hour than the first'];
  if (Object.keys(errors).length > 0) throw new DomainError('invalid', undefined, { errors });
}

export const alertRuleUpdate = defineOperation({
  name: 'alert_rule.update',
  kind: 'write',
  risk: 'write',
  permission: 'alert:configure',
  resource: 'alert_rule',
  summary: 'Change a rule, or turn it on or off; what was signalled before stays',
  input: alertRuleUpdateInput,
  output: alertRule,
  http: { method: 'PATCH', path: '/api/alert-rules/{id}' },
  describe: ({ id: _, is_enabled: on, ...more }) =>
    on === undefined || Object.keys(more).length > 0
      ? 'Changed an alert rule'
      : `Turned an alert rule ${on ? 'on' : 'off'}`,
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Alerts');
    checkParameters(orNotFound(await selectRule(ctx.tx, input.id)), input);
    const updated = await updateRule(ctx.tx, input, ctx.call.expectedVersion);
    if (!updated) throw new DomainError('stale');
    return updated;
  },
});

/** Changes nothing of record, so it leaves no audit event; each step is a transaction of its own. */
export const alertWatch = defineOperation({
  name: 'alert.watch',
  kind: 'read',
  risk: 'read',
  permission: 'job:run',
  resource: 'alert',
  summary: 'Look at what was recorded since the last time for suspicious activity',
  input: empty,
  output: watched,
  closedDoors: { http: 'Runs every five minutes.', mcp: 'Runs every five minutes.' },
  run: async (ctx) => {
    let [seen, due] = [0, 0];
    for (let hasMore = true; hasMore; ) {
      const step = await callWatch(ctx.tx);
      seen += step.seen;
      due = step.due;
      hasMore = step.has_more;
    }
    if (due > 0) await enqueue(ctx, 'alert.raise', {}, { uniqueKey: 'alert.raise' });
    return { seen, due };
  },
});

export const alertRaise = defineOperation({
  name: 'alert.raise',
  kind: 'write',
  risk: 'write',
  permission: 'job:run',
  resource: 'alert',
  summary: 'Raise the alerts that are due, and tell the owners',
  input: empty,
  output: raised,
  closedDoors: { http: 'Queued by alert.watch.', mcp: 'Queued by alert.watch.' },
  describe: () => 'Raised alerts about suspicious activity',
  run: async (ctx) => {
    const alerts = await insertDueAlerts(ctx.tx);
    for (const { id, kind, rule, subject_name: subject } of alerts) {
      const [what, path] = kind === 'quota' ? ['figures', '/usage'] : ['events', `/audit/alerts/${id}`];
      const body = `The rule “${rule}” was met by ${subject}. The ${what} are in the portal: ${ctx.call.origin ?? ''}${path}`;
      await notifyOwners(ctx, `${rule}: ${subject}`, body);
    }
    return { raised: alerts.length };
  },
});
