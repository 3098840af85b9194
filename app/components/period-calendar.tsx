import { Link, useSearchParams } from '@remix-run/react';
import type { Period } from '../../server/contexts/period/schemas.ts';
import { withParameters } from '../list-query.ts';
import { Icon } from './icon.tsx';
import { Month } from './month.tsx';

type Props = { calendar: { year: number; data: Period[]; book_id: string }; chosen: Period };

const WORDS: Record<Period['status'], string> = { closed: 'Closed', closable: 'Next to close', open: 'Open' };

/** A year of a book, a tile per month. */
export function PeriodCalendar({ calendar, chosen }: Props) {
  const { year, data, book_id } = calendar;
  const yearLink = (to: number) => withParameters({ book_id }, { year: String(to) });
  return (
    <section className="card" aria-label={`Periods of ${year}`}>
      <div className="card-header year-switch">
        <Link className="button button-plain" to={yearLink(year - 1)} rel="prev">
          <Icon name="chevron" size={12} />
          {year - 1}
        </Link>
        <h2>{year}</h2>
        <Link className="button button-plain" to={yearLink(year + 1)} rel="next">
          {year + 1}
          <Icon name="chevron" size={12} />
        </Link>
      </div>
      <ol className="months">
        {data.map((period) => (
          <li key={period.month}>
            <MonthTile period={period} isChosen={period.month === chosen.month} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function MonthTile({ period, isChosen }: { period: Period; isChosen: boolean }) {
  const [search] = useSearchParams();
  const { month, status, late_items, reopened_at } = period;
  const to = withParameters(Object.fromEntries(search), { month, saved: null });
  const note = status !== 'closed' && reopened_at ? 'Reopened' : WORDS[status];
  return (
    <Link className={`month month-${status}`} to={to} aria-current={isChosen ? 'true' : undefined} preventScrollReset>
      <strong>
        <Month date={period.from} />
      </strong>
      <span className="month-note">
        {status === 'closed' ? <Icon name="lock" size={12} /> : null}
        {note}
      </span>
      {late_items > 0 ? (
        <span className="month-note">{late_items === 1 ? '1 late item' : `${late_items} late items`}</span>
      ) : null}
    </Link>
  );
}
