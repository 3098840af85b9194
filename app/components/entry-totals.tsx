import type { EntryTotal } from '../entry.ts';
import { Badge } from './badge.tsx';
import { Money } from './money.tsx';

/** Both sides of the entry so far, per currency, and whether they agree. */
export function EntryTotals({ totals }: { totals: EntryTotal[] }) {
  return (
    <output className="totals" aria-live="polite">
      {totals.length === 0 ? <span className="faint">The sums of both sides appear here.</span> : null}
      {totals.map(({ currency, debits, credits }) => (
        <span className="totals-row" key={currency}>
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
