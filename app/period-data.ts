// What the page of periods reads from its address and loads.
import type { AppLoadContext } from '@remix-run/server-runtime';
import type { Period } from '../server/contexts/period/schemas.ts';
import { transactionGet } from '../server/contexts/transaction/operations.ts';
import type { Transaction } from '../server/contexts/transaction/schemas.ts';
import { journalList } from '../server/contexts/transaction-journal/operations.ts';
import type { Journal } from '../server/contexts/transaction-journal/schemas.ts';

export type LateItem = { journal: Journal; description: string; transactionId: string };

const SHOWN = 8;

/** The year of the address (`?year=`); the operation takes the current one otherwise. */
export function yearOf(request: Request): number | undefined {
  const { searchParams } = new URL(request.url);
  const asked = searchParams.get('year') ?? searchParams.get('month')?.slice(0, 4);
  return asked && /^(19|[2-9]\d)\d\d$/.test(asked) && asked !== '9999' ? Number(asked) : undefined;
}

/** The month of the address (`?month=2026-01`), else the next to close, else the last closed one, else the last that is over. */
export function monthOf(request: Request, { data }: { data: Period[] }): Period {
  const asked = new URL(request.url).searchParams.get('month');
  const found =
    data.find(({ month }) => month === asked) ??
    data.find(({ status }) => status === 'closable') ??
    data.findLast(({ status }) => status === 'closed') ??
    data.findLast(({ through }) => through < new Date().toISOString().slice(0, 10)) ??
    data[0];
  if (!found) throw new Response(null, { status: 404 });
  return found;
}

/** The day before one: to reopen a month is to go back to the end of the month before. */
export function dayBefore(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return date;
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

/** The latest journals that came too late for the period they belong to, with what they are about. */
export async function lateItems(context: AppLoadContext, bookId: string): Promise<LateItem[]> {
  const { data } = await context.run(journalList, { book_id: bookId, late: true, limit: SHOWN });
  const transactions = new Map<string, Transaction>();
  for (const id of new Set(data.map(({ transaction_id }) => transaction_id))) {
    transactions.set(id, await context.run(transactionGet, { id }));
  }
  return data.map((journal) => ({
    journal,
    transactionId: journal.transaction_id,
    description: transactions.get(journal.transaction_id)?.description ?? '',
  }));
}
