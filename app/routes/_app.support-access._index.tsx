import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { impersonationList } from '../../server/contexts/impersonation/operations.ts';
import type { Impersonation } from '../../server/contexts/impersonation/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SelectFilter } from '../components/filters.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { deedsOf, minutesOf } from '../impersonation-words.ts';
import { humanize } from '../labels.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Support access');

const STATES = ['active', 'ended'].map((value) => ({ value, label: humanize(value) }));

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, impersonationList, ['status']);
  return { values, page: await context.run(impersonationList, input) };
}

export default function SupportAccess() {
  const { values, page } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="Support access"
        lead="Who looked at the portal as somebody of a merchant, why, for how long, and what came of it."
      />
      {page.data.length > 0 || isFiltered(values) ? (
        <Filters values={values}>
          <SelectFilter name="status" label="State" values={values} choices={STATES} />
        </Filters>
      ) : null}
      <Card>
        {page.data.length > 0 ? <Impersonations rows={page.data} /> : <None isFiltered={isFiltered(values)} />}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/impersonations" />
      </Card>
    </>
  );
}

function None({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <EmptyResult href="/support-access" />;
  return (
    <Empty icon="eye" title="Nobody has looked">
      When staff view the portal as somebody of a merchant, it is told here: by whom, why, and what they saw and
      changed.
    </Empty>
  );
}

function Impersonations({ rows }: { rows: Impersonation[] }) {
  return (
    <Table
      label="Support access"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="-started_at"
      columns={[
        { head: 'When', sort: 'started_at', from: 'medium', cell: (row) => <Instant value={row.started_at} /> },
        {
          head: 'Who looked as whom',
          cell: (row) => (
            <>
              <RowLink to={`/support-access/${row.id}`}>
                {row.impersonator.name ?? 'A removed account'} as {row.user.name ?? 'a removed account'}
              </RowLink>
              <span className="cell-note">{row.reason}</span>
              <span className="cell-note phone-only">
                <Instant value={row.started_at} />
              </span>
            </>
          ),
        },
        { head: 'What came of it', from: 'medium', cell: deedsOf },
        { head: 'Minutes', end: true, from: 'wide', cell: minutesOf },
        { head: 'State', cell: (row) => <Badge status={row.status} /> },
      ]}
    />
  );
}
