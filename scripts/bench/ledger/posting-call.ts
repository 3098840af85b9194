import { createHash } from 'node:crypto';
import type pg from 'pg';
import { newId } from '../../../server/operations/id.ts';
import type { Call } from './contender.ts';

/** Which of the product's functions the schema has. */
export type PostingFunction = 'post_transactions' | 'post_lines';

/** What has to be the same in every call of a tenant. */
export type PostingContext = { accountIds: readonly string[]; accessVersion: number; function: PostingFunction };

const SYSTEM = { type: 'system', id: 'bench', name: 'bench' };

/**
 * The product's call, as the kernel makes it for a caller with an Idempotency-Key: the one place that knows its shape.
 * `post_lines` has no batch, so there it is called once per transaction, within one statement and one unit of work.
 */
export function postingStatement(context: PostingContext, call: Call): pg.QueryConfig {
  const lines = linesOf(context.accountIds, call);
  const work = JSON.stringify(workOf(context, call));
  if (context.function === 'post_lines') {
    return {
      name: `post_lines ${call.length}`,
      text: `SELECT post_lines($1::jsonb, $2::jsonb, ($3::uuid[])[n * size + 1 : n * size + size],
          ($4::entry_side[])[n * size + 1 : n * size + size], ($5::bigint[])[n * size + 1 : n * size + size], $6::text[])
        FROM generate_series(0, ${call.length} - 1) AS n, LATERAL (SELECT cardinality($3::uuid[]) / ${call.length} AS size) s`,
      values: [work, JSON.stringify(HEADER), lines.accountIds, lines.sides, lines.amounts, null],
    };
  }
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
