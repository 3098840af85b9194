import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { customerInvoiceList } from '../../server/contexts/customer-invoice/operations.ts';
import { type CustomerInvoice, customerInvoiceStatus } from '../../server/contexts/customer-invoice/schemas.ts';
import { Empty } from '../components/empty.tsx';
import { SearchFilter, SelectFilter } from '../components/filters.tsx';
import { InvoiceStatus } from '../components/invoice-status.tsx';
import { List } from '../components/list.tsx';
import { Money } from '../components/money.tsx';
import { type Column, RowLink } from '../components/table.tsx';
import { CalendarDate } from '../components/time.tsx';
import { humanize } from '../labels.ts';
import { openList } from '../list-page.ts';
import { pageTitle } from '../page-title.ts';
import { merchantOf } from '../workspace-data.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Invoices of ${merchant.name}`);

const STATUSES = customerInvoiceStatus.options.map((value) => ({ value, label: humanize(value) }));

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const list = await openList(context, request, 'customer_invoice', customerInvoiceList, ['q', 'status'], {
    also: () => ({ merchant_id: merchant.id }),
  });
  return { merchant, list };
}

const columns = (home: string): Column<CustomerInvoice>[] => [
  { head: 'Number', sort: 'number', cell: (row) => <RowLink to={`${home}/${row.id}`}>{row.number}</RowLink> },
  { head: 'Customer', cell: (row) => row.end_customer.name },
  { head: 'Status', cell: (row) => <InvoiceStatus invoice={row} /> },
  { head: 'Total', end: true, cell: (row) => <Money {...row.total} /> },
  { head: 'Outstanding', end: true, from: 'medium', cell: (row) => <Money {...row.outstanding} /> },
  { head: 'Dated', sort: 'issued_on', from: 'wide', cell: (row) => <CalendarDate value={row.issued_on} /> },
];

export default function Invoices() {
  const { merchant, list } = useLoaderData<typeof loader>();
  const { values } = list;
  return (
    <List
      list={list}
      label="Invoices"
      columns={columns(`/merchants/${merchant.id}/invoices`)}
      defaultSort="-created_at"
      download="/api/customer-invoices"
      within={{ merchant_id: merchant.id }}
      filters={
        <>
          <SearchFilter name="q" label="Search" values={values} placeholder="Number or customer" />
          <SelectFilter name="status" label="Status" values={values} choices={STATUSES} />
        </>
      }
      empty={
        <Empty icon="book" title="No invoices yet">
          An invoice is made from the page of an appointment.
        </Empty>
      }
    />
  );
}
