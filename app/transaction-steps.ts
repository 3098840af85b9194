// What happened to a transaction, told by its journals, and what can still be done with it.
import type { Transaction } from '../server/contexts/transaction/schemas.ts';
import type { Journal } from '../server/contexts/transaction-journal/schemas.ts';

/** The journals of one step, one per book. */
export type Step = { kind: Journal['kind']; at: string; day: string; originalDay: string | null; journals: Journal[] };

const ORDER = ['hold', 'release', 'post', 'reversal'];

/** The steps in the order in which they were taken. */
export function stepsOf({ journals }: Pick<Transaction, 'journals'>): Step[] {
  const byKind = new Map<string, Step>();
  for (const journal of journals) {
    const known = byKind.get(journal.kind);
    if (known) known.journals.push(journal);
    else
      byKind.set(journal.kind, {
        kind: journal.kind,
        at: journal.recorded_at,
        day: journal.effective_date,
        originalDay: journal.original_effective_date,
        journals: [journal],
      });
  }
  return [...byKind.values()].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** The currency that a part of a hold is told in; null when it holds several, and can only be posted whole. */
export function heldCurrency({ amount, journals }: Transaction): string | null {
  if (amount) return amount.currency;
  const currencies = new Set(journals.flatMap(({ lines }) => lines.map(({ currency }) => currency)));
  const [only] = currencies;
  return currencies.size === 1 && only ? only : null;
}
