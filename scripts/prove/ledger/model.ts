import type { Line } from './rig.ts';

// What a ledger must hold, computed from what was asked and answered, without looking into it.

export type Status = 'pending' | 'posted' | 'voided' | 'reversed';

/** A line of one journal of a transaction, in its order. */
export type ModelLine = Line & { book: string; currency: string };

export type Transaction = {
  id: string;
  status: Status;
  /** What a typed one says it is about; null for raw lines. */
  amount: number | null;
  postedAmount: number | null;
  /** As they were held, or posted at once. */
  lines: ModelLine[];
  /** What was posted in the end: all of the lines, or a part of each. */
  posted: ModelLine[];
  isLapsed: boolean;
  touchesLimit: boolean;
};

export type Sums = { debits: number; credits: number; pending_debits: number; pending_credits: number };

/** The one sum that every journal of a hold has on each side, or null. */
export function heldAmount({ amount, lines }: Transaction): number | null {
  if (amount !== null) return amount;
  const totals = new Map<string, number>();
  for (const { book, currency, side, amount: of } of lines) {
    if (side === 'debit') totals.set(`${book} ${currency}`, (totals.get(`${book} ${currency}`) ?? 0) + of);
  }
  const sums = new Set([...totals].map(([key, total]) => `${key.split(' ')[1]} ${total}`));
  return sums.size === 1 ? [...totals.values()][0]! : null;
}

/** Part of whole, halves away from zero, exactly. */
function rounded(sum: number, part: number, whole: number): number {
  return Number((2n * BigInt(sum) * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole)));
}

/** A part of lines: each side of each journal is rounded as a running sum, so that both end on the same. */
export function partOf(lines: readonly ModelLine[], part: number, whole: number): ModelLine[] {
  const running = new Map<string, number>();
  return lines
    .map((line) => {
      const key = `${line.book} ${line.currency} ${line.side}`;
      const before = running.get(key) ?? 0;
      running.set(key, before + line.amount);
      return { ...line, amount: rounded(before + line.amount, part, whole) - rounded(before, part, whole) };
    })
    .filter(({ amount }) => amount > 0);
}

/** What accounts hold after these transactions. */
export function sumsOf(transactions: Iterable<Transaction>): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  const add = ({ account, side, amount }: Line, isPending: boolean) => {
    const of = sums.get(account) ?? { debits: 0, credits: 0, pending_debits: 0, pending_credits: 0 };
    of[`${isPending ? 'pending_' : ''}${side}s`] += amount;
    sums.set(account, of);
  };
  for (const { status, lines, posted } of transactions) {
    if (status === 'pending') for (const line of lines) add(line, true);
    if (status === 'posted' || status === 'reversed') for (const line of posted) add(line, false);
    if (status === 'reversed') {
      for (const line of posted) add({ ...line, side: line.side === 'debit' ? 'credit' : 'debit' }, false);
    }
  }
  return sums;
}
