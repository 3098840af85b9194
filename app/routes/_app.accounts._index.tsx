import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { AccountTable } from '../components/account-table.tsx';
import { BookChoice } from '../components/book-choice.tsx';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { allAccounts, allBooks, chooseBook } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Accounts');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const books = await allBooks(context);
  const book = chooseBook(books, request);
  const accounts = book ? await allAccounts(context, book.id) : [];
  return {
    books,
    book,
    accounts,
    may: { create: context.can('account:create'), post: context.can('transaction:post_raw') },
  };
}

export default function Accounts() {
  const { books, book, accounts, may } = useLoaderData<typeof loader>();
  const inBook = book ? `?book_id=${book.id}` : '';
  return (
    <>
      <PageHeader title="Accounts" lead={book ? `The chart of accounts of ${book.name}.` : undefined}>
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
      {books.length > 1 ? <BookChoice books={books} chosen={book} /> : null}
      <Card>
        {accounts.length > 0 ? (
          <AccountTable rows={accounts} />
        ) : (
          <Empty icon="book" title="No accounts yet">
            An account is where amounts of one kind add up: cash, what is owed, what was earned.
          </Empty>
        )}
        <ListFoot
          shown={accounts.length}
          nextCursor={null}
          download="/api/accounts"
          filters={book ? { book_id: book.id } : {}}
        />
      </Card>
    </>
  );
}
