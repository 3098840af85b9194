import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { transactionList } from '../../server/contexts/transaction/operations.ts';
import { transactionStatus, transactionTypes } from '../../server/contexts/transaction/schemas.ts';
import { bookChoices } from '../book-choices.ts';
import { Empty } from '../components/empty.tsx';
import { type Choice, DateFilter, MoreFilters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { List } from '../components/list.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TRANSACTION_COLUMNS } from '../components/transaction-table.tsx';
import { humanize } from '../labels.ts';
import { allBooks, withOwners } from '../ledger-data.ts';
import { openList } from '../list-page.ts';
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

const FILTERS = [
  ...['q', 'status', 'type', 'category', 'source', 'party', 'book_id', 'account_id', 'external_id', 'caused_by'],
  ...['currency', 'from', 'to', 'least', 'most'],
];

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { currency, locale } = context.tenant;
  const ask = ({ least, most, ...given }: Record<string, string>): Record<string, string> => {
    const size = (text: string | undefined) => minorUnits(text, given.currency ?? currency, locale);
    const sizes = Object.entries({ amount_min: size(least), amount_max: size(most) });
    return {
      ...given,
      ...Object.fromEntries(sizes.flatMap(([name, size]) => (size === undefined ? [] : [[name, String(size)]]))),
    };
  };
  const also = (asked: Record<string, string>) => ({
    ...(asked.amount_min ? { amount_min: Number(asked.amount_min) } : {}),
    ...(asked.amount_max ? { amount_max: Number(asked.amount_max) } : {}),
  });
  const [list, books] = await Promise.all([
    openList(context, request, 'transaction', transactionList, FILTERS, { ask, also }),
    context.can('account:read') ? allBooks(context) : [],
  ]);
  return {
    list: { ...list, page: { ...list.page, data: await withOwners(context, list.page.data) } },
    books: bookChoices(books),
    mayPost: context.can('transaction:post'),
  };
}

export default function Transactions() {
  const { list, books, mayPost } = useLoaderData<typeof loader>();
  const { values } = list;
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
      <List
        list={list}
        label="Transactions"
        columns={TRANSACTION_COLUMNS}
        defaultSort={isPeriod ? '-effective_date' : '-recorded_at'}
        download="/api/transactions"
        filters={<TransactionFilters values={values} books={books} />}
        empty={<None mayPost={mayPost} />}
      />
    </>
  );
}

function TransactionFilters({ values, books }: { values: Record<string, string>; books: Choice[] }) {
  const hidden = ['account_id', 'party', 'caused_by', 'category'].filter((name) => values[name]);
  return (
    <>
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
    </>
  );
}

function None({ mayPost }: { mayPost: boolean }) {
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
