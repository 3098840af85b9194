import { Link } from '@remix-run/react';
import { humanize } from '../labels.ts';
import type { PartyNode, TraceBranch } from '../trace-tree.ts';
import { Badge } from './badge.tsx';
import { outsider } from './flow-tables.tsx';
import { Icon } from './icon.tsx';
import { Money } from './money.tsx';
import { CalendarDate } from './time.tsx';

type Props = { branches: TraceBranch[]; here: string; label?: string };

/** Transactions, each above what followed from it. */
export function TraceTree({ branches, here, label }: Props) {
  return (
    <ol className="trace" aria-label={label}>
      {branches.map((branch) => (
        <li key={branch.node.id}>
          <Step branch={branch} isHere={branch.node.id === here} />
          {branch.next.length > 0 ? <TraceTree branches={branch.next} here={here} /> : null}
        </li>
      ))}
    </ol>
  );
}

function Step({ branch, isHere }: { branch: TraceBranch; isHere: boolean }) {
  const { node, from, to, debts, sameAs } = branch;
  const kind = node.category ? `${humanize(node.type)}, ${humanize(node.category).toLowerCase()}` : humanize(node.type);
  return (
    <div className={isHere ? 'trace-step trace-here' : 'trace-step'} aria-current={isHere || undefined}>
      <span>
        <Link to={`/transactions/${node.id}`}>{node.label}</Link> <Badge status={node.status} />
      </span>
      <span>{node.amount ? <Money {...node.amount} /> : null}</span>
      <span className="cell-note">
        {kind} · <CalendarDate value={node.effective_date} />
      </span>
      {from || to ? (
        <span className="trace-way">
          <Party party={from} type={node.type} />
          <span className="visually-hidden">to</span>
          <Icon name="chevron" size={11} />
          <Party party={to} type={node.type} />
        </span>
      ) : null}
      {debts.map(({ edge, debtor, creditor }) => (
        <span key={`${edge.source} ${edge.target}`} className="trace-way">
          <Party party={debtor} type={node.type} />
          {edge.kind === 'owes' ? 'came to owe' : 'settled with'}
          <Party party={creditor} type={node.type} />
          {edge.amount ? <Money {...edge.amount} /> : null}
        </span>
      ))}
      {sameAs.map((other) => (
        <span key={other.id} className="trace-way">
          Another system calls it the same as <Link to={`/transactions/${other.id}`}>{other.label}</Link>
        </span>
      ))}
    </div>
  );
}

const NAMES: Record<string, string> = { tenant: 'The platform', end_customer: 'A customer' };
const PAGES: Record<string, string> = {
  merchant: '/merchants/',
  merchant_org: '/merchant-orgs/',
  account: '/accounts/',
};

function Party({ party, type }: { party: PartyNode | null; type: string }) {
  if (!party) return <span>{outsider(type)}</span>;
  const page = PAGES[party.party_type];
  const name = party.label ?? NAMES[party.party_type] ?? humanize(party.party_type);
  return page && party.label ? <Link to={page + party.id}>{name}</Link> : <span>{name}</span>;
}
