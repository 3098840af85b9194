// Finds whatever the words are part of, of every kind that the reader may read, as far as they may read it. A kind that they
// may not read is not asked for at all.
import { requireSomebody, scopeOf } from '../../operations/actor.ts';
import { DomainError } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { transactionList } from '../transaction/operations.ts';
import { SEARCHED_KINDS, selectFound } from './queries.ts';
import { FOUND_KINDS, type Found, searchAnswer, searchInput } from './schemas.ts';

type Ranked = Found & { rank: number };

/** Words of a transaction match in no better or worse way. */
const TRANSACTION_RANK = 3;

const PERMISSIONS = FOUND_KINDS.map((kind) => `${kind}:read`);

async function findTransactions(ctx: Context, q: string): Promise<Ranked[]> {
  const scope = scopeOf(ctx.actor, 'transaction:read');
  if (!scope) return [];
  const { data } = await transactionList.run!({ ...ctx, scope }, { q, limit: 5 }, {});
  return data.map(({ id, description, effective_date }) => ({
    kind: 'transaction',
    id,
    label: description,
    detail: effective_date,
    starts_at: null,
    time_zone: null,
    merchant_id: null,
    merchant_name: null,
    rank: TRANSACTION_RANK,
  }));
}

async function findOthers(ctx: Context, q: string): Promise<readonly Ranked[]> {
  const kinds = SEARCHED_KINDS.flatMap((kind) => {
    const scope = scopeOf(ctx.actor, `${kind}:read`);
    return scope ? [{ kind, scope }] : [];
  });
  return kinds.length === 0 ? [] : selectFound(ctx.tx, q, kinds, scopeOf(ctx.actor, 'merchant:read'));
}

/** Kinds stay together: first the one with the best match. */
function byKind(rows: readonly Ranked[]): Found[] {
  const kinds = FOUND_KINDS.flatMap((kind) => {
    const own = rows.filter((row) => row.kind === kind).sort((left, right) => left.rank - right.rank);
    return own[0] ? [{ best: own[0].rank, own }] : [];
  });
  return kinds
    .sort((left, right) => left.best - right.best)
    .flatMap(({ own }) => own.map(({ rank: _, ...hit }) => hit));
}

export const searchFind = defineOperation({
  name: 'search.find',
  kind: 'read',
  risk: 'read',
  permission: null,
  openBecause: 'Who may read things of any kind may search, and finds only what they may read.',
  alsoRequires: PERMISSIONS,
  resource: 'search',
  summary: 'Find things of every kind by a part of their name, number or address, the best of each kind',
  input: searchInput,
  output: searchAnswer,
  http: { method: 'GET', path: '/api/search' },
  describe: ({ q }) => `Searched for “${q}”`,
  run: async (ctx, input) => {
    requireSomebody(ctx.actor);
    if (!PERMISSIONS.some((permission) => scopeOf(ctx.actor, permission))) {
      throw new DomainError('forbidden', 'There is nothing of any kind that you may read.');
    }
    const q = input.q.trim();
    const [others, transactions] = await Promise.all([findOthers(ctx, q), findTransactions(ctx, q)]);
    return { data: byKind([...others, ...transactions]) };
  },
});
