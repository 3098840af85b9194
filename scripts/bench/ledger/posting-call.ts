import { createHash } from 'node:crypto';
import type pg from 'pg';
import { newId } from '../../../server/operations/id.ts';
import type { Call } from './contender.ts';

/** What has to be the same in every call of a tenant. */
export type PostingContext = { accountIds: readonly string[]; accessVersion: number };

const SYSTEM = { type: 'system', id: 'bench', name: 'bench' };

/**
 * The product's call, as the kernel makes it for a caller with an Idempotency-Key: the one place that knows its shape.
 */
export function postingStatement(context: PostingContext, call: Call): pg.QueryConfig {
  const lines = linesOf(context.accountIds, call);
  const work = JSON.stringify(workOf(context, call));
  return {
    name: 'post_transactions',
    text: `SELECT post_transactions($1::jsonb, $2::jsonb, $3::integer[], $4::uuid[], $5::entry_side[], $6::bigint[], $7::text[])`,
    values: [
      work,
      JSON.stringify(call.length === 1 ? HEADER : call.map(() => HEADER)),
      `{${call.flatMap((transfers, entry) => transfers.flatMap(() => [entry + 1, entry + 1]))}}`,
      lines.accountIds,
      lines.sides,
      lines.amounts,
      null,
    ],
  };
}

const HEADER = { description: 'Benchmark' };

function workOf({ accessVersion }: PostingContext, call: Call): object {
  const key = newId();
  return {
    operation: call.length === 1 ? 'transaction.create' : 'transaction.createBatch',
    summary: 'Posted Benchmark',
    actor: SYSTEM,
    resource: call.length === 1 ? { type: 'transaction', id: newId() } : { type: 'transaction' },
    scope: { all: true, merchant_org_ids: [], merchant_ids: [] },
    request: { id: newId(), door: 'command' },
    idempotency: { key, hash: createHash('sha256').update(key).digest('hex') },
    access_version: accessVersion,
    answer: 'minimal',
  };
}

/** As arrays in Postgres' text form, which costs the client least. */
export function linesOf(accountIds: readonly string[], call: Call) {
  const transfers = call.flat();
  return {
    accountIds: `{${transfers.map(({ from, to }) => `${accountIds[to]},${accountIds[from]}`)}}`,
    sides: `{${transfers.map(() => 'debit,credit')}}`,
    amounts: `{${transfers.map(({ amount }) => `${amount},${amount}`)}}`,
  };
}
