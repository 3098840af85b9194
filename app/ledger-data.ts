// What several ledger pages load: books and their charts of accounts, whole.
import type { AppLoadContext } from '@remix-run/server-runtime';
import { accountList, bookList } from '../server/contexts/account/operations.ts';
import type { Account, Book } from '../server/contexts/account/schemas.ts';
import type { Transaction } from '../server/contexts/transaction/schemas.ts';
import type { OwnedTransaction } from './components/transaction-table.tsx';
import { wholeList } from './whole-list.ts';

/** The books in scope, the tenant's own first. */
export function allBooks(context: AppLoadContext): Promise<Book[]> {
  return wholeList((cursor) =>
    context.run(bookList, { limit: 200, sort: 'created_at', ...(cursor ? { cursor } : {}) }),
  );
}

/** Transactions with whose they are: the merchants and MerchantOrgs whose books they touch, else the tenant. */
export async function withOwners(
  context: AppLoadContext,
  rows: Transaction[],
  except?: string,
): Promise<OwnedTransaction[]> {
  const booksOf = ({ journals }: Transaction) => [...new Set(journals.map(({ book_id }) => book_id))];
  const ids = [...new Set(rows.flatMap(booksOf))].slice(0, 200);
  const isTold = ids.length > 0 && context.can('account:read');
  const { data } = isTold ? await context.run(bookList, { ids, limit: 200 }) : { data: [] };
  const books = new Map(data.map((book) => [book.id, book]));
  return rows.map((row) => {
    const touched = booksOf(row).flatMap((id) => books.get(id) ?? []);
    const parties = touched.filter(({ party_type }) => party_type !== 'tenant');
    const owners = (parties.length > 0 ? parties : touched).filter(({ id }) => id !== except);
    return { ...row, owners: owners.map(({ name }) => name) };
  });
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
