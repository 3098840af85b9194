// Transactions: business events and what they posted. A typed one is turned into lines by its posting rule; raw lines
// need a permission of their own. Posting is one SQL function, one statement, one round trip.
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { callPostByRule, callPostLines, pageOfTransactions, selectTransaction } from './queries.ts';
import {
  transaction,
  transactionCreateInput,
  transactionListInput,
  transactionList as transactionListSchema,
} from './schemas.ts';

export const transactionList = defineOperation({
  name: 'transaction.list',
  kind: 'read',
  risk: 'read',
  permission: 'transaction:read',
  resource: 'transaction',
  summary: 'List transactions with their journals',
  input: transactionListInput,
  output: transactionListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/transactions' },
  run: (ctx, input) => pageOfTransactions(ctx.tx, ctx.scope, input),
});

export const transactionGet = defineOperation({
  name: 'transaction.get',
  kind: 'read',
  risk: 'read',
  permission: 'transaction:read',
  resource: 'transaction',
  summary: 'Read a transaction with its journals',
  input: idInput,
  output: transaction,
  http: { method: 'GET', path: '/api/transactions/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectTransaction(ctx.tx, ctx.scope, id)),
});

export const transactionCreate = defineOperation({
  name: 'transaction.create',
  kind: 'write',
  risk: 'money',
  permission: 'transaction:post',
  alsoRequires: ['transaction:post_raw'],
  resource: 'transaction',
  summary: 'Post a transaction: raw balanced lines, or a type that its posting rule turns into lines',
  input: transactionCreateInput,
  output: transaction,
  http: { method: 'POST', path: '/api/transactions', status: 201 },
  describe: (input) =>
    'lines' in input
      ? `Posted ${input.description}`
      : `Posted ${input.type}${input.description ? `: ${input.description}` : ''}`,
  onConstraint: {
    transactions_external_id_unique: () =>
      new DomainError('conflict', 'A transaction with this external_id exists already.', {
        errors: { external_id: ['is taken'] },
      }),
  },
  statement: (ctx, input, work) => {
    if ('lines' in input) {
      const scope = ctx.require('transaction:post_raw');
      return callPostLines(ctx.tx, work && { ...work, scope }, input);
    }
    const description = input.description ?? `${input.type[0]!.toUpperCase()}${input.type.slice(1)}`;
    return callPostByRule(ctx.tx, work, { ...input, description });
  },
});
