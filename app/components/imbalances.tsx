import * as v from 'valibot';
import type { Problem } from '../../server/operations/errors.ts';
import { Money } from './money.tsx';

const imbalances = v.array(
  v.object({ book_id: v.string(), currency: v.string(), debits: v.number(), credits: v.number() }),
);

/** By how much the sides of an `unbalanced` entry differ, per book and currency. */
export function Imbalances({ problem }: { problem: Problem }) {
  const found = v.safeParse(imbalances, problem.imbalances);
  if (!found.success) return null;
  return (
    <ul>
      {found.output.map(({ book_id, currency, debits, credits }) => (
        <li key={book_id + currency}>
          {currency}: debits <Money amount={debits} currency={currency} />, credits{' '}
          <Money amount={credits} currency={currency} />
        </li>
      ))}
    </ul>
  );
}
