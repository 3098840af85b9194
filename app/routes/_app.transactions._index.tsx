import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { transactionList } from '../../server/contexts/transaction/operations.ts';
import { transactionStatus, transactionTypes } from '../../server/contexts/transaction/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { DateFilter, Filters, MoreFilters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TransactionTable } from '../components/transaction-table.tsx';
import { humanize } from '../labels.ts';
import { allBooks } from '../ledger-data.ts';
import { addressValues, isFiltered, listQuery } from '../list-query.ts';
import { parseAmount } from '../money.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Transactions');

const STATUSES = transactionStatus.options.map((value) => ({ value, label: humanize(value) }));
const TYPES = ['journal', ...transactionTypes].map((value) => ({ value, label: humanize(value) }));
const RARER = ['least', 'most', 'currency', 'source', 'external_id'];

/** Amounts are typed as people write them; one that cannot be read is refused like any other wrong filter. */
function minorUnits(typed: string | undefined, currency: string, locale: string): number | undefined {
  if (!typed) return undefined;
  const parsed = parseAmount(typed, currency, locale);
  return 'amount' in parsed ? Number(parsed.amount) : 0;
}

export async function loader({ context, request }: LoaderFunctionArgs) {
  const filters = [
    'q',
    'status',
    'type',
    'category',
    'source',
    'party',
    'book_id',
    'account_id',
    'external_id',
    'caused_by',
    'currency',
    'from',
    'to',
  ] as const;
  const { values, input } = listQuery(request, transactionList, filters);
  const typed = addressValues(request, ['least', 'most']);
  const { currency, locale } = context.tenant;
  const size = (text: string | undefined) => minorUnits(text, values.currency ?? currency, locale);
  const wanted = { ...input, amount_min: size(typed.least), amount_max: size(typed.most) };
  const [page, books] = await Promise.all([
    context.run(transactionList, wanted),
    context.can('account:read') ? allBooks(context) : [],
  ]);
  const { least: _least, most: _most, ...given } = { ...values, ...typed };
  const sizes = { amount_min: wanted.amount_min, amount_max: wanted.amount_max };
  const asked = Object.entries(sizes).flatMap(([name, size]) => (size === undefined ? [] : [[name, String(size)]]));
  return {
    values: { ...values, ...typed },
    download: { ...given, ...Object.fromEntries(asked) } as Record<string, string>,
    page,
    books: books.map((book) => ({ value: book.id, label: book.name })),
    mayPost: context.can('transaction:post'),
  };
}

export default function Transactions() {
  const { values, download, page, books, mayPost } = useLoaderData<typeof loader>();
  const hidden = ['account_id', 'party', 'caused_by', 'category'].filter((name) => values[name]);
  const isPeriod = Boolean(values.from || values.to);
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
        <SearchFilter name="q" label="Search" values={values} placeholder="Words, external id or id" />
        <SelectFilter name="book_id" label="Book" values={values} choices={books} />
        <SelectFilter name="type" label="Type" values={values} choices={TYPES} />
        <SelectFilter name="status" label="Status" values={values} choices={STATUSES} />
        <DateFilter name="from" label="From" values={values} />
        <DateFilter name="to" label="To" values={values} />
        <MoreFilters isOpen={RARER.some((name) => values[name])}>
          <SearchFilter name="least" label="Amount from" values={values} isNarrow />
          <SearchFilter name="most" label="Amount to" values={values} isNarrow />
          <SearchFilter name="currency" label="Currency" values={values} isNarrow />
          <SearchFilter name="source" label="Source" values={values} isNarrow />
          <SearchFilter name="external_id" label="External id" values={values} />
        </MoreFilters>
        {hidden.map((name) => (
          <input key={name} type="hidden" name={name} value={values[name]} />
        ))}
      </Filters>
      <Card>
        {page.data.length > 0 ? (
          <TransactionTable
            rows={page.data}
            label="Transactions"
            defaultSort={isPeriod ? '-effective_date' : '-recorded_at'}
          />
        ) : (
          <None values={values} mayPost={mayPost} />
        )}
        <ListFoot
          shown={page.data.length}
          nextCursor={page.next_cursor}
          download="/api/transactions"
          filters={download}
        />
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
