import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { alertList } from '../../server/contexts/alert/operations.ts';
import { type Alert, alertStatus, ruleKind } from '../../server/contexts/alert/schemas.ts';
import { auditTabs } from '../audit-tabs.ts';
import { AuditTabs } from '../components/audit-tabs.tsx';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SelectFilter } from '../components/filters.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { humanize } from '../labels.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Alerts');

const choices = (values: readonly string[]) => values.map((value) => ({ value, label: humanize(value) }));

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, alertList, ['status', 'kind', 'subject']);
  return { values, page: await context.run(alertList, input), tabs: auditTabs(context) };
}

export default function Alerts() {
  const { values, page, tabs } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Alerts" lead="What the rules found suspicious, with the events as evidence." />
      <AuditTabs may={tabs} />
      <Filters values={values}>
        <SelectFilter name="status" label="State" values={values} choices={choices(alertStatus.options)} />
        <SelectFilter name="kind" label="Kind" values={values} choices={choices(ruleKind.options)} />
        {values.subject ? <input type="hidden" name="subject" value={values.subject} /> : null}
      </Filters>
      <Card>
        {page.data.length > 0 ? <AlertTable rows={page.data} /> : <None isFiltered={isFiltered(values)} />}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/alerts" />
      </Card>
    </>
  );
}

function AlertTable({ rows }: { rows: Alert[] }) {
  return (
    <Table
      label="Alerts"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="-created_at"
      columns={[
        { head: 'Raised', sort: 'created_at', from: 'medium', cell: (row) => <Instant value={row.created_at} /> },
        {
          head: 'What',
          cell: (row) => (
            <>
              <RowLink to={`/audit/alerts/${row.id}`}>{row.rule}</RowLink>
              <span className="cell-note phone-only">
                <Instant value={row.created_at} />
              </span>
            </>
          ),
        },
        { head: 'Whom', cell: (row) => row.subject_name },
        { head: 'Times', end: true, from: 'medium', cell: (row) => row.weight },
        { head: 'State', cell: (row) => <AlertBadge status={row.status} /> },
      ]}
    />
  );
}

function AlertBadge({ status }: { status: Alert['status'] }) {
  return status === 'open' ? <Badge status="failed" label="Open" /> : <Badge status={status} />;
}

function None({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <EmptyResult href="/audit/alerts" />;
  return (
    <Empty icon="check" title="Nothing suspicious">
      The rules look at every event within minutes. What they find is shown here, and the owners get a mail.
    </Empty>
  );
}
