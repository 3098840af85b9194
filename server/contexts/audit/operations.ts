// The audit trail: who did what, when, from where, and which rows it changed. Append-only; written by the unit of work.
import { requireWholeTenant } from '../../operations/actor.ts';
import { orNotFound } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { pageOfEvents, selectEvent } from './queries.ts';
import { auditEventDetail, auditListInput, auditList as auditListSchema } from './schemas.ts';

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
