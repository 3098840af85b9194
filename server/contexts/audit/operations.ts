// The audit trail: who did what, when, from where, and which rows it changed. Append-only; written by the unit of work.
import { DomainError, notFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { pageOfEvents, selectEvent } from './queries.ts';
import { auditEventDetail, auditListInput, auditList as auditListSchema } from './schemas.ts';

/** Events are of the whole tenant: who sees only some merchants sees none of them here. */
function requireWholeTenant(ctx: Context): void {
  if (!ctx.scope.all) {
    throw new DomainError('forbidden', 'The audit log is open to staff of the whole tenant.');
  }
}

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
    requireWholeTenant(ctx);
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
    requireWholeTenant(ctx);
    const found = await selectEvent(ctx.tx, id);
    if (!found) {
      throw notFound();
    }
    return found;
  },
});
