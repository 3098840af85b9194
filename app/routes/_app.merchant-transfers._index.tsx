import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { merchantTransferList } from '../../server/contexts/merchant-transfer/operations.ts';
import type { MerchantTransfer } from '../../server/contexts/merchant-transfer/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { CalendarDate } from '../components/time.tsx';
import { listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Transfers of merchants');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { input } = listQuery(request, merchantTransferList, ['merchant_id']);
  return { page: await context.run(merchantTransferList, input) };
}

export default function MerchantTransfers() {
  const { page } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="Transfers of merchants"
        lead="Which business moved to another MerchantOrg, when and why."
        crumbs={[{ href: '/merchants', label: 'Merchants' }]}
      />
      <Card>
        {page.data.length > 0 ? (
          <TransferTable rows={page.data} />
        ) : (
          <Empty icon="arrows" title="No merchant has moved">
            A merchant is moved to another MerchantOrg from its own page.
          </Empty>
        )}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/merchant-transfers" />
      </Card>
    </>
  );
}

function TransferTable({ rows }: { rows: MerchantTransfer[] }) {
  const org = (id: string, name: string) => <Link to={`/merchant-orgs/${id}`}>{name}</Link>;
  return (
    <Table
      label="Transfers"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="-created_at"
      columns={[
        {
          head: 'Merchant',
          cell: (row) => <RowLink to={`/merchants/${row.merchant_id}`}>{row.merchant_name}</RowLink>,
        },
        { head: 'From', from: 'medium', cell: (row) => org(row.from_merchant_org_id, row.from_merchant_org_name) },
        { head: 'To', cell: (row) => org(row.to_merchant_org_id, row.to_merchant_org_name) },
        { head: 'Effective', sort: 'created_at', cell: (row) => <CalendarDate value={row.effective_date} /> },
        { head: 'Reason', from: 'wide', cell: (row) => row.reason },
      ]}
    />
  );
}
