import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { payoutBalances, payoutList } from '../../server/contexts/payout/operations.ts';
import { type PayoutBalance, payoutState } from '../../server/contexts/payout/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { DateFilter, Filters, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { Money } from '../components/money.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PayoutTable } from '../components/payout-table.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { humanize } from '../labels.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Payouts');

const STATES = payoutState.options.map((value) => ({ value, label: humanize(value) }));
/** More waiting parties than this belong in the list of balances, not beside the payouts. */
const WAITING = 6;

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, payoutList, ['state', 'merchant_id', 'merchant_org_id', 'from', 'to']);
  const mayCreate = context.can('payout:create');
  const [page, waiting] = await Promise.all([
    context.run(payoutList, input),
    mayCreate && !values.cursor ? context.run(payoutBalances, { minimum_available: 1, limit: WAITING }) : null,
  ]);
  return { values, page, waiting: waiting?.data ?? [], mayCreate };
}

export default function Payouts() {
  const { values, page, waiting, mayCreate } = useLoaderData<typeof loader>();
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
        <div>
          <Filters values={values}>
            <SelectFilter name="state" label="State" values={values} choices={STATES} />
            <DateFilter name="from" label="From" values={values} />
            <DateFilter name="to" label="To" values={values} />
            {values.merchant_id ? <input type="hidden" name="merchant_id" value={values.merchant_id} /> : null}
          </Filters>
          <Card>
            {page.data.length > 0 ? <PayoutTable rows={page.data} /> : <None values={values} mayCreate={mayCreate} />}
            <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/payouts" />
          </Card>
        </div>
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

function None({ values, mayCreate }: { values: Record<string, string>; mayCreate: boolean }) {
  if (isFiltered(values)) return <EmptyResult href="/payouts" />;
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
