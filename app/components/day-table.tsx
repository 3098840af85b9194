import { Link } from '@remix-run/react';
import type { Appointment } from '../../server/contexts/appointment/schemas.ts';
import type { Provider } from '../../server/contexts/provider/schemas.ts';
import { formatTime, instantIn } from '../dates.ts';
import { type Absence, clockOf, type DayCell, dayGrid } from '../day-grid.ts';
import { Badge } from './badge.tsx';
import { useTenant } from './use-tenant.ts';
import { ZonedTime } from './zoned-time.tsx';

type Column = { id: string; name: string; hours: Provider['hours']; absences: Absence[]; visits: Appointment[] };
type Props = {
  merchant: { id: string; time_zone: string };
  day: string;
  columns: Column[];
  mayBook: boolean;
  /** Minutes after midnight up to which the day is over. */
  past: number;
};

/** A day as a table of time and people. What was cancelled leaves its time free, and is told below. */
export function DayTable({ merchant, day, columns, mayBook, past }: Props) {
  const { locale } = useTenant();
  const taking = columns.map((column) => ({
    ...column,
    visits: column.visits.filter(({ status }) => status !== 'cancelled'),
  }));
  const cancelled = columns.flatMap(({ visits }) => visits.filter(({ status }) => status === 'cancelled'));
  const grid = dayGrid(day, merchant.time_zone, taking);
  const timeOf = (minutes: number) => {
    const instant = instantIn(day, clockOf(minutes), merchant.time_zone);
    return instant ? formatTime(instant, locale, merchant.time_zone) : clockOf(minutes);
  };
  return (
    <div className="day-wide">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section className="day-scroll" tabIndex={0} aria-label="The day by time and person">
        <table className="day-table">
          <thead>
            <tr>
              <th scope="col" className="day-clock">
                Time
              </th>
              {columns.map(({ id, name }) => (
                <th key={id} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {grid.rows.map((begins) => (
              <tr key={begins} className={begins % 60 === 0 ? 'day-hour' : ''}>
                <th scope="row" suppressHydrationWarning>
                  {timeOf(begins)}
                </th>
                {columns.map(({ id, name }, index) => {
                  const cell = grid.columns[index]?.get(begins);
                  const label = `Book ${timeOf(begins)} with ${name}`;
                  const book = `/merchants/${merchant.id}/appointments/new?${new URLSearchParams({ day, provider_id: id, time: clockOf(begins) })}`;
                  return cell ? (
                    <Cell
                      key={id}
                      cell={cell}
                      book={mayBook && begins >= past ? { href: book, label } : null}
                      timeZone={merchant.time_zone}
                    />
                  ) : null;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {cancelled.length > 0 ? <Cancelled visits={cancelled} timeZone={merchant.time_zone} /> : null}
    </div>
  );
}

type CellProps = { cell: DayCell<Appointment>; book: { href: string; label: string } | null; timeZone: string };

function Cell({ cell, book, timeZone }: CellProps) {
  if (cell.visits.length > 0) {
    return (
      <td rowSpan={cell.rows} className="day-taken">
        <ol className="day-visits">
          {cell.visits.map((visit) => (
            <DayVisit key={visit.id} visit={visit} timeZone={timeZone} />
          ))}
        </ol>
      </td>
    );
  }
  if (!cell.isWorking) return <td className="day-off">{cell.absence}</td>;
  return (
    <td>
      {book ? (
        <Link className="day-book" to={book.href} aria-label={book.label}>
          Book
        </Link>
      ) : null}
    </td>
  );
}

export function DayVisit({ visit, timeZone }: { visit: Appointment; timeZone: string }) {
  return (
    <li className={`day-visit day-visit-${visit.status}`}>
      <span className="day-time">
        <ZonedTime value={visit.starts_at} timeZone={timeZone} isDay />
        {' – '}
        <ZonedTime value={visit.ends_at} timeZone={timeZone} isDay />
      </span>
      <Link to={`/merchants/${visit.merchant_id}/appointments/${visit.id}`}>{visit.end_customer.name}</Link>
      <span className="cell-note">{visit.title}</span>
      {visit.status === 'booked' ? null : <Badge status={visit.status} />}
    </li>
  );
}

function Cancelled({ visits, timeZone }: { visits: Appointment[]; timeZone: string }) {
  return (
    <section className="day-cancelled" aria-label="Cancelled">
      <h3>Cancelled</h3>
      <ol className="day-visits">
        {visits.map((visit) => (
          <DayVisit key={visit.id} visit={visit} timeZone={timeZone} />
        ))}
      </ol>
    </section>
  );
}
