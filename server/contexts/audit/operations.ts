// The audit trail: who did what, when, from where, and which rows it changed. Append-only; written by the unit of work.
import { requireWholeTenant } from '../../operations/actor.ts';
import { orNotFound } from '../../operations/errors.ts';
import { reportProgress } from '../../operations/jobs.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import {
  callIndexAudit,
  type ExportPlace,
  type Place,
  pageOfEvents,
  selectEvent,
  selectEventsSince,
  selectExportStep,
  selectHorizon,
  selectPlaceOf,
} from './queries.ts';
import {
  type AuditFilters,
  auditEventDetail,
  auditListInput,
  auditList as auditListSchema,
  auditTailInput,
  auditTail as auditTailSchema,
} from './schemas.ts';

/** How many events one look at the tail answers at most. */
const TAIL = 500;

export const auditList = defineOperation({
  name: 'audit.list',
  kind: 'read',
  risk: 'read',
  permission: 'audit:read',
  resource: 'audit_event',
  summary: 'List audit events',
  input: auditListInput,
  output: auditListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/audit-logs' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Audit events');
    return pageOfEvents(ctx.tx, input);
  },
});

export const auditGet = defineOperation({
  name: 'audit.get',
  kind: 'read',
  risk: 'read',
  permission: 'audit:read',
  resource: 'audit_event',
  summary: 'Read an audit event with the rows it changed',
  input: idInput,
  output: auditEventDetail,
  http: { method: 'GET', path: '/api/audit-logs/{id}' },
  run: async (ctx, { id }) => {
    requireWholeTenant(ctx.scope, 'Audit events');
    return orNotFound(await selectEvent(ctx.tx, id));
  },
});

export const auditTail = defineOperation({
  name: 'audit.tail',
  kind: 'read',
  risk: 'read',
  permission: 'audit:read',
  resource: 'audit_event',
  summary: 'Follow the audit trail: what was recorded since the last look',
  input: auditTailInput,
  output: auditTailSchema,
  http: { method: 'GET', path: '/api/audit-logs/tail' },
  run: async (ctx, { since, ...filters }) => {
    requireWholeTenant(ctx.scope, 'Audit events');
    // Read before the events: what commits in between is told at the next look, or twice.
    const { epoch, xid } = await selectHorizon(ctx.tx);
    const next = `${epoch}.${xid}`;
    if (since === undefined) return { data: [], next };
    const [sinceEpoch = '0', sinceXid = '0'] = since.split('.');
    const events = await selectEventsSince(ctx.tx, { epoch: Number(sinceEpoch), xid: sinceXid }, filters, TAIL);
    return { data: [...events], next };
  },
});

export type { ExportPlace, Place };

/** Has everything searched that can be, so that reading the whole trail works nothing out by itself. */
export async function indexWholeTrail(ctx: Context): Promise<void> {
  for (;;) {
    const { has_more: hasMore } = await callIndexAudit(ctx.tx);
    if (!hasMore) return;
    // The first time of a long trail takes longer than a job may be silent.
    await reportProgress(ctx, { part: 'audit search' });
  }
}

/** The place in the order of recording below which nothing can be added any more. */
export function horizonOfTrail(ctx: Context) {
  return selectHorizon(ctx.tx);
}

/** Whether there is such an event. */
export async function isEvent(ctx: Context, id: string): Promise<boolean> {
  return (await selectPlaceOf(ctx.tx, id)) !== null;
}

/** Looks at so many events after a place and below another; `last` is null at the end. */
export function readTrail(
  ctx: Context,
  after: ExportPlace | null,
  until: Place,
  filters: AuditFilters,
  events: number,
) {
  return selectExportStep(ctx.tx, after, until, filters, events);
}
