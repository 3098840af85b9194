import { Link } from '@remix-run/react';
import type { PeriodCheck } from '../../server/contexts/period/schemas.ts';
import { Icon } from './icon.tsx';
import { Money } from './money.tsx';

const TITLES: Record<PeriodCheck['check'], string> = {
  period_over: 'End of the month',
  earlier_periods: 'Earlier months',
  pending_holds: 'Pending transactions',
  trial_balance: 'Trial balance',
  clearing_accounts: 'Clearing accounts',
  reconciliation: 'Reconciliation',
  in_flight: 'Settling',
};

const PAGES: Record<PeriodCheck['items'][number]['type'], string> = {
  account: '/accounts/',
  transaction: '/transactions/',
  book: '/accounts?book_id=',
  statement: '/reconciliation/',
};

/** The checklist before a month is closed. */
export function PeriodChecks({ checks }: { checks: PeriodCheck[] }) {
  return (
    <ul className="checks">
      {checks.map((check) => (
        <Check key={check.check} check={check} />
      ))}
    </ul>
  );
}

function Check({ check }: { check: PeriodCheck }) {
  const verdict = check.passed ? 'good' : check.blocking ? 'bad' : 'warn';
  const words = { good: 'Passed', warn: 'To weigh', bad: 'In the way' }[verdict];
  return (
    <li>
      <span className={`check-mark check-${verdict}`}>
        <Icon name={check.passed ? 'check' : 'alert'} size={14} />
      </span>
      <div>
        <strong>{TITLES[check.check]}</strong>
        <span className="visually-hidden">: {words}</span>
        <p>{check.detail}</p>
        {check.items.length > 0 ? (
          <ul className="check-items">
            {check.items.map((item) => (
              <li key={item.id + item.label}>
                <Link to={PAGES[item.type] + item.id}>{item.label}</Link>
                {item.amount !== null && item.currency ? <Money amount={item.amount} currency={item.currency} /> : null}
              </li>
            ))}
          </ul>
        ) : null}
      </div>
    </li>
  );
}
