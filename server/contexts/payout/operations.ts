// Payouts: money of a merchant or MerchantOrg that leaves processor clearing for its bank. A payout is a transaction, and its
// state is read from the transactions that belong to it (view `payouts`), so it cannot go stale: a hold is scheduled, a
// posting is in transit, a settlement or a return caused by it ends it, once.
import type * as v from 'valibot';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import { postWithin, stepWithin } from '../transaction/operations.ts';
import type { Transaction } from '../transaction/schemas.ts';
import {
  callSendDuePayouts,
  callSendPayoutsLater,
  lockPayout,
  pageOfBalances,
  pageOfPayouts,
  reserve,
  selectFacts,
  selectPayout,
} from './queries.ts';
import {
  type Payout,
  type PayoutStep,
  payout,
  payoutBalanceListInput,
  payoutBalanceList as payoutBalanceListSchema,
  payoutCancelInput,
  payoutCreateInput,
  payoutFailInput,
  payoutListInput,
  payoutList as payoutListSchema,
  payoutSettleInput,
  payoutWithFacts,
  sentPayouts,
} from './schemas.ts';

export const payoutList = defineOperation({
  name: 'payout.list',
  kind: 'read',
  risk: 'read',
  permission: 'payout:read',
  resource: 'payout',
  summary: 'List payouts with the state that the ledger gives them',
  input: payoutListInput,
  output: payoutListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/payouts' },
  run: (ctx, input) => pageOfPayouts(ctx.tx, ctx.scope, input),
});

export const payoutGet = defineOperation({
  name: 'payout.get',
  kind: 'read',
  risk: 'read',
  permission: 'payout:read',
  resource: 'payout',
  summary: 'Read a payout with its transactions and its timeline',
  input: idInput,
  output: payoutWithFacts,
  http: { method: 'GET', path: '/api/payouts/{id}' },
  run: async (ctx, { id }) => {
    const found = orNotFound(await selectPayout(ctx.tx, ctx.scope, id));
    const transactions = await selectFacts(ctx.tx, ctx.scope, id);
    return { ...found, timeline: timelineOf(id, transactions), transactions };
  },
});

const STEPS: Readonly<Record<string, readonly [PayoutStep['step'], PayoutStep['step']]>> = {
  '': ['sent', 'canceled'],
  settled: ['settled', 'settlement_reversed'],
  returned: ['returned', 'return_reversed'],
};

/** What happened, read from the journals: each step is one. */
function timelineOf(id: string, transactions: readonly Transaction[]): PayoutStep[] {
  const steps = transactions.flatMap((fact) => {
    const [forward, back] = STEPS[fact.category ?? '']!;
    return fact.journals.flatMap(({ kind, recorded_at: at }): PayoutStep[] => {
      const taken = (step: PayoutStep['step'], reason: unknown = null): PayoutStep[] => [
        { step, at, transaction_id: fact.id, reason: typeof reason === 'string' ? reason : null },
      ];
      if (kind === 'post') return taken(forward, fact.metadata.reason);
      if (kind === 'reversal') return taken(back, fact.reason);
      if (fact.id !== id) return [];
      if (kind === 'hold') return taken('scheduled');
      return fact.status === 'voided' ? taken('canceled', fact.reason) : [];
    });
  });
  return steps.sort((left, right) => (left.at < right.at ? -1 : 1));
}

export const payoutBalances = defineOperation({
  name: 'payout_balance.list',
  kind: 'read',
  risk: 'read',
  permission: 'payout:read',
  resource: 'payout',
  summary: 'List what merchants and MerchantOrgs have to be paid out, by currency',
  input: payoutBalanceListInput,
  output: payoutBalanceListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/payout-balances' },
  run: (ctx, input) => pageOfBalances(ctx.tx, ctx.scope, input),
});

const externalIdTaken = () =>
  new DomainError('conflict', 'A payout with this external_id exists already.', {
    errors: { external_id: ['is taken'] },
  });

function payeeOf({ merchant_id, party }: v.InferOutput<typeof payoutCreateInput>) {
  return party ?? { type: 'merchant' as const, id: merchant_id! };
}

