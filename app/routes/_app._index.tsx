import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { overviewGet } from '../../server/contexts/ledger/operations.ts';
import { transactionList } from '../../server/contexts/transaction/operations.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { AuditFeed } from '../components/audit-feed.tsx';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { GettingStarted } from '../components/getting-started.tsx';
import { Icon } from '../components/icon.tsx';
import { OverviewStats } from '../components/overview-stats.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TransactionTable } from '../components/transaction-table.tsx';
import { VolumeChart } from '../components/volume-chart.tsx';
import { withOwners } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';
import { homeOf } from '../portal.ts';

export const meta = pageTitle('Dashboard');

/** Each part shows to those who may read it; whoever works at merchants begins there instead. */
export async function loader({ context }: LoaderFunctionArgs) {
  const home = homeOf(context);
  if (home) throw redirect(home);
  const [overview, transactions, events] = await Promise.all([
    context.can('ledger:read') ? context.run(overviewGet, {}) : null,
    context.can('transaction:read') ? context.run(transactionList, { limit: 10 }) : null,
    context.can('audit:read', WHOLE_TENANT) ? context.run(auditList, { limit: 8 }) : null,
  ]);
  return {
    overview,
    transactions: transactions ? await withOwners(context, transactions.data) : null,
    events: events?.data ?? null,
    may: { post: context.can('transaction:post_raw'), addMerchant: context.can('merchant:create') },
  };
}

export default function Dashboard() {
  const { overview, transactions, events, may } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Dashboard">
        {may.addMerchant ? (
          <Link className="button" to="/merchants/new">
            New merchant
          </Link>
        ) : null}
        {may.post ? (
          <Link className="button button-primary" to="/transactions/new">
            <Icon name="plus" size={14} />
            New entry
          </Link>
        ) : null}
      </PageHeader>
      <div className="stack">
        {overview ? (
          <>
            {overview.merchants === 0 && may.addMerchant ? <GettingStarted overview={overview} /> : null}
            <OverviewStats overview={overview} />
            {overview.transactions_last_30_days > 0 ? (
              <Card title="Transactions per day, last 30 days" padded>
                <VolumeChart days={overview.daily_volume} />
              </Card>
            ) : null}
          </>
        ) : null}
        <div className="halves">
          {transactions ? <LatestTransactions rows={transactions} mayPost={may.post} /> : null}
          {events ? <AuditFeed title="Latest activity" events={events} more="/audit" /> : null}
        </div>
      </div>
    </>
  );
}

type LatestProps = { rows: Parameters<typeof TransactionTable>[0]['rows']; mayPost: boolean };

function LatestTransactions({ rows, mayPost }: LatestProps) {
  return (
    <Card title="Latest transactions" action={rows.length > 0 ? <Link to="/transactions">See all</Link> : null}>
      {rows.length > 0 ? (
        <TransactionTable rows={rows} label="Latest transactions" />
      ) : (
        <Empty
          icon="arrows"
          title="No transactions yet"
          {...(mayPost ? { action: { href: '/transactions/new', label: 'Post the first entry' } } : {})}
        >
          Everything that moves money will appear here, with both its sides.
        </Empty>
      )}
    </Card>
  );
}
