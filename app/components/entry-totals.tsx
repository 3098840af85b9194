import type { EntryTotal } from '../entry.ts';
import { Badge } from './badge.tsx';
import { Money } from './money.tsx';

/** Both sides of the entry so far, per book and currency, and whether they agree. */
export function EntryTotals({ totals }: { totals: EntryTotal[] }) {
  const hasBooks = new Set(totals.map(({ book }) => book)).size > 1;
  return (
    <output className="totals" aria-live="polite">
      {totals.length === 0 ? <span className="faint">The sums of both sides appear here.</span> : null}
      {totals.map(({ book, currency, debits, credits }) => (
        <span className="totals-row" key={`${book} ${currency}`}>
          {hasBooks ? <span className="totals-book">{book}</span> : null}
          <span>
            Debits <Money amount={debits} currency={currency} />
          </span>
          <span>
            Credits <Money amount={credits} currency={currency} />
          </span>
          {debits === credits ? (
            <Badge status="active" label="Balanced" />
          ) : (
            <>
              <b>
                Difference <Money amount={debits > credits ? debits - credits : credits - debits} currency={currency} />
              </b>
              <Badge status="pending" label="Not balanced yet" />
            </>
          )}
        </span>
      ))}
    </output>
  );
}
