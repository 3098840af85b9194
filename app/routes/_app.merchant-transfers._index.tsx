import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { merchantTransferList } from '../../server/contexts/merchant-transfer/operations.ts';
import type { MerchantTransfer } from '../../server/contexts/merchant-transfer/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SelectFilter } from '../components/filters.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { CalendarDate } from '../components/time.tsx';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { isWaiting, TRANSFER_STATUSES } from '../transfer-words.ts';

export const meta = pageTitle('Transfers of merchants');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, merchantTransferList, ['merchant_id', 'status']);
  return {
    values,
    page: await context.run(merchantTransferList, input),
    mayCancel: context.can('merchant_transfer:create'),
  };
}

const STATUSES = Object.entries(TRANSFER_STATUSES).map(([value, label]) => ({ value, label }));

export default function MerchantTransfers() {
  const { values, page, mayCancel } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="Transfers of merchants"
        lead="Which business moved to another MerchantOrg or is to, when and why."
        crumbs={[{ href: '/merchants', label: 'Merchants' }]}
      />
      <Filters values={values}>
        <SelectFilter name="status" label="State" values={values} choices={STATUSES} />
        {values.merchant_id ? <input type="hidden" name="merchant_id" value={values.merchant_id} /> : null}
      </Filters>
      <Card>
        {page.data.length > 0 ? <TransferTable rows={page.data} mayCancel={mayCancel} /> : null}
        {page.data.length === 0 && isFiltered(values) ? <EmptyResult href="/merchant-transfers" /> : null}
        {page.data.length === 0 && !isFiltered(values) ? (
          <Empty icon="arrows" title="No merchant has moved">
            A merchant is moved to another MerchantOrg from its own page.
          </Empty>
        ) : null}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/merchant-transfers" />
      </Card>
    </>
  );
}

function TransferTable({ rows, mayCancel }: { rows: MerchantTransfer[]; mayCancel: boolean }) {
  const org = (id: string, name: string) => (
    <Link to={`/merchant-orgs/${id}`} className="row-other">
      {name}
    </Link>
  );
  return (
    <Table
      label="Transfers"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          head: 'Merchant',
          cell: (row) => <RowLink to={`/merchant-transfers/${row.id}`}>{row.merchant_name}</RowLink>,
        },
        { head: 'From', from: 'medium', cell: (row) => org(row.from_merchant_org_id, row.from_merchant_org_name) },
        { head: 'To', from: 'medium', cell: (row) => org(row.to_merchant_org_id, row.to_merchant_org_name) },
        { head: 'Effective', cell: (row) => <CalendarDate value={row.effective_date} /> },
        {
          head: 'State',
          cell: (row) => (
            <>
              <Badge status={row.status} label={TRANSFER_STATUSES[row.status]} />
              {mayCancel && isWaiting(row) ? (
                <span className="cell-note">
                  <Link to={`/merchant-transfers/${row.id}?step=cancel`} className="row-other">
                    Cancel
                  </Link>
                </span>
              ) : null}
            </>
          ),
        },
        { head: 'Reason', from: 'wide', cell: (row) => row.reason },
      ]}
    />
  );
}
