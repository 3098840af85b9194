import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { apiKeyList } from '../../server/contexts/api-key/operations.ts';
import { reachChoices, roleChoices } from '../api-key-data.ts';
import { KEY_STATES } from '../api-key-form.ts';
import { ApiKeyTable } from '../components/api-key-table.tsx';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('API keys');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, apiKeyList, ['q', 'state', 'role_id']);
  const [page, roles, places] = await Promise.all([
    context.run(apiKeyList, input),
    roleChoices(context),
    reachChoices(context),
  ]);
  return { values, page, roles, places, now: new Date().toISOString(), mayCreate: context.can('api_key:create') };
}

export default function ApiKeys() {
  const { values, page, roles, places, now, mayCreate } = useLoaderData<typeof loader>();
  return (
    <>
      <DoneNotice saved="The key is revoked." />
      <PageHeader title="API keys" lead="What programs and agents come in with: one role each, at one place.">
        {mayCreate ? (
          <Link className="button button-primary" to="/settings/api-keys/new">
            <Icon name="plus" size={14} />
            New API key
          </Link>
        ) : null}
      </PageHeader>
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Name, or how the key begins" />
        <SelectFilter name="state" label="State" values={values} choices={KEY_STATES} />
        {roles.length > 0 ? <SelectFilter name="role_id" label="Role" values={values} choices={roles} /> : null}
      </Filters>
      <Card>
        {page.data.length > 0 ? (
          <ApiKeyTable rows={page.data} places={places} now={now} />
        ) : (
          <None values={values} mayCreate={mayCreate} />
        )}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/api-keys" />
      </Card>
    </>
  );
}

function None({ values, mayCreate }: { values: Record<string, string>; mayCreate: boolean }) {
  if (isFiltered(values)) return <EmptyResult href="/settings/api-keys" />;
  return (
    <Empty
      icon="key"
      title="No API keys yet"
      {...(mayCreate ? { action: { href: '/settings/api-keys/new', label: 'Create the first key' } } : {})}
    >
      A key lets a program do what its role may do, until it ends or is revoked.
    </Empty>
  );
}
