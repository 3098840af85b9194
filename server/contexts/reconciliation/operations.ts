// Reconciliation: what explains the closing balance of a statement, and who signed that off. What is signed off does not change
// until somebody else opens it again.
import { DomainError } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { statementOf } from '../statement/operations.ts';
import { statement } from '../statement/schemas.ts';
import { personOf } from '../statement-match/operations.ts';
import { callReopen, callSignOff, selectReport } from './queries.ts';
import { reopenInput, report, signOffInput } from './schemas.ts';

export const signOff = defineOperation({
  name: 'reconciliation.sign_off',
  kind: 'write',
  risk: 'write',
  permission: 'reconciliation:sign_off',
  resource: 'statement',
  summary: 'Sign a statement off when every line is matched; its report is kept as it is then',
  input: signOffInput,
  output: statement,
  http: { method: 'POST', path: '/api/reconciliation/statements/{id}/sign-off' },
  describe: () => 'Signed a statement off',
  run: async (ctx, { id, note }) => {
    const found = await statementOf(ctx, id);
    const { expectedVersion } = ctx.call;
    if (expectedVersion !== undefined && expectedVersion !== found.version) throw new DomainError('stale');
    await callSignOff(ctx.tx, id, note ?? null, personOf(ctx));
    return statementOf(ctx, id);
  },
});

export const reopen = defineOperation({
  name: 'reconciliation.reopen',
  kind: 'write',
  risk: 'write',
  permission: 'reconciliation:sign_off',
  resource: 'statement',
  summary: 'Open a statement again that somebody else signed off, with a reason',
  input: reopenInput,
  output: statement,
  http: { method: 'POST', path: '/api/reconciliation/statements/{id}/reopen' },
  describe: ({ reason }) => `Opened a statement again: ${reason}`,
  run: async (ctx, { id, reason }) => {
    await statementOf(ctx, id);
    await callReopen(ctx.tx, id, reason, personOf(ctx));
    return statementOf(ctx, id);
  },
});

export const reportGet = defineOperation({
  name: 'reconciliation.report',
  kind: 'read',
  risk: 'read',
  permission: 'reconciliation:read',
  resource: 'statement',
  summary: 'Read the reconciliation report of a statement: what explains its closing balance',
  input: idInput,
  output: report,
  http: { method: 'GET', path: '/api/reconciliation/statements/{id}/report' },
  run: async (ctx, { id }) => selectReport(ctx.tx, (await statementOf(ctx, id)).id),
});
