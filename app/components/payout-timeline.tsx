import { Link } from '@remix-run/react';
import type { PayoutState, PayoutStep } from '../../server/contexts/payout/schemas.ts';
import { Icon, type IconName } from './icon.tsx';
import { CalendarDate, Instant } from './time.tsx';

const WORDS: Record<PayoutStep['step'], readonly [string, IconName, 'good' | 'warn' | 'bad' | 'quiet']> = {
  scheduled: ['Scheduled, its money held', 'history', 'warn'],
  sent: ['Sent', 'payout', 'warn'],
  settled: ['Arrived', 'check', 'good'],
  returned: ['Came back', 'alert', 'bad'],
  canceled: ['Canceled', 'close', 'quiet'],
  settlement_reversed: ['Its settlement was reversed', 'alert', 'bad'],
  return_reversed: ['Its return was reversed', 'alert', 'warn'],
};

/** What comes next, as long as anything does. */
const NEXT: Partial<Record<PayoutState, string>> = {
  scheduled: 'Will be sent',
  in_transit: 'Will arrive, or come back',
};

type Props = { payout: { state: PayoutState; effective_date: string; timeline: PayoutStep[] } };

/** What happened to a payout, and what is still to come. */
export function PayoutTimeline({ payout }: Props) {
  const next = NEXT[payout.state];
  return (
    <ol className="timeline">
      {payout.timeline.map((taken) => {
        const [words, icon, tone] = WORDS[taken.step];
        return (
          <li key={`${taken.transaction_id}-${taken.step}`} className={`timeline-${tone}`}>
            <span className="timeline-mark">
              <Icon name={icon} size={12} />
            </span>
            <div>
              <Link to={`/transactions/${taken.transaction_id}`}>{words}</Link>
              {taken.reason ? <span className="cell-note">{taken.reason}</span> : null}
              <span className="cell-note">
                <Instant value={taken.at} exact />
              </span>
            </div>
          </li>
        );
      })}
      {next ? (
        <li className="timeline-next">
          <span className="timeline-mark" />
          <div>
            {next}
            {payout.state === 'scheduled' ? (
              <span className="cell-note">
                <CalendarDate value={payout.effective_date} />
              </span>
            ) : null}
          </div>
        </li>
      ) : null}
    </ol>
  );
}