export const payoutCreate = defineOperation({
  name: 'payout.create',
  kind: 'write',
  risk: 'money',
  permission: 'payout:create',
  resource: 'payout',
  summary: 'Pay out to a merchant or MerchantOrg what processor clearing holds for it, now or on a later day',
  input: payoutCreateInput,
  output: payout,
  http: { method: 'POST', path: '/api/payouts', status: 201 },
  describe: ({ scheduled_for }) => (scheduled_for ? 'Scheduled a payout' : 'Sent a payout'),
  onConstraint: { transactions_external_id_unique: externalIdTaken },
  run: async (ctx, input) => {
    const to = payeeOf(input);
    const { amount, currency } = input.amount;
    const scheduledFor = input.scheduled_for ?? null;
    const sentOn = input.effective_date ?? null;
    const name = await reserve(ctx.tx, ctx.scope, { ...to, amount, currency, scheduledFor, sentOn });
    await postWithin(ctx, {
      id: ctx.id,
      type: 'payout',
      description: input.description ?? `Payout to ${name}`,
      to_type: to.type,
      to_id: to.id,
      amount,
      currency,
      source: 'payout',
      external_id: input.external_id,
      metadata: { destination: input.destination ?? undefined },
      effective_date: scheduledFor ?? sentOn ?? undefined,
      status: scheduledFor ? 'pending' : undefined,
    });
    if (scheduledFor) {
      await callSendPayoutsLater(ctx.tx);
    }
    return orNotFound(await selectPayout(ctx.tx, ctx.scope, ctx.id));
  },
});

/** Ends a payout that is in transit by a transaction that it causes. Whoever holds it first ends it. */
async function end(
  ctx: Context,
  category: 'settled' | 'returned',
  input: v.InferOutput<typeof payoutSettleInput> & { reason?: string },
): Promise<Payout> {
  const { id, state, party, amount, description } = orNotFound(await lockPayout(ctx.tx, ctx.scope, input.id));
  if (state !== 'in_transit') {
    throw new DomainError(state === 'paid' ? 'already_settled' : 'already_returned');
  }
  await postWithin(ctx, {
    type: 'payout',
    category,
    description: `${description}, ${category}`,
    to_type: party.type,
    to_id: party.id,
    ...amount,
    effective_date: input.effective_date,
    source: 'payout',
    external_id: input.external_id,
    caused_by: id,
    metadata: { reason: input.reason },
  });
  return orNotFound(await selectPayout(ctx.tx, ctx.scope, id));
}

export const payoutSettle = defineOperation({
  name: 'payout.settle',
  kind: 'write',
  risk: 'money',
  permission: 'payout:settle',
  resource: 'payout',
  summary: 'Record that a payout arrived',
  input: payoutSettleInput,
  output: payout,
  http: { method: 'POST', path: '/api/payouts/{id}/settle' },
  onConstraint: { transactions_external_id_unique: externalIdTaken },
  run: (ctx, input) => end(ctx, 'settled', input),
});

export const payoutFail = defineOperation({
  name: 'payout.fail',
  kind: 'write',
  risk: 'money',
  permission: 'payout:settle',
  resource: 'payout',
  summary: 'Record that a payout came back: its money is available again',
  input: payoutFailInput,
  output: payout,
  http: { method: 'POST', path: '/api/payouts/{id}/fail' },
  describe: ({ reason }) => `A payout came back: ${reason}`,
  onConstraint: { transactions_external_id_unique: externalIdTaken },
  run: (ctx, input) => end(ctx, 'returned', input),
});

export const payoutCancel = defineOperation({
  name: 'payout.cancel',
  kind: 'write',
  risk: 'money',
  permission: 'payout:cancel',
  resource: 'payout',
  summary: 'Cancel a payout that waits for its day',
  input: payoutCancelInput,
  output: payout,
  http: { method: 'POST', path: '/api/payouts/{id}/cancel' },
  describe: ({ reason }) => (reason ? `Canceled a payout: ${reason}` : 'Canceled a payout'),
  run: async (ctx, { id, reason }) => {
    orNotFound(await selectPayout(ctx.tx, ctx.scope, id));
    await stepWithin(ctx, id, 'release', { reason });
    return orNotFound(await selectPayout(ctx.tx, ctx.scope, id));
  },
});

/** Queued for the beginning of each day that payouts are scheduled for. */
export const payoutSendDue = defineOperation({
  name: 'payout.send_due',
  kind: 'write',
  risk: 'money',
  permission: 'job:run',
  resource: 'payout',
  summary: 'Send the payouts whose day has come',
  input: empty,
  output: sentPayouts,
  closedDoors: { http: 'Queued with the payout that waits.', mcp: 'Queued with the payout that waits.' },
  run: (ctx) => callSendDuePayouts(ctx.tx),
});
