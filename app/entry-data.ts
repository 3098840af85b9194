// What the entry page loads, and how it asks the operations for what its form says.
import type { AppLoadContext } from '@remix-run/server-runtime';
import type { Book } from '../server/contexts/account/schemas.ts';
import { nextDay, startOfDay } from './dates.ts';
import type { EntryAccount } from './entry.ts';
import { entryLines, errorsByRow, HEADER } from './entry.ts';
import type { FormValues } from './forms.ts';
import { humanize } from './labels.ts';
import { allAccounts } from './ledger-data.ts';
import { errorsByField, typedInput } from './typed-entry.ts';

type Errors = Record<string, string[]>;

/** More would make a list that nobody reads. */
const MOST_BOOKS = 6;

/** The books named in a form or an address, `a,b`, of those that there are. */
export function booksNamed(books: Book[], named: string | null | undefined): Book[] {
  const ids = (named ?? '').split(',').slice(0, MOST_BOOKS);
  return [...new Set(ids)].flatMap((id) => books.find((book) => book.id === id) ?? []);
}

/** The open accounts of books, each with the name of its book. */
export async function entryAccounts(context: AppLoadContext, books: Book[]): Promise<EntryAccount[]> {
  const charts = await Promise.all(
    books.map(async (book) =>
      (await allAccounts(context, book.id)).map((account) => ({ ...account, book: book.name })),
    ),
  );
  return charts
    .flat()
    .filter(({ status }) => status === 'open')
    .map(({ id, code, name, type, currency, book }) => ({ id, code, name, type, currency, book }));
}

/** Who and what a typed entry can be from or to: parties with books, and the accounts of the chosen book. */
export function entryEnds(books: Book[], accounts: EntryAccount[]) {
  return [
    ...books.map((book) => ({
      value: `${book.party_type}:${book.party_id}`,
      label:
        book.party_type === 'tenant' ? `${book.name} (the platform)` : `${book.name} (${humanize(book.party_type)})`,
    })),
    ...accounts.map(({ id, code, name, currency }) => ({
      value: `account:${id}`,
      label: `Account ${code} ${name} (${currency})`,
    })),
  ];
}

/** The input of transaction.create, what is wrong with it already, and how its errors are told by the form's fields. */
export function entryInput(context: AppLoadContext, values: FormValues, accounts: EntryAccount[], isTyped: boolean) {
  const head = headOf(context, values);
  if (isTyped) {
    const { input, errors } = typedInput(values, context.tenant.locale);
    return { input: { ...input, ...head.input }, errors: { ...errors, ...head.errors }, told: errorsByField };
  }
  const { lines, rows, errors } = entryLines(values, accounts, context.tenant.locale);
  return {
    input: { description: values.description ?? '', lines, ...head.input },
    errors: { ...errors, ...head.errors },
    told: (found: Errors) => errorsByRow(found, lines, rows),
  };
}

function headOf(context: AppLoadContext, values: FormValues) {
  const errors: Errors = {};
  const [, effective_date, external_id, status, expires_on, on_closed_period] = HEADER.map(
    (name) => values[name] || null,
  );
  // A hold lapses when the day is over where the tenant is.
  const expires_at = expires_on ? startOfDay(nextDay(expires_on), context.tenant.time_zone) : null;
  if (expires_on && !expires_at) errors.expires_on = ['must be a date that exists'];
  if (expires_on && status !== 'pending') errors.expires_on = ['is only for an entry that is held'];
  const input = {
    effective_date,
    external_id,
    ...(status === 'pending' ? { status, expires_at } : {}),
    ...(on_closed_period === 'next_open' ? { on_closed_period } : {}),
  };
  return { input, errors };
}
