// Transactions: business events and what they posted. A typed one is turned into lines by its posting rule; raw lines
// need a permission of their own. Posting is one SQL function, one statement, one round trip.
import * as v from 'valibot';
import type { Scope } from '../../operations/actor.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation, type StatementAnswer, type Work } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import { envelope } from '../../operations/statement.ts';
import {
  callExpireHolds,
  callPostTransactions,
  callPreview,
  callStep,
  type Posting,
  pageOfTransactions,
  selectTransaction,
} from './queries.ts';
import {
  expiredHolds,
  postedId,
  type Transaction,
  transaction,
  transactionBatchInput,
  transactionBatch as transactionBatchSchema,
  transactionCreateInput,
  transactionListInput,
  transactionList as transactionListSchema,
  transactionPostInput,
  transactionPreview as transactionPreviewSchema,
  transactionReverseInput,
  transactionVoidInput,
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

type Input = v.InferOutput<typeof transactionCreateInput>;

/** The header and the lines as the posting function takes them. */
function postingOf(input: Input, place?: number): Posting {
  if (input.expires_at && input.status !== 'pending') {
    throw new DomainError('invalid', 'Only a pending transaction expires.', {
      errors: {
        [`${place === undefined ? '' : `transactions.${place}.`}expires_at`]: ['is only for a pending transaction'],
      },
    });
  }
  if ('lines' in input) {
    const { lines, ...header } = input;
    return { header, lines };
  }
  const { from, to, amount: money, ...rest } = input;
  return {
    header: {
      ...rest,
      description: describeTyped(input),
      from_type: from?.type,
      from_id: from?.id,
      to_type: to?.type,
      to_id: to?.id,
      amount: money.amount,
      currency: money.currency,
    },
    lines: [],
  };
}

function describeTyped({ type, description }: Exclude<Input, { lines: unknown }>): string {
  return description ?? `${type[0]!.toUpperCase()}${type.slice(1).replaceAll('_', ' ')}`;
}

/** Raw lines need a permission of their own, and are posted within the scope of that one. */
function scopeFor(ctx: Context, inputs: readonly Input[]): Scope {
  return inputs.some((input) => 'lines' in input) ? ctx.require('transaction:post_raw') : ctx.scope;
}

const onConstraint = {
  transactions_external_id_unique: () =>
    new DomainError('conflict', 'A transaction with this external_id exists already.', {
      errors: { external_id: ['is taken'] },
    }),
  transactions_payout_ends_once: () => new DomainError('conflict', 'This payout was settled or returned already.'),
};

export const transactionCreate = defineOperation({
  name: 'transaction.create',
  kind: 'write',
  risk: 'money',
  permission: 'transaction:post',
  alsoRequires: ['transaction:post_raw'],
  resource: 'transaction',
  summary:
    'Post a transaction, or hold it as pending: raw balanced lines, or a type that its posting rule turns into lines',
  input: transactionCreateInput,
  output: transaction,
  minimal: postedId,
  http: { method: 'POST', path: '/api/transactions', status: 201 },
  describe: (input) =>
    `${input.status === 'pending' ? 'Held' : 'Posted'} ${'lines' in input ? input.description : describeTyped(input)}`,
  onConstraint,
  statement: (ctx, input, work) =>
    callPostTransactions(ctx.tx, work && { ...work, scope: scopeFor(ctx, [input]) }, [postingOf(input)], false),
});

export const transactionCreateBatch = defineOperation({
  name: 'transaction.create_batch',
  kind: 'write',
  risk: 'money',
  permission: 'transaction:post',
  alsoRequires: ['transaction:post_raw'],
  resource: 'transaction',
  summary: 'Post up to 1,000 transactions, all or none',
  input: transactionBatchInput,
  output: transactionBatchSchema,
  minimal: v.object({ data: v.array(postedId) }),
  http: { method: 'POST', path: '/api/transactions/batch', status: 201 },
  describe: ({ transactions }) => `Posted ${transactions.length} transactions`,
  onConstraint,
  statement: (ctx, { transactions }, work) =>
    callPostTransactions(
      ctx.tx,
      work && { ...work, scope: scopeFor(ctx, transactions) },
      transactions.map(postingOf),
      true,
    ),
});

export const transactionPreview = defineOperation({
  name: 'transaction.preview',
  kind: 'read',
  risk: 'read',
  permission: 'transaction:post',
  alsoRequires: ['transaction:post_raw'],
  resource: 'transaction',
  summary: 'See what posting a transaction would do, by the same code; nothing is kept',
  input: transactionCreateInput,
  output: transactionPreviewSchema,
  http: { method: 'POST', path: '/api/transactions/preview' },
  onConstraint,
  run: (ctx, input) => {
    const what = {
      operation: 'transaction.preview',
      summary: 'Preview',
      resource: { type: 'transaction', id: ctx.id },
    };
    const work: Work = { ...envelope(ctx.actor, ctx.call, what), scope: scopeFor(ctx, [input]) };
    return callPreview(ctx.tx, work, postingOf(input));
  },
});

export const transactionPost = defineOperation({
  name: 'transaction.post',
  kind: 'write',
  risk: 'money',
  permission: 'transaction:post',
  resource: 'transaction',
  summary: 'Post a pending transaction, whole or in part; what is not posted is released',
  input: transactionPostInput,
  output: transaction,
  http: { method: 'POST', path: '/api/transactions/{id}/post' },
  describe: ({ amount }) => (amount ? 'Posted a part of the hold' : 'Posted the hold'),
  statement: (ctx, { id, ...input }, work) => callStep(ctx.tx, work, id, 'post', input),
});

export const transactionVoid = defineOperation({
  name: 'transaction.void',
  kind: 'write',
  risk: 'money',
  permission: 'transaction:post',
  resource: 'transaction',
  summary: 'Void a pending transaction: what it held is released',
  input: transactionVoidInput,
  output: transaction,
  http: { method: 'POST', path: '/api/transactions/{id}/void' },
  describe: ({ reason }) => (reason ? `Voided: ${reason}` : 'Voided'),
  statement: (ctx, { id, ...input }, work) => callStep(ctx.tx, work, id, 'release', input),
});

export const transactionReverse = defineOperation({
  name: 'transaction.reverse',
  kind: 'write',
  risk: 'money',
  permission: 'transaction:reverse',
  resource: 'transaction',
  summary: 'Reverse a posted transaction with a journal that takes it back',
  input: transactionReverseInput,
  output: transaction,
  http: { method: 'POST', path: '/api/transactions/{id}/reverse' },
  describe: ({ reason }) => `Reversed: ${reason}`,
  statement: (ctx, { id, ...input }, work) => callStep(ctx.tx, work, id, 'reversal', input),
});

/** Queued with every hold that expires, for the minute after it does. */
export const transactionExpire = defineOperation({
  name: 'transaction.expire',
  kind: 'write',
  risk: 'money',
  permission: 'job:run',
  resource: 'transaction',
  summary: 'Void the pending transactions that have expired',
  input: empty,
  output: expiredHolds,
  closedDoors: { http: 'Queued with the hold that expires.', mcp: 'Queued with the hold that expires.' },
  run: (ctx) => callExpireHolds(ctx.tx),
});

/**
 * Posts a transaction as a part of another operation, whose audit event serves and whose scope it is bound to.
 * `header.id`, when given, becomes its id.
 */
export async function postWithin(
  ctx: Context,
  { id, ...header }: { id?: string } & Record<string, unknown>,
  lines: Posting['lines'] = [],
): Promise<Transaction> {
  const work: Work = { scope: ctx.scope, resource: { type: 'transaction', id } };
  return documentOf(await callPostTransactions(ctx.tx, work, [{ header, lines }], false));
}

/** Takes a step of a transaction as a part of another operation; like postWithin. */
export async function stepWithin(
  ctx: Context,
  id: string,
  step: 'post' | 'release' | 'reversal',
  input: object,
): Promise<Transaction> {
  return documentOf(await callStep(ctx.tx, { scope: ctx.scope }, id, step, input));
}

function documentOf(answer: StatementAnswer): Transaction {
  if ('replay' in answer) {
    throw new Error('A part of an operation is never a replay by itself');
  }
  return JSON.parse(answer.body);
}
