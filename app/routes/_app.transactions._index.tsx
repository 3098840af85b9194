import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { transactionList } from '../../server/contexts/transaction/operations.ts';
import { transactionStatus } from '../../server/contexts/transaction/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { DateFilter, Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TransactionTable } from '../components/transaction-table.tsx';
import { humanize } from '../labels.ts';
import { allBooks } from '../ledger-data.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Transactions');

const STATUSES = transactionStatus.options.map((value) => ({ value, label: humanize(value) }));

export async function loader({ context, request }: LoaderFunctionArgs) {
  const filters = ['q', 'status', 'book_id', 'account_id', 'from', 'to'] as const;
  const { values, input } = listQuery(request, transactionList, filters);
  const [page, books] = await Promise.all([
    context.run(transactionList, input),
    context.can('account:read') ? allBooks(context) : [],
  ]);
  return {
    values,
    page,
    books: books.map((book) => ({ value: book.id, label: book.name })),
    mayPost: context.can('transaction:post_raw'),
  };
}

export default function Transactions() {
  const { values, page, books, mayPost } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Transactions" lead="Every movement of money, with both its sides.">
        {mayPost ? (
          <Link className="button button-primary" to="/transactions/new">
            <Icon name="plus" size={14} />
            New entry
          </Link>
        ) : null}
      </PageHeader>
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Description or external id" />
        <SelectFilter name="book_id" label="Book" values={values} choices={books} />
        <SelectFilter name="status" label="Status" values={values} choices={STATUSES} />
        <DateFilter name="from" label="From" values={values} />
        <DateFilter name="to" label="To" values={values} />
        {values.account_id ? <input type="hidden" name="account_id" value={values.account_id} /> : null}
      </Filters>
      <Card>
        {page.data.length > 0 ? (
          <TransactionTable rows={page.data} label="Transactions" />
        ) : (
          <None values={values} mayPost={mayPost} />
        )}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/transactions" />
      </Card>
    </>
  );
}

function None({ values, mayPost }: { values: Record<string, string>; mayPost: boolean }) {
  if (isFiltered(values)) return <EmptyResult href="/transactions" />;
  return (
    <Empty
      icon="arrows"
      title="No transactions yet"
      {...(mayPost ? { action: { href: '/transactions/new', label: 'Post the first entry' } } : {})}
    >
      Charges, fees and entries made by hand appear here as soon as they are posted.
    </Empty>
  );
}
