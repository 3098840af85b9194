import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { customerInvoiceList } from '../../server/contexts/customer-invoice/operations.ts';
import { customerInvoiceStatus } from '../../server/contexts/customer-invoice/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { Money } from '../components/money.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { CalendarDate } from '../components/time.tsx';
import { humanize } from '../labels.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { merchantOf } from '../workspace-data.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Invoices of ${merchant.name}`);

const STATUSES = customerInvoiceStatus.options.map((value) => ({ value, label: humanize(value) }));

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const { values, input } = listQuery(request, customerInvoiceList, ['q', 'status']);
  return { merchant, values, page: await context.run(customerInvoiceList, { ...input, merchant_id: merchant.id }) };
}

export default function Invoices() {
  const { merchant, values, page } = useLoaderData<typeof loader>();
  const home = `/merchants/${merchant.id}/invoices`;
  return (
    <>
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Number or customer" />
        <SelectFilter name="status" label="Status" values={values} choices={STATUSES} />
      </Filters>
      <Card>
        {page.data.length > 0 ? (
          <Table
            label="Invoices"
            rows={page.data}
            rowKey={(row) => row.id}
            defaultSort="-created_at"
            columns={[
              {
                head: 'Number',
                sort: 'number',
                cell: (row) => <RowLink to={`${home}/${row.id}`}>{row.number}</RowLink>,
              },
              { head: 'Customer', cell: (row) => row.end_customer.name },
              { head: 'Status', cell: (row) => <Badge status={row.status} /> },
              { head: 'Total', end: true, cell: (row) => <Money {...row.total} /> },
              { head: 'Outstanding', end: true, from: 'medium', cell: (row) => <Money {...row.outstanding} /> },
              { head: 'Dated', sort: 'issued_on', from: 'wide', cell: (row) => <CalendarDate value={row.issued_on} /> },
            ]}
          />
        ) : isFiltered(values) ? (
          <EmptyResult href={home} />
        ) : (
          <Empty icon="book" title="No invoices yet">
            An invoice is made from the page of an appointment.
          </Empty>
        )}
        <ListFoot
          shown={page.data.length}
          nextCursor={page.next_cursor}
          download="/api/customer-invoices"
          filters={{ ...values, merchant_id: merchant.id }}
        />
      </Card>
    </>
  );
}
