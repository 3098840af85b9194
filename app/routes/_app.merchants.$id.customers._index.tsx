import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { endCustomerList } from '../../server/contexts/end-customer/operations.ts';
import type { EndCustomer } from '../../server/contexts/end-customer/schemas.ts';
import { Empty } from '../components/empty.tsx';
import { SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { List } from '../components/list.tsx';
import { type Column, RowLink } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { openList } from '../list-page.ts';
import { pageTitle } from '../page-title.ts';
import { ARCHIVED } from '../party-form.ts';
import { merchantOf } from '../workspace-data.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Customers of ${merchant.name}`);

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const list = await openList(context, request, 'end_customer', endCustomerList, ['q', 'archived'], {
    also: ({ archived }) => ({ merchant_id: merchant.id, ...(archived ? { archived: archived === 'true' } : {}) }),
  });
  const mayCreate = context.can('end_customer:create');
  return { merchant, list, mayCreate, mayImport: mayCreate && context.can('import:run') };
}

const orDash = (text: string | null) => text ?? <span className="faint">–</span>;

const columns = (home: string): Column<EndCustomer>[] => [
  { head: 'Name', sort: 'name', cell: (row) => <RowLink to={`${home}/${row.id}`}>{row.name}</RowLink> },
  { head: 'E-mail', from: 'medium', cell: (row) => orDash(row.email) },
  { head: 'Phone', cell: (row) => orDash(row.phone) },
  { head: 'Marketing', isExtra: true, cell: (row) => (row.accepts_marketing ? 'Accepted' : orDash(null)) },
  { head: 'External id', isExtra: true, cell: (row) => orDash(row.external_id) },
  { head: 'Since', sort: 'created_at', from: 'wide', cell: (row) => <Instant value={row.created_at} /> },
];

export default function Customers() {
  const { merchant, list, mayCreate, mayImport } = useLoaderData<typeof loader>();
  const { values } = list;
  const home = `/merchants/${merchant.id}/customers`;
  return (
    <List
      list={list}
      label="Customers"
      columns={columns(home)}
      defaultSort="name"
      download="/api/end-customers"
      within={{ merchant_id: merchant.id }}
      filters={
        <>
          <SearchFilter name="q" label="Search" values={values} placeholder="Name, e-mail or phone" />
          <SelectFilter name="archived" label="Show" values={values} choices={ARCHIVED} empty="In use" />
          {mayImport ? (
            <Link className="button" to={`/imports/new?kind=end_customer&for=merchant-${merchant.id}`}>
              <Icon name="upload" size={14} />
              Import
            </Link>
          ) : null}
          {mayCreate ? (
            <Link className="button button-primary" to={`${home}/new`}>
              <Icon name="plus" size={14} />
              New customer
            </Link>
          ) : null}
        </>
      }
      empty={
        <Empty
          icon="people"
          title="No customers yet"
          {...(mayCreate ? { action: { href: `${home}/new`, label: 'Add the first customer' } } : {})}
        >
          Customers are booked, invoiced and written to here.
        </Empty>
      }
    />
  );
}
