import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { transactionGet } from '../../server/contexts/transaction/operations.ts';
import type { Transaction } from '../../server/contexts/transaction/schemas.ts';
import { AuditFeed } from '../components/audit-feed.tsx';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { JournalTable } from '../components/journal-table.tsx';
import { Money } from '../components/money.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { CalendarDate, Instant } from '../components/time.tsx';
import { idParam } from '../id-param.ts';
import { humanize } from '../labels.ts';
import { accountsById, allBooks } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';
import { partyName } from '../party-data.ts';
import { transactionAmounts } from '../transaction-amounts.ts';

export const meta = pageTitle<{ transaction: Transaction }>(({ transaction }) => transaction.description);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const transaction = await context.run(transactionGet, { id: idParam(params) });
  const bookIds = transaction.journals.map((journal) => journal.book_id);
  const mayReadAccounts = context.can('account:read');
  const [books, accounts, fromName, toName, events] = await Promise.all([
    mayReadAccounts ? allBooks(context) : [],
    mayReadAccounts ? accountsById(context, bookIds) : {},
    partyName(context, transaction.from),
    partyName(context, transaction.to),
    context.can('audit:read')
      ? context.run(auditList, { resource_type: 'transaction', resource_id: transaction.id, limit: 10 })
      : null,
  ]);
  const bookNames = Object.fromEntries(
    books.filter(({ id }) => bookIds.includes(id)).map(({ id, name }) => [id, name]),
  );
  return { transaction, bookNames, accounts, names: { from: fromName, to: toName }, events: events?.data ?? null };
}

export default function TransactionDetail() {
  const { transaction, bookNames, accounts, names, events } = useLoaderData<typeof loader>();
  return (
    <>
      <DoneNotice created="The entry was posted. Both its sides are in the books." />
      <PageHeader
        title={transaction.description}
        crumbs={[{ href: '/transactions', label: 'Transactions' }]}
        beside={<Badge status={transaction.status} />}
      />
      <div className="columns">
        <div className="stack">
          {transaction.journals.map((journal) => (
            <JournalTable
              key={journal.id}
              journal={journal}
              bookName={bookNames[journal.book_id] ?? 'Book'}
              accounts={accounts}
            />
          ))}
          {events ? <AuditFeed title="History" events={events} /> : null}
        </div>
        <aside>
          <Card title="Details" padded>
            <TransactionFacts transaction={transaction} names={names} />
          </Card>
        </aside>
      </div>
    </>
  );
}

type FactsProps = { transaction: Transaction; names: { from: string | null; to: string | null } };

function TransactionFacts({ transaction, names }: FactsProps) {
  const metadata = Object.entries(transaction.metadata);
  return (
    <Facts>
      <Fact name="Amount">
        {transactionAmounts(transaction).map((money) => (
          <div key={money.currency}>
            <Money {...money} />
          </div>
        ))}
      </Fact>
      <Fact name="Type">{humanize(transaction.type)}</Fact>
      <Fact name="From">
        <Party party={transaction.from} name={names.from} />
      </Fact>
      <Fact name="To">
        <Party party={transaction.to} name={names.to} />
      </Fact>
      <Fact name="Effective date">
        <CalendarDate value={transaction.effective_date} />
      </Fact>
      <Fact name="Recorded">
        <Instant value={transaction.recorded_at} exact />
      </Fact>
      <Fact name="External id">{transaction.external_id}</Fact>
      <Fact name="Id">
        <code>{transaction.id}</code>
      </Fact>
      {metadata.map(([name, value]) => (
        <Fact key={name} name={name}>
          {String(value)}
        </Fact>
      ))}
    </Facts>
  );
}

const PARTY_PAGES = { merchant_org: '/merchant-orgs/', merchant: '/merchants/', account: '/accounts/' };

function Party({ party, name }: { party: Transaction['from']; name: string | null }) {
  if (!party) return <span className="faint">–</span>;
  if (party.type === 'tenant') return <>The platform</>;
  if (party.type === 'end_customer') return <>A customer</>;
  return <Link to={PARTY_PAGES[party.type] + party.id}>{name ?? humanize(party.type)}</Link>;
}
