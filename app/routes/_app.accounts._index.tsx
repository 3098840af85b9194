import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { bookChart } from '../../server/contexts/chart/operations.ts';
import type { ChartNode } from '../../server/contexts/chart/schemas.ts';
import { bookChoices } from '../book-choices.ts';
import { Card } from '../components/card.tsx';
import { ChartTree } from '../components/chart-tree.tsx';
import { Empty } from '../components/empty.tsx';
import { Filters, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { allBooks, chooseBook } from '../ledger-data.ts';
import { addressValues, withParameters } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Accounts');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const books = await allBooks(context);
  const book = chooseBook(books, request);
  const chart = book ? await context.run(bookChart, { id: book.id }) : null;
  return {
    values: addressValues(request, ['book_id', 'currency', 'zeros']),
    books: bookChoices(books),
    book,
    nodes: chart?.data ?? [],
    may: {
      create: context.can('account:create'),
      post: context.can('transaction:post_raw'),
      report: context.can('ledger:read'),
    },
  };
}

export default function Accounts() {
  const { values, books, book, nodes, may } = useLoaderData<typeof loader>();
  const inBook = book ? `?book_id=${book.id}` : '';
  const currencies = [...new Set(nodes.map((node) => node.currency))].sort();
  const wanted = nodes.filter((node) => !values.currency || node.currency === values.currency);
  const shown = wanted.filter(
    (node) => values.currency || values.zeros || node.currency === book?.currency || isUsed(node),
  );
  return (
    <>
      <PageHeader title="Accounts" lead={book ? `The chart of accounts of ${book.name}, as it stands now.` : undefined}>
        {may.report && book ? (
          <Link className="button" to={`/reports/trial-balance?books=${book.id}`}>
            Trial balance
          </Link>
        ) : null}
        {may.post && book ? (
          <Link className="button" to={`/transactions/new${inBook}`}>
            New entry
          </Link>
        ) : null}
        {may.create && book ? (
          <Link className="button button-primary" to={`/accounts/new${inBook}`}>
            <Icon name="plus" size={14} />
            New account
          </Link>
        ) : null}
      </PageHeader>
      {books.length > 1 || currencies.length > 1 ? (
        <Filters values={values} submit="Show">
          <SelectFilter name="book_id" label="Book" values={{ book_id: book?.id ?? '' }} choices={books} isNeeded />
          {currencies.length > 1 ? (
            <SelectFilter
              name="currency"
              label="Currency"
              values={values}
              choices={currencies.map((value) => ({ value, label: value }))}
            />
          ) : null}
        </Filters>
      ) : null}
      {shown.length < wanted.length ? (
        <p className="list-note">
          {wanted.length - shown.length} accounts in other currencies were never used.{' '}
          <Link to={withParameters(values, { zeros: '1' })} preventScrollReset>
            Show them
          </Link>
        </p>
      ) : null}
      <Chart nodes={shown} home={book?.currency ?? ''} filters={{ ...values, ...(book ? { book_id: book.id } : {}) }} />
    </>
  );
}

/** Charts are opened in a currency as a whole, when it is first met. */
function isUsed(node: ChartNode): boolean {
  return node.subtree.some((sum) => sum.debits + sum.credits !== 0 || sum.pending_debits + sum.pending_credits !== 0);
}

type ChartProps = { nodes: ChartNode[]; home: string; filters: Record<string, string> };

/** Open accounts as a tree; those that are closed are folded away below. */
function Chart({ nodes, home, filters }: ChartProps) {
  const [open, closed] = [
    nodes.filter((node) => node.status === 'open'),
    nodes.filter((node) => node.status !== 'open'),
  ];
  return (
    <div className="stack">
      <Card>
        {open.length > 0 ? (
          <ChartTree nodes={open} label="Accounts" home={home} />
        ) : (
          <Empty icon="book" title="No accounts yet">
            An account is where amounts of one kind add up: cash, what is owed, what was earned.
          </Empty>
        )}
        <ListFoot shown={nodes.length} nextCursor={null} download="/api/accounts" filters={filters} />
      </Card>
      {closed.length > 0 ? (
        <details className="closed-accounts">
          <summary>{closed.length === 1 ? '1 closed account' : `${closed.length} closed accounts`}</summary>
          <Card>
            <ChartTree nodes={closed} label="Closed accounts" home={home} />
          </Card>
        </details>
      ) : null}
    </div>
  );
}
