// Where money comes from and where it goes: the trace of one transaction, and the flow of funds of a period. Reads what
// the ledger recorded, and keeps the aggregates and the search documents that are filled from it.
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { callIndex, selectFlows, selectTrace } from './queries.ts';
import { flowInput, flowOfFunds as flowOfFundsSchema, trace } from './schemas.ts';

export const transactionTrace = defineOperation({
  name: 'transaction.trace',
  kind: 'read',
  risk: 'read',
  permission: 'transaction:read',
  resource: 'transaction',
  summary: 'Trace a transaction back to what it follows from, and forward to what followed from it',
  input: idInput,
  output: trace,
  http: { method: 'GET', path: '/api/transactions/{id}/trace' },
  run: async (ctx, { id }) => orNotFound(await selectTrace(ctx.tx, ctx.scope, id)),
});

export const flowOfFunds = defineOperation({
  name: 'report.flow_of_funds',
  kind: 'read',
  risk: 'read',
  permission: 'ledger:read',
  resource: 'ledger',
  summary: 'Sum what moved from customers to merchants, MerchantOrgs and the platform in a period, by type and party',
  input: flowInput,
  output: flowOfFundsSchema,
  http: { method: 'GET', path: '/api/reports/flow-of-funds' },
  run: (ctx, input) => {
    if (input.from && input.to && input.from > input.to) {
      throw new DomainError('invalid', 'The period ends before it begins.', {
        errors: { to: ['must not be before from'] },
      });
    }
    return selectFlows(ctx.tx, ctx.scope, input);
  },
});

/** One step of bringing search and flows as far as the ledger is folded; answers whether there is more. */
export function indexLedger(ctx: Context) {
  return callIndex(ctx.tx);
}
