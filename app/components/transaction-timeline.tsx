import type { Transaction } from '../../server/contexts/transaction/schemas.ts';
import { type Step, stepsOf } from '../transaction-steps.ts';
import { Icon, type IconName } from './icon.tsx';
import { Money } from './money.tsx';
import { CalendarDate, Instant } from './time.tsx';

type Words = readonly [string, IconName, 'good' | 'warn' | 'bad' | 'quiet'];

function wordsFor(step: Step, transaction: Transaction, isHeld: boolean): Words {
  const { amount, posted_amount } = transaction;
  switch (step.kind) {
    case 'hold':
      return ['Held', 'history', 'warn'];
    case 'release':
      return [transaction.reason === 'expired' ? 'Expired, and released' : 'Voided, and released', 'close', 'quiet'];
    case 'post':
      if (!isHeld) return ['Posted', 'check', 'good'];
      return [posted_amount === null || posted_amount === amount?.amount ? 'Posted whole' : 'Posted', 'check', 'good'];
    case 'reversal':
      return ['Reversed', 'alert', 'bad'];
  }
}

/** What happened to a transaction step by step, and what a hold still waits for. */
export function TransactionTimeline({ transaction, currency }: { transaction: Transaction; currency: string | null }) {
  const steps = stepsOf(transaction);
  const isHeld = steps.some(({ kind }) => kind === 'hold');
  const isPosted = steps.some(({ kind }) => kind === 'post');
  // A hold that is posted is released by the same step.
  const told = steps.filter(({ kind }) => kind !== 'release' || !isPosted);
  return (
    <ol className="timeline">
      {told.map((step) => {
        const [words, icon, tone] = wordsFor(step, transaction, isHeld);
        const part = step.kind === 'post' && isHeld && transaction.posted_amount !== null && currency;
        return (
          <li key={step.kind} className={`timeline-${tone}`}>
            <span className="timeline-mark">
              <Icon name={icon} size={12} />
            </span>
            <div>
              {words}
              {part ? (
                <>
                  {', '}
                  <Money amount={transaction.posted_amount ?? 0} currency={currency} />
                </>
              ) : null}
              <span className="cell-note">
                effective <CalendarDate value={step.day} />
                {step.originalDay ? (
                  <>
                    , late for <CalendarDate value={step.originalDay} />
                  </>
                ) : null}
              </span>
              <span className="cell-note">
                <Instant value={step.at} exact />
              </span>
              {transaction.reason && ['release', 'reversal'].includes(step.kind) && transaction.reason !== 'expired' ? (
                <span className="cell-note">“{transaction.reason}”</span>
              ) : null}
            </div>
          </li>
        );
      })}
      {transaction.status === 'pending' ? (
        <li className="timeline-next">
          <span className="timeline-mark" />
          <div>
            Waits to be posted or voided
            {transaction.expires_at ? (
              <span className="cell-note">
                expires <Instant value={transaction.expires_at} />
              </span>
            ) : null}
          </div>
        </li>
      ) : null}
    </ol>
  );
}
