import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { endCustomerList } from '../../server/contexts/end-customer/operations.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { merchantOf } from '../workspace-data.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Customers of ${merchant.name}`);

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const { values, input } = listQuery(request, endCustomerList, ['q', 'archived']);
  const wanted = {
    ...input,
    merchant_id: merchant.id,
    ...(values.archived ? { archived: values.archived === 'true' } : {}),
  };
  const page = await context.run(endCustomerList, wanted);
  return {
    merchant,
    values,
    page,
    mayCreate: context.can('end_customer:create'),
    mayImport: context.can('import:run') && context.can('end_customer:create'),
  };
}

export default function Customers() {
  const { merchant, values, page, mayCreate, mayImport } = useLoaderData<typeof loader>();
  const home = `/merchants/${merchant.id}/customers`;
  return (
    <>
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Name, e-mail or phone" />
        <SelectFilter
          name="archived"
          label="Show"
          values={values}
          choices={[{ value: 'true', label: 'Archived' }]}
          empty="In use"
        />
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
      </Filters>
      <Card>
        {page.data.length > 0 ? (
          <Table
            label="Customers"
            rows={page.data}
            rowKey={(row) => row.id}
            defaultSort="name"
            columns={[
              { head: 'Name', sort: 'name', cell: (row) => <RowLink to={`${home}/${row.id}`}>{row.name}</RowLink> },
              { head: 'E-mail', from: 'medium', cell: (row) => row.email ?? <span className="faint">–</span> },
              { head: 'Phone', cell: (row) => row.phone ?? <span className="faint">–</span> },
              { head: 'Since', sort: 'created_at', from: 'wide', cell: (row) => <Instant value={row.created_at} /> },
            ]}
          />
        ) : isFiltered(values) ? (
          <EmptyResult href={home} />
        ) : (
          <Empty
            icon="people"
            title="No customers yet"
            {...(mayCreate ? { action: { href: `${home}/new`, label: 'Add the first customer' } } : {})}
          >
            Customers are booked, invoiced and written to here.
          </Empty>
        )}
        <ListFoot
          shown={page.data.length}
          nextCursor={page.next_cursor}
          download="/api/end-customers"
          filters={{ ...values, merchant_id: merchant.id }}
        />
      </Card>
    </>
  );
}
