import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { auditQuery } from '../audit-query.ts';
import { AuditTable } from '../components/audit-table.tsx';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { DateFilter, Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { humanize } from '../labels.ts';
import { isFiltered } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Audit log');

const choices = (values: string[]) => values.map((value) => ({ value, label: humanize(value) }));
const ACTORS = choices(['staff', 'system', 'ai_agent', 'end_customer']);
const OUTCOMES = choices(['success', 'denied', 'failure']);
const RESOURCES = choices([
  'tenant',
  'user',
  'session',
  'api_key',
  'merchant_org',
  'merchant',
  'account',
  'transaction',
]);

export async function loader({ context, request }: LoaderFunctionArgs) {
  const query = auditQuery(request, context.tenant.time_zone);
  return { ...query, page: await context.run(auditList, query.input) };
}

export default function AuditLog() {
  const { values, apiFilters, page } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Audit log" lead="Who did what, when and to what. Nothing here can be changed." />
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Words, ids" />
        <SelectFilter name="actor_type" label="Actor" values={values} choices={ACTORS} />
        <SearchFilter name="action" label="Action" values={values} placeholder="Full name" isNarrow />
        <SelectFilter name="resource_type" label="Resource" values={values} choices={RESOURCES} />
        <SelectFilter name="outcome" label="Outcome" values={values} choices={OUTCOMES} />
        <DateFilter name="from" label="From" values={values} />
        <DateFilter name="to" label="To" values={values} />
        {values.resource_id ? <input type="hidden" name="resource_id" value={values.resource_id} /> : null}
        {values.actor_id ? <input type="hidden" name="actor_id" value={values.actor_id} /> : null}
      </Filters>
      <Card>
        {page.data.length > 0 ? <AuditTable rows={page.data} /> : <None values={values} />}
        <ListFoot
          shown={page.data.length}
          nextCursor={page.next_cursor}
          download="/api/audit-logs"
          filters={apiFilters}
        />
      </Card>
    </>
  );
}

function None({ values }: { values: Record<string, string> }) {
  if (isFiltered(values)) return <EmptyResult href="/audit" />;
  return (
    <Empty icon="history" title="Nothing has happened yet">
      Every change, sign-in and refusal will be kept here, with who did it.
    </Empty>
  );
}
