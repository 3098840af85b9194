import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { Filters, SearchFilter } from '../components/filters.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { pageTitle } from '../page-title.ts';
import { search } from '../search.ts';

export const meta = pageTitle('Search');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const query = (new URL(request.url).searchParams.get('q') ?? '').trim().slice(0, 200);
  return { query, hits: query === '' ? [] : await search(context, query) };
}

export default function SearchPage() {
  const { query, hits } = useLoaderData<typeof loader>();
  const values: Record<string, string> = query ? { q: query } : {};
  return (
    <>
      <PageHeader title="Search" lead="Merchants, MerchantOrgs, accounts and transactions." />
      <Filters values={values} submit="Search">
        <SearchFilter name="q" label="Search for" values={values} />
      </Filters>
      {query === '' ? null : (
        <Card>
          {hits.length > 0 ? (
            <Table
              label="Results"
              rows={hits}
              rowKey={(hit) => hit.href}
              columns={[
                { head: 'Name', cell: (hit) => <RowLink to={hit.href}>{hit.label}</RowLink> },
                { head: 'Kind', cell: (hit) => hit.kind },
              ]}
            />
          ) : (
            <Empty icon="search" title="Nothing found">
              Names, codes, e-mail addresses and descriptions are searched. Try a part of the word.
            </Empty>
          )}
        </Card>
      )}
    </>
  );
}
