// What several ledger pages load: books and their charts of accounts, whole.
import type { AppLoadContext } from '@remix-run/server-runtime';
import { accountList, bookList } from '../server/contexts/account/operations.ts';
import type { Account, Book } from '../server/contexts/account/schemas.ts';
import { wholeList } from './whole-list.ts';

/** The books in scope, the tenant's own first. */
export function allBooks(context: AppLoadContext): Promise<Book[]> {
  return wholeList((cursor) =>
    context.run(bookList, { limit: 200, sort: 'created_at', ...(cursor ? { cursor } : {}) }),
  );
}

/** A book's chart of accounts, by code. */
export function allAccounts(context: AppLoadContext, bookId: string): Promise<Account[]> {
  return wholeList((cursor) =>
    context.run(accountList, { book_id: bookId, limit: 200, sort: 'code', ...(cursor ? { cursor } : {}) }),
  );
}

/** The accounts of several books by id. */
export async function accountsById(context: AppLoadContext, bookIds: string[]): Promise<Record<string, Account>> {
  const charts = await Promise.all([...new Set(bookIds)].map((bookId) => allAccounts(context, bookId)));
  return Object.fromEntries(charts.flat().map((account) => [account.id, account]));
}

/** The book that the address names (`?book_id=`), else the tenant's own. */
export function chooseBook(books: Book[], request: Request): Book | null {
  const wanted = new URL(request.url).searchParams.get('book_id');
  if (wanted) return books.find((book) => book.id === wanted) ?? notFound();
  return books.find((book) => book.party_type === 'tenant') ?? books[0] ?? null;
}

function notFound(): never {
  throw new Response(null, { status: 404 });
}
