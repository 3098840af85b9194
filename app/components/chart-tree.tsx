import { Link } from '@remix-run/react';
import type { ChartNode, SubtreeSum } from '../../server/contexts/chart/schemas.ts';
import { isDebitNormal, onNormalSide } from '../account-sides.ts';
import { humanize } from '../labels.ts';
import { Badge } from './badge.tsx';
import { Amount, Money } from './money.tsx';
import { TableScroll } from './table.tsx';
import { useTenant } from './use-tenant.ts';

const PLURALS: Record<string, string> = { asset: 'Assets', liability: 'Liabilities', expense: 'Expenses' };
const DEEPEST = 5;

type Pending = Pick<SubtreeSum, 'pending_debits' | 'pending_credits'>;

/** What the balance becomes if everything pending is posted, less the balance. */
function pendingOf(type: string, { pending_debits, pending_credits }: Pending): number {
  const net = pending_debits - pending_credits;
  return isDebitNormal(type) ? net : 0 - net;
}

/** A chart of accounts by type: each account below the one whose code it continues, with balances on its normal side. */
export function ChartTree({ nodes, label, home }: { nodes: ChartNode[]; label: string; home: string }) {
  return (
    <TableScroll label={label}>
      <table className="report chart-of-accounts">
        <thead>
          <tr>
            <th>Account</th>
            <th className="end wide-only">Pending</th>
            <th className="end">Balance</th>
            <th className="end medium-only">With those below</th>
          </tr>
        </thead>
        {[...Map.groupBy(nodes, (node) => node.type)].map(([type, own]) => (
          <tbody key={type}>
            <tr className="report-section">
              <th scope="rowgroup">{PLURALS[type] ?? humanize(type)}</th>
              <td className="wide-only" />
              <td className="end" colSpan={2}>
                <TypeTotals type={type} nodes={own} />
              </td>
            </tr>
            {own.map((node) => (
              <Account key={node.account_id} node={node} home={home} />
            ))}
          </tbody>
        ))}
      </table>
    </TableScroll>
  );
}

function Account({ node, home }: { node: ChartNode; home: string }) {
  const own = onNormalSide(node.type, node.balance);
  const pending = pendingOf(node.type, node);
  return (
    <tr>
      <th scope="row" className={`report-account tree-${Math.min(node.depth, DEEPEST)}`}>
        <div className="report-name">
          <span className="report-code">{node.code}</span>
          <span>
            <Link to={`/accounts/${node.account_id}`}>{node.name}</Link>{' '}
            {node.currency === home ? null : <span className="faint">{node.currency}</span>}{' '}
            {node.status === 'open' ? null : <Badge status={node.status} />}
          </span>
        </div>
      </th>
      <td className="end wide-only">{pending === 0 ? null : <Amount amount={pending} currency={node.currency} />}</td>
      <td className="end">
        {own === 0 ? <span className="faint">–</span> : <Amount amount={own} currency={node.currency} />}
      </td>
      <td className="end medium-only">
        {sumsBelow(node).map((sum) => (
          <div key={sum.currency}>
            <InCurrency type={node.type} sum={sum} home={home} />
          </div>
        ))}
      </td>
    </tr>
  );
}

/** The sums of an account and all below it, where these are more than its own. */
function sumsBelow(node: ChartNode): SubtreeSum[] {
  const sums = node.subtree.filter(({ balance }) => balance !== 0);
  return sums.some(({ currency, balance }) => currency !== node.currency || balance !== node.balance) ? sums : [];
}

function InCurrency({ type, sum, home }: { type: string; sum: SubtreeSum; home: string }) {
  const amount = onNormalSide(type, sum.balance);
  return sum.currency === home ? (
    <Amount amount={amount} currency={sum.currency} />
  ) : (
    <Money amount={amount} currency={sum.currency} />
  );
}

/** What all accounts of a type hold together, per currency. */
function TypeTotals({ type, nodes }: { type: string; nodes: ChartNode[] }) {
  const { currency: home } = useTenant();
  const sums = new Map<string, number>();
  for (const node of nodes) sums.set(node.currency, (sums.get(node.currency) ?? 0) + onNormalSide(type, node.balance));
  const shown = [...sums].filter(([currency, amount]) => amount !== 0 || (sums.size === 1 && currency === home));
  return shown.map(([currency, amount]) => (
    <div key={currency}>
      <Money amount={amount} currency={currency} />
    </div>
  ));
}
