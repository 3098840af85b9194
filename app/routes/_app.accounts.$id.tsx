import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { accountBalance, accountGet } from '../../server/contexts/account/operations.ts';
import type { Account } from '../../server/contexts/account/schemas.ts';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { transactionList } from '../../server/contexts/transaction/operations.ts';
import { AuditFeed } from '../components/audit-feed.tsx';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { Icon } from '../components/icon.tsx';
import { Money } from '../components/money.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Instant } from '../components/time.tsx';
import { TransactionTable } from '../components/transaction-table.tsx';
import { idParam } from '../id-param.ts';
import { humanize } from '../labels.ts';
import { allBooks } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ account: Account }>(({ account }) => `${account.code} ${account.name}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const account = await context.run(accountGet, { id: idParam(params) });
  const { id } = account;
  const [balance, books, transactions, events] = await Promise.all([
    context.run(accountBalance, { id }),
    allBooks(context),
    context.can('transaction:read') ? context.run(transactionList, { account_id: id, limit: 15 }) : null,
    context.can('audit:read') ? context.run(auditList, { resource_type: 'account', resource_id: id, limit: 10 }) : null,
  ]);
  const book = books.find((candidate) => candidate.id === account.book_id) ?? null;
  return {
    account,
    balance,
    book,
    transactions: transactions?.data ?? null,
    events: events?.data ?? null,
    mayEdit: ['account:update', 'account:close', 'account:reopen'].some(context.can),
  };
}

export default function AccountDetail() {
  const { account, balance, book, transactions, events, mayEdit } = useLoaderData<typeof loader>();
  return (
    <>
      <DoneNotice created={`${account.name} was added to the chart of accounts.`} saved="Your changes were saved." />
      <PageHeader
        title={account.name}
        crumbs={[{ href: `/accounts?book_id=${account.book_id}`, label: 'Accounts' }]}
        beside={<Badge status={account.status} />}
      >
        {mayEdit ? (
          <Link className="button" to={`/accounts/${account.id}/edit`}>
            <Icon name="pencil" size={14} />
            Edit
          </Link>
        ) : null}
      </PageHeader>
      <div className="columns">
        <div className="stack">
          {transactions ? <Transactions rows={transactions} account={account} /> : null}
          {events ? <AuditFeed title="History" events={events} /> : null}
        </div>
        <aside>
          <Card title="Balance" padded>
            <Facts>
              <Fact name="Debits less credits">
                <Money amount={balance.balance} currency={balance.currency} />
              </Fact>
              <Fact name="Debits">
                <Money amount={balance.debits} currency={balance.currency} />
              </Fact>
              <Fact name="Credits">
                <Money amount={balance.credits} currency={balance.currency} />
              </Fact>
              {account.minimum_balance === null ? null : (
                <Fact name="Minimum">
                  <Money amount={account.minimum_balance} currency={balance.currency} />
                </Fact>
              )}
              {account.maximum_balance === null ? null : (
                <Fact name="Maximum">
                  <Money amount={account.maximum_balance} currency={balance.currency} />
                </Fact>
              )}
              <Fact name="Book">{book ? <Link to={`/accounts?book_id=${book.id}`}>{book.name}</Link> : null}</Fact>
              <Fact name="Code">{account.code}</Fact>
              <Fact name="Type">{humanize(account.type)}</Fact>
              <Fact name="Currency">{account.currency}</Fact>
              <Fact name="Since">
                <Instant value={account.created_at} />
              </Fact>
            </Facts>
          </Card>
        </aside>
      </div>
    </>
  );
}

type TransactionsProps = { rows: Parameters<typeof TransactionTable>[0]['rows']; account: Account };

function Transactions({ rows, account }: TransactionsProps) {
  const all = rows.length > 0 ? <Link to={`/transactions?account_id=${account.id}`}>See all</Link> : null;
  return (
    <Card title="Transactions" action={all}>
      {rows.length > 0 ? (
        <TransactionTable rows={rows} label="Transactions" brief account={account} />
      ) : (
        <Empty icon="arrows" title="Nothing posted yet">
          Entries that touch this account will appear here.
        </Empty>
      )}
    </Card>
  );
}
