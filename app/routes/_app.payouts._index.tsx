import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { payoutBalances, payoutList } from '../../server/contexts/payout/operations.ts';
import { type PayoutBalance, payoutState } from '../../server/contexts/payout/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { DateFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { List } from '../components/list.tsx';
import { Money } from '../components/money.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PAYOUT_COLUMNS } from '../components/payout-table.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { humanize } from '../labels.ts';
import { openList } from '../list-page.ts';
import { isFiltered } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Payouts');

const STATES = payoutState.options.map((value) => ({ value, label: humanize(value) }));
/** More waiting parties than this belong in the list of balances, not beside the payouts. */
const WAITING = 6;

export async function loader({ context, request }: LoaderFunctionArgs) {
  const mayCreate = context.can('payout:create');
  const isFirst = !new URL(request.url).searchParams.has('cursor');
  const [list, waiting] = await Promise.all([
    openList(context, request, 'payout', payoutList, ['state', 'merchant_id', 'merchant_org_id', 'from', 'to']),
    mayCreate && isFirst ? context.run(payoutBalances, { minimum_available: 1, limit: WAITING }) : null,
  ]);
  return { list, waiting: waiting?.data ?? [], mayCreate };
}

export default function Payouts() {
  const { list, waiting, mayCreate } = useLoaderData<typeof loader>();
  const { values } = list;
  return (
    <>
      <PageHeader title="Payouts" lead="Money that leaves for merchants, with the state that the ledger gives it.">
        {mayCreate ? (
          <Link className="button button-primary" to="/payouts/new">
            <Icon name="plus" size={14} />
            New payout
          </Link>
        ) : null}
      </PageHeader>
      <div className="stack">
        {waiting.length > 0 && !isFiltered(values) ? <Waiting rows={waiting} /> : null}
        <List
          list={list}
          label="Payouts"
          columns={PAYOUT_COLUMNS}
          defaultSort="-recorded_at"
          download="/api/payouts"
          filters={
            <>
              <SelectFilter name="state" label="State" values={values} choices={STATES} />
              <DateFilter name="from" label="From" values={values} />
              <DateFilter name="to" label="To" values={values} />
              {values.merchant_id ? <input type="hidden" name="merchant_id" value={values.merchant_id} /> : null}
            </>
          }
          empty={<None mayCreate={mayCreate} />}
        />
      </div>
    </>
  );
}

function Waiting({ rows }: { rows: PayoutBalance[] }) {
  return (
    <Card title="Waiting to be paid out">
      <Table
        label="Waiting to be paid out"
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          {
            head: 'Party',
            cell: ({ party, currency, name }) => (
              <RowLink to={`/payouts/new?to=${party.type}:${party.id}:${currency}`}>{name}</RowLink>
            ),
          },
          {
            head: 'In transit',
            end: true,
            from: 'medium',
            cell: (row) => <Money amount={row.in_transit} currency={row.currency} />,
          },
          { head: 'Available', end: true, cell: (row) => <Money amount={row.available} currency={row.currency} /> },
        ]}
      />
    </Card>
  );
}

function None({ mayCreate }: { mayCreate: boolean }) {
  return (
    <Empty
      icon="payout"
      title="No payouts yet"
      {...(mayCreate ? { action: { href: '/payouts/new', label: 'Make the first payout' } } : {})}
    >
      What customers paid waits in processor clearing until you pay it out to the merchant.
    </Empty>
  );
}
