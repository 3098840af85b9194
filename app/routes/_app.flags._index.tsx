import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { featureFlagList } from '../../server/contexts/feature-flag/operations.ts';
import type { FeatureFlag } from '../../server/contexts/feature-flag/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { FlagState } from '../components/flag-state.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { sharesText } from '../flag-form.ts';
import { humanize } from '../labels.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Flags');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, featureFlagList, ['q', 'archived']);
  return {
    values,
    page: await context.run(featureFlagList, { ...input, archived: values.archived === 'true' }),
    mayCreate: context.can('feature_flag:create'),
  };
}

const ARCHIVED = [{ value: 'true', label: 'Archived' }];

export default function Flags() {
  const { values, page, mayCreate } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Flags" lead="What is switched on for whom, in your programs and in this portal.">
        {mayCreate ? (
          <Link className="button button-primary" to="/flags/new">
            <Icon name="plus" size={14} />
            New flag
          </Link>
        ) : null}
      </PageHeader>
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Key, name or description" />
        <SelectFilter name="archived" label="In use" values={values} choices={ARCHIVED} />
      </Filters>
      <Card>
        {page.data.length > 0 ? <FlagTable rows={page.data} /> : null}
        {page.data.length === 0 && isFiltered(values) ? <EmptyResult href="/flags" /> : null}
        {page.data.length === 0 && !isFiltered(values) ? (
          <Empty icon="flag" title="No flags">
            A flag switches something on for everybody, for a share of them, or for some merchants.
          </Empty>
        ) : null}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/feature-flags" />
      </Card>
    </>
  );
}

function FlagTable({ rows }: { rows: FeatureFlag[] }) {
  return (
    <Table
      label="Flags"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="key"
      columns={[
        {
          head: 'Flag',
          sort: 'name',
          cell: (row) => (
            <>
              <RowLink to={`/flags/${row.id}`}>{row.name}</RowLink>
              <span className="cell-note">{row.key}</span>
            </>
          ),
        },
        { head: 'State', cell: (row) => <FlagState flag={row} /> },
        {
          head: 'Everybody gets',
          from: 'medium',
          cell: (row) => sharesText(row.is_enabled ? row.rollout : [{ variant: row.off_variant, percent: 100 }]),
        },
        { head: 'Rules', from: 'wide', end: true, cell: (row) => row.rules.length },
        { head: 'Type', from: 'wide', cell: (row) => humanize(row.type) },
        { head: 'Changed', from: 'wide', cell: (row) => <Instant value={row.updated_at} /> },
      ]}
    />
  );
}
