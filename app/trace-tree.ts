// A trace as people read it: each transaction under the one that it follows from.
import type { Trace } from '../server/contexts/flow/schemas.ts';

type Node = Trace['nodes'][number];
export type TransactionNode = Extract<Node, { kind: 'transaction' }>;
export type PartyNode = Extract<Node, { kind: 'party' }>;
type Edge = Trace['edges'][number];

export type TraceBranch = {
  node: TransactionNode;
  from: PartyNode | null;
  to: PartyNode | null;
  /** What the books of two parties came to owe or settled by it. */
  debts: { edge: Edge; debtor: PartyNode; creditor: PartyNode }[];
  /** Others that another system calls the same. */
  sameAs: TransactionNode[];
  next: TraceBranch[];
};

/** The branches that begin with what nothing shown leads to; the one with the transaction itself first. */
export function traceTree({ transaction_id, nodes, edges }: Trace): TraceBranch[] {
  const transactions = new Map(nodes.filter((node) => node.kind === 'transaction').map((node) => [node.id, node]));
  const parties = new Map(nodes.filter((node) => node.kind === 'party').map((node) => [node.id, node]));
  const party = (id: string | undefined) => (id === undefined ? null : (parties.get(id) ?? null));
  const caused = edges.filter(({ kind }) => kind === 'caused');
  const branch = (node: TransactionNode): TraceBranch => ({
    node,
    from: party(edges.find(({ kind, target }) => kind === 'from_party' && target === node.id)?.source),
    to: party(edges.find(({ kind, source }) => kind === 'to_party' && source === node.id)?.target),
    debts: edges.flatMap((edge) => {
      const [debtor, creditor] = [party(edge.source), party(edge.target)];
      return edge.by === node.id && debtor && creditor ? [{ edge, debtor, creditor }] : [];
    }),
    sameAs: edges
      .filter(({ kind, source, target }) => kind === 'same_external_id' && [source, target].includes(node.id))
      .flatMap(({ source, target }) => transactions.get(source === node.id ? target : source) ?? []),
    next: caused
      .filter(({ source }) => source === node.id)
      .flatMap(({ target }) => {
        const effect = transactions.get(target);
        return effect ? [branch(effect)] : [];
      }),
  });
  const followed = new Set(caused.map(({ target }) => target));
  const holds = ({ node, next }: TraceBranch): boolean => node.id === transaction_id || next.some(holds);
  const branches = [...transactions.values()].filter(({ id }) => !followed.has(id)).map(branch);
  return branches.sort((a, b) => Number(holds(b)) - Number(holds(a)));
}
