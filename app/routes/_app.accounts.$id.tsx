import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { accountBalance, accountGet } from '../../server/contexts/account/operations.ts';
import type { Account } from '../../server/contexts/account/schemas.ts';
import { accountStatement } from '../../server/contexts/account-statement/operations.ts';
import type { AccountStatement } from '../../server/contexts/account-statement/schemas.ts';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { isDebitNormal, onNormalSide } from '../account-sides.ts';
import { AccountStatementTable, unusualSide } from '../components/account-statement-table.tsx';
import { AuditFeed } from '../components/audit-feed.tsx';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { DateFilter, Filters } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { Money } from '../components/money.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { AxisFilter, UsualPeriods } from '../components/report-filters.tsx';
import { ReportProblem } from '../components/report-frame.tsx';
import { Instant } from '../components/time.tsx';
import { dateIn } from '../dates.ts';
import { idParam } from '../id-param.ts';
import { humanize } from '../labels.ts';
import { allBooks } from '../ledger-data.ts';
import { addressValues } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { periodOf, usualPeriods } from '../report-data.ts';

export const meta = pageTitle<{ account: Account }>(({ account }) => `${account.code} ${account.name}`);

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const account = await context.run(accountGet, { id: idParam(params) });
  const { id } = account;
  const periods = usualPeriods(dateIn(context.tenant.time_zone, new Date()));
  const given = addressValues(request, ['from', 'to', 'axis', 'cursor']);
  const values = given.from || given.to ? given : { ...given, from: periods[0]?.from ?? '' };
  const period = periodOf(values, context.tenant.time_zone);
  const input = { ...period, id, limit: 50, ...(given.cursor ? { cursor: given.cursor } : {}) };
  const [balance, books, statement, events] = await Promise.all([
    context.run(accountBalance, { id }),
    allBooks(context),
    context.can('transaction:read') ? context.submit(accountStatement, input) : null,
    context.can('audit:read', WHOLE_TENANT)
      ? context.run(auditList, { resource_type: 'account', resource_id: id, limit: 10 })
      : null,
  ]);
  const book = books.find((candidate) => candidate.id === account.book_id) ?? null;
  const mayEdit = ['account:update', 'account:close', 'account:reopen'].some((permission) => context.can(permission));
  const mayPost = context.can('transaction:post_raw') && account.status === 'open';
  return { account, balance, book, values, period, periods, statement, events: events?.data ?? null, mayEdit, mayPost };
}

export default function AccountDetail() {
  const { account, balance, book, values, period, periods, statement, events, mayEdit, mayPost } =
    useLoaderData<typeof loader>();
  return (
    <>
      <DoneNotice created={`${account.name} was added to the chart of accounts.`} saved="Your changes were saved." />
      <PageHeader
        title={account.name}
        crumbs={[{ href: `/accounts?book_id=${account.book_id}`, label: 'Accounts' }]}
        beside={<Badge status={account.status} />}
        lead={`${account.code} · ${humanize(account.type)} of ${book?.name ?? 'another book'}, in ${account.currency}`}
      >
        {mayPost ? (
          <Link className="button" to={`/transactions/new?book_id=${account.book_id}`}>
            New entry
          </Link>
        ) : null}
        {mayEdit ? (
          <Link className="button" to={`/accounts/${account.id}/edit`}>
            <Icon name="pencil" size={14} />
            Edit
          </Link>
        ) : null}
      </PageHeader>
      <div className="columns aside-first">
        <div className="stack">
          {statement ? (
            <Statement answer={statement} account={account} values={values} period={period} periods={periods} />
          ) : null}
          {events ? <AuditFeed title="History" events={events} /> : null}
        </div>
        <aside>
          <Balances account={account} balance={balance} />
        </aside>
      </div>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;
type StatementProps = Pick<Loaded, 'account' | 'values' | 'period' | 'periods'> & {
  answer: NonNullable<Loaded['statement']>;
};

function Statement({ answer, account, values, period, periods }: StatementProps) {
  const statement = 'data' in answer ? (answer.data as AccountStatement) : null;
  const download = `/api/accounts/${account.id}/statement`;
  return (
    <div>
      <Filters values={values} submit="Show">
        <DateFilter name="from" label="From" values={values} />
        <DateFilter name="to" label="To" values={values} />
        <AxisFilter values={values} />
      </Filters>
      <UsualPeriods
        values={values}
        periods={[...periods, { label: 'Everything', from: '1900-01-01', to: '9999-12-31' }]}
      />
      {'problem' in answer ? <ReportProblem problem={answer.problem} /> : null}
      {statement ? (
        <Card
          title={statement.axis === 'recorded' ? 'Statement, as recorded' : 'Statement'}
          action={statement.final ? <Badge status="active" label="Final" /> : null}
        >
          <AccountStatementTable statement={statement} type={account.type} isFirstPage={!values.cursor} />
          <ListFoot
            shown={statement.data.length}
            nextCursor={statement.next_cursor}
            download={download}
            filters={period}
          />
        </Card>
      ) : null}
    </div>
  );
}

function Balances({ account, balance }: Pick<Loaded, 'account' | 'balance'>) {
  const { type, currency, minimum_balance, maximum_balance } = account;
  const money = (amount: number) => <Money amount={amount} currency={currency} />;
  const isDebit = isDebitNormal(type);
  const [incoming, outgoing] = isDebit
    ? [balance.pending_debits, balance.pending_credits]
    : [balance.pending_credits, balance.pending_debits];
  const own = onNormalSide(type, balance.balance);
  return (
    <Card title="Balance" padded>
      <p className="balance-now">
        {money(own)} <span className="faint">{unusualSide(type, balance.balance)}</span>
      </p>
      <Facts>
        <Fact name="Debits">{money(balance.debits)}</Fact>
        <Fact name="Credits">{money(balance.credits)}</Fact>
        {incoming !== 0 || outgoing !== 0 ? (
          <>
            <Fact name="Pending in">{money(incoming)}</Fact>
            <Fact name="Pending out">{money(outgoing)}</Fact>
            <Fact name="With all that is pending">{money(own + incoming - outgoing)}</Fact>
          </>
        ) : null}
        {minimum_balance === null ? null : <Fact name="Minimum">{money(minimum_balance)}</Fact>}
        {maximum_balance === null ? null : <Fact name="Maximum">{money(maximum_balance)}</Fact>}
        <Fact name="Since">
          <Instant value={account.created_at} />
        </Fact>
      </Facts>
    </Card>
  );
}
