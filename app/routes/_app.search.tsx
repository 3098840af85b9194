import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { searchFind } from '../../server/contexts/search/operations.ts';
import { FOUND_KINDS } from '../../server/contexts/search/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { Filters, SearchFilter } from '../components/filters.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { byKind, hitsOf } from '../found.ts';
import { pageTitle } from '../page-title.ts';
import { placesLike } from '../places.ts';
import { portalOf } from '../portal.ts';

export const meta = pageTitle('Search');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const query = (new URL(request.url).searchParams.get('q') ?? '').trim().slice(0, 200);
  if (query === '') return { query, groups: [] };
  const mayFind = FOUND_KINDS.some((kind) => context.can(`${kind}:read`));
  const { data } = mayFind ? await context.run(searchFind, { q: query }) : { data: [] };
  return {
    query,
    groups: byKind([...placesLike(query, portalOf(context), undefined), ...hitsOf(data, context.tenant)]),
  };
}

export default function SearchPage() {
  const { query, groups } = useLoaderData<typeof loader>();
  const values: Record<string, string> = query ? { q: query } : {};
  return (
    <>
      <PageHeader title="Search" lead="Customers, appointments, invoices, merchants, accounts, pages and more." />
      <Filters values={values} submit="Search">
        <SearchFilter name="q" label="Search for" values={values} />
      </Filters>
      <div className="stack">
        {query !== '' && groups.length === 0 ? (
          <Card>
            <Empty icon="search" title="Nothing found">
              Names, numbers, codes, e-mail addresses and descriptions are searched. Try a part of the word.
            </Empty>
          </Card>
        ) : null}
        {groups.map(({ kind, hits }) => (
          <Card key={kind} title={kind}>
            <Table
              label={kind}
              rows={hits}
              rowKey={(hit) => hit.href}
              columns={[
                { head: 'Name', cell: (hit) => <RowLink to={hit.href}>{hit.label}</RowLink> },
                { head: 'More', cell: (hit) => hit.detail },
              ]}
            />
          </Card>
        ))}
      </div>
    </>
  );
}
