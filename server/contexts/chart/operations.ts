// The chart of accounts as a tree, with balances. The tree is made of types and codes alone: an account lies below the one of
// its type whose code it continues ("1000" → "1000-EUR", "1000.10"), or else in whose block of a hundred it is: a code of
// digits that ends in 00 holds those of its length that differ in the last two ("1000" → "1050"). The nearest wins.
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { type AccountRow, selectAccounts, selectBook } from './queries.ts';
import { type ChartNode, chart, type SubtreeSum } from './schemas.ts';

type Codes = ReadonlyMap<string, AccountRow>;

function parentOf(account: AccountRow, codes: Codes): AccountRow | null {
  const { code, type } = account;
  const digits = /^\d+/.exec(code)?.[0] ?? '';
  for (let length = code.length; length > 0; length -= 1) {
    const block = length === digits.length - 2 ? `${digits.slice(0, length)}00` : null;
    for (const candidate of [block, length < code.length ? code.slice(0, length) : null]) {
      const found = candidate === null || candidate === code ? undefined : codes.get(`${type} ${candidate}`);
      if (found) return found;
    }
  }
  return null;
}

const columns = ['debits', 'credits', 'balance', 'pending_debits', 'pending_credits'] as const;

/** Adds the sums of one account to those of another's subtree. */
function addTo(subtree: SubtreeSum[], own: SubtreeSum): void {
  const same = subtree.find(({ currency }) => currency === own.currency);
  if (!same) {
    subtree.push({ ...own });
    return;
  }
  for (const column of columns) {
    same[column] += own[column];
    if (!Number.isSafeInteger(same[column])) {
      throw new DomainError('amount_out_of_range', 'A sum is beyond what can be answered exactly (2^53 - 1).');
    }
  }
}

/** Rows come by type and code; a parent's code sorts before its children's, so that it is placed before them. */
function treeOf(rows: readonly AccountRow[]): ChartNode[] {
  const codes: Codes = new Map(rows.map((row) => [`${row.type} ${row.code}`, row]));
  const nodes = new Map<string, ChartNode>();
  const below = Map.groupBy(rows, (row) => parentOf(row, codes)?.account_id ?? null);
  const place = (parent: ChartNode | null): ChartNode[] =>
    (below.get(parent?.account_id ?? null) ?? []).flatMap((row) => {
      const sums = { ...row, balance: row.debits - row.credits };
      const node: ChartNode = {
        ...sums,
        parent_id: parent?.account_id ?? null,
        depth: parent ? parent.depth + 1 : 0,
        subtree: [],
      };
      nodes.set(node.account_id, node);
      const { currency, debits, credits, balance, pending_debits, pending_credits } = node;
      const own = { currency, debits, credits, balance, pending_debits, pending_credits };
      for (let at: ChartNode | undefined = node; at; at = nodes.get(at.parent_id ?? '')) addTo(at.subtree, own);
      return [node, ...place(node)];
    });
  return place(null);
}

export const bookChart = defineOperation({
  name: 'book.chart',
  kind: 'read',
  risk: 'read',
  permission: 'account:read',
  resource: 'book',
  summary: 'Read the chart of accounts of a book as a tree with balances',
  input: idInput,
  output: chart,
  http: { method: 'GET', path: '/api/books/{id}/chart' },
  run: async (ctx, { id }) => {
    const book = orNotFound(await selectBook(ctx.tx, ctx.scope, id));
    return { ...book, data: treeOf(await selectAccounts(ctx.tx, id)) };
  },
});
