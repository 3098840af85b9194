// What the pages of reports read from their address, and how it becomes the input of an operation.
import type { AppLoadContext } from '@remix-run/server-runtime';
import { bookChoices } from './book-choices.ts';
import type { GroupedChoice } from './components/options.tsx';
import { instantIn, nextDay, startOfDay } from './dates.ts';
import { allBooks } from './ledger-data.ts';
import { addressValues } from './list-query.ts';

type Values = Record<string, string>;

const OF_GROUP = 'org-';

/** The books that a report can be about: each by itself, and a MerchantOrg with its merchants. */
export async function booksToChoose(context: AppLoadContext): Promise<GroupedChoice[]> {
  const books = context.can('account:read') ? await allBooks(context) : [];
  return bookChoices(books, ({ party_type, party_id, name }) =>
    party_type === 'merchant_org' ? [{ value: OF_GROUP + party_id, label: `${name}, consolidated` }] : [],
  );
}

/** What the address says, and the part of the input that says which books. */
export function reportValues(request: Request) {
  const values = addressValues(request, ['books', 'at', 'time', 'from', 'to', 'axis', 'zeros']);
  const { books } = values;
  const about: Values = !books
    ? {}
    : books.startsWith(OF_GROUP)
      ? { merchant_org_id: books.slice(OF_GROUP.length) }
      : { book_id: books };
  return { values, about };
}

/** The moment of a report: a day; or the instant of the tenant's clocks, the end of the day unless there is a time. */
export function momentOf({ at, time, axis }: Values, timeZone: string): Values {
  if (!at || axis !== 'recorded') return { ...(at ? { at } : {}), axis: 'effective' };
  return {
    at: (time ? instantIn(at, time, timeZone) : startOfDay(nextDay(at), timeZone)) ?? at,
    axis: 'recorded',
  };
}

/** A period of days, or of the instants at which these days begin and end. */
export function periodOf({ from, to, axis }: Values, timeZone: string): Values {
  if (axis !== 'recorded') return { ...(from ? { from } : {}), ...(to ? { to } : {}), axis: 'effective' };
  return {
    ...(from ? { from: startOfDay(from, timeZone) ?? from } : {}),
    ...(to ? { to: startOfDay(nextDay(to), timeZone) ?? to } : {}),
    axis: 'recorded',
  };
}

/** Periods that are often asked for, as they stand in an address, from the tenant's today. */
export function usualPeriods(today: string): { label: string; from: string; to: string }[] {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  const day = (inYear: number, inMonth: number, date: number) =>
    new Date(Date.UTC(inYear, inMonth - 1, date)).toISOString().slice(0, 10);
  const quarter = month - ((month - 1) % 3);
  return [
    { label: 'This month', from: day(year, month, 1), to: today },
    { label: 'Last month', from: day(year, month - 1, 1), to: day(year, month, 0) },
    { label: 'This quarter', from: day(year, quarter, 1), to: today },
    { label: 'This year', from: day(year, 1, 1), to: today },
    { label: 'Last year', from: day(year - 1, 1, 1), to: day(year - 1, 12, 31) },
  ];
}
