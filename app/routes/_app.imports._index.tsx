import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { importList } from '../../server/contexts/import/operations.ts';
import type { ImportListRow } from '../../server/contexts/import/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { useTenant } from '../components/use-tenant.ts';
import { KIND_LABELS, KINDS, STATUS_LABELS, STATUSES } from '../import-words.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Imports');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, importList, ['kind', 'status']);
  return { values, page: await context.run(importList, input), mayRun: context.can('import:run') };
}

export default function Imports() {
  const { values, page, mayRun } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Imports" lead="Files that become rows, all of them or none.">
        {mayRun ? (
          <Link className="button button-primary" to="/imports/new">
            <Icon name="upload" size={14} />
            New import
          </Link>
        ) : null}
      </PageHeader>
      <Filters values={values}>
        <SelectFilter name="kind" label="What" values={values} choices={KINDS} />
        <SelectFilter name="status" label="Status" values={values} choices={STATUSES} />
      </Filters>
      <Card>
        {page.data.length > 0 ? (
          <ImportTable rows={page.data} />
        ) : isFiltered(values) ? (
          <EmptyResult href="/imports" />
        ) : (
          <Empty
            icon="upload"
            title="Nothing was imported yet"
            {...(mayRun ? { action: { href: '/imports/new', label: 'Import the first file' } } : {})}
          >
            Bring MerchantOrgs, merchants, services, customers and prospects from a spreadsheet. Every row is checked
            before anything is made.
          </Empty>
        )}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/imports" />
      </Card>
    </>
  );
}

function ImportTable({ rows }: { rows: ImportListRow[] }) {
  const { locale } = useTenant();
  return (
    <Table
      label="Imports"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="-created_at"
      columns={[
        {
          head: 'File',
          cell: (row) => (
            <>
              <RowLink to={`/imports/${row.id}`}>{row.file_name ?? KIND_LABELS[row.kind]}</RowLink>
              <span className="cell-note">
                {KIND_LABELS[row.kind]}
                {row.place_name ? ` of ${row.place_name}` : ''}
              </span>
            </>
          ),
        },
        { head: 'Status', cell: (row) => <Badge status={row.status} label={STATUS_LABELS[row.status]} /> },
        {
          head: 'Rows',
          end: true,
          from: 'medium',
          cell: (row) => row.row_count?.toLocaleString(locale) ?? <span className="faint">–</span>,
        },
        { head: 'By', from: 'wide', cell: (row) => row.created_by.name },
        { head: 'Begun', sort: 'created_at', from: 'medium', cell: (row) => <Instant value={row.created_at} /> },
      ]}
    />
  );
}
