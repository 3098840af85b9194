import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { prospectList } from '../../server/contexts/prospect/operations.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PipelineTabs } from '../components/pipeline-tabs.tsx';
import { ProspectTable } from '../components/prospect-table.tsx';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { VERTICALS } from '../party-form.ts';
import { ownerChoices } from '../prospect-data.ts';
import { PROSPECT_STATUSES } from '../prospect-form.ts';

export const meta = pageTitle('Prospects');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, prospectList, ['q', 'status', 'owner_id', 'vertical', 'source']);
  const [page, owners] = await Promise.all([context.run(prospectList, input), ownerChoices(context)]);
  const mayCreate = context.can('prospect:create');
  return { values, page, owners, mayCreate, mayImport: mayCreate && context.can('import:run') };
}

export default function Prospects() {
  const { values, page, owners, mayCreate, mayImport } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Prospects" lead="Everybody who is or was in the pipeline.">
        {mayImport ? (
          <Link className="button" to="/imports/new?kind=prospect">
            <Icon name="upload" size={14} />
            Import
          </Link>
        ) : null}
        {mayCreate ? (
          <Link className="button button-primary" to="/prospects/new">
            <Icon name="plus" size={14} />
            New prospect
          </Link>
        ) : null}
      </PageHeader>
      <PipelineTabs />
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Business, contact, e-mail or phone" />
        <SelectFilter name="status" label="Stage" values={values} choices={PROSPECT_STATUSES} />
        {owners.length > 0 ? <SelectFilter name="owner_id" label="Owner" values={values} choices={owners} /> : null}
        <SelectFilter name="vertical" label="Vertical" values={values} choices={VERTICALS} />
      </Filters>
      <Card>
        {page.data.length > 0 ? (
          <ProspectTable rows={page.data} />
        ) : isFiltered(values) ? (
          <EmptyResult href="/prospects" />
        ) : (
          <Empty
            icon="funnel"
            title="No prospects yet"
            {...(mayCreate ? { action: { href: '/prospects/new', label: 'Add the first prospect' } } : {})}
          >
            A prospect is a business that may join your platform.
          </Empty>
        )}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/prospects" />
      </Card>
    </>
  );
}
