// The ledger as a whole: whether its left side equals its right, and the figures that the dashboard shows.
import { scopeOf } from '../../operations/actor.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty } from '../../operations/schemas.ts';
import { indexWholeTrail } from '../audit/operations.ts';
import { eraseWhatIsSealed } from '../audit-erasure/operations.ts';
import { indexLedger } from '../flow/operations.ts';
import { countMerchantsByStatus } from '../merchant/operations.ts';
import { readSeal, sealWhatIsFolded } from '../seal/operations.ts';
import { sidesOfBooks } from '../transaction-journal/operations.ts';
import { callFold, selectFigures } from './queries.ts';
import { type Integrity, integrity, overview, settled } from './schemas.ts';

async function readIntegrity(ctx: Context): Promise<Integrity> {
  const [books, seal] = await Promise.all([sidesOfBooks(ctx), readSeal(ctx)]);
  return { balanced: books.every((book) => book.difference === 0), books: [...books], ...seal };
}

export const ledgerIntegrity = defineOperation({
  name: 'ledger.integrity',
  kind: 'read',
  risk: 'read',
  permission: 'ledger:read',
  resource: 'ledger',
  summary: 'Prove that debits equal credits, per book and currency',
  input: empty,
  output: integrity,
  http: { method: 'GET', path: '/api/ledger/integrity' },
  run: readIntegrity,
});

export const overviewGet = defineOperation({
  name: 'overview.get',
  kind: 'read',
  risk: 'read',
  permission: 'ledger:read',
  resource: 'ledger',
  summary: 'Read the figures of the dashboard',
  input: empty,
  output: overview,
  http: { method: 'GET', path: '/api/overview' },
  run: async (ctx) => {
    const [figures, byStatus, books] = await Promise.all([
      selectFigures(ctx.tx, ctx.scope),
      countMerchantsByStatus(ctx, scopeOf(ctx.actor, 'merchant:read')),
      sidesOfBooks(ctx),
    ]);
    const merchants = Object.values(byStatus).reduce((total, count) => total + count, 0);
    return {
      ...figures,
      merchants,
      merchants_by_status: byStatus,
      balanced: books.every((book) => book.difference === 0),
    };
  },
});

/**
 * Folds what nobody can add to any more into totals, which balances are read from, seals it, has it searched, and carries
 * out erasures that waited for the seal. Queued by postings and every
 * quarter of an hour. Changes nothing of record, so it leaves no audit event; each step is a transaction of its own.
 */
export const ledgerSettle = defineOperation({
  name: 'ledger.settle',
  kind: 'read',
  risk: 'read',
  permission: 'job:run',
  resource: 'ledger',
  summary: 'Fold what was posted into totals, and seal it',
  input: empty,
  output: settled,
  closedDoors: { http: 'Queued by postings.', mcp: 'Queued by postings.' },
  run: async (ctx) => {
    let folded = 0;
    let sealed = 0;
    for (;;) {
      const step = await callFold(ctx.tx);
      folded += step.folded;
      sealed += await sealWhatIsFolded(ctx);
      if (!step.has_more) break;
    }
    for (let hasMore = true; hasMore; ) hasMore = (await indexLedger(ctx)).has_more;
    await indexWholeTrail(ctx);
    await eraseWhatIsSealed(ctx);
    return { folded, sealed };
  },
});
