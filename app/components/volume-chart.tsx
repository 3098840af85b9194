import { formatDate, formatDay } from '../dates.ts';
import { Count } from './money.tsx';
import { CalendarDate } from './time.tsx';
import { useTenant } from './use-tenant.ts';

type Day = { date: string; transactions: number };

const HEIGHT = 100;
const STEP = 10;
const BAR = 5.5;

/** Transactions per day as bars, drawn on the server, with the same figures as a table behind. */
export function VolumeChart({ days }: { days: Day[] }) {
  const { locale } = useTenant();
  const top = niceCeiling(Math.max(...days.map((day) => day.transactions), 1));
  const total = days.reduce((sum, day) => sum + day.transactions, 0);
  const first = days[0]?.date;
  const last = days.at(-1)?.date;
  if (!first || !last) return null;
  return (
    <figure>
      <div className="chart">
        <div className="chart-scale" aria-hidden="true">
          <span>{top}</span>
          <span>{top / 2}</span>
          <span>0</span>
        </div>
        <svg
          viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`Transactions per day, ${total} in ${days.length} days; the table below has each day.`}
        >
          {[0, 0.5, 1].map((part) => (
            <line
              key={part}
              className="chart-grid"
              x1="0"
              x2={days.length * STEP}
              y1={part * HEIGHT}
              y2={part * HEIGHT}
            />
          ))}
          {days.map((day, index) => (
            <g key={day.date}>
              <title suppressHydrationWarning>{`${formatDate(day.date, locale)}: ${day.transactions}`}</title>
              <rect className="chart-hit" x={index * STEP} y="0" width={STEP} height={HEIGHT} />
              <Bar value={day.transactions} top={top} x={index * STEP + (STEP - BAR) / 2} />
            </g>
          ))}
        </svg>
        <div className="chart-dates" aria-hidden="true">
          <span suppressHydrationWarning>{formatDay(first, locale)}</span>
          <span suppressHydrationWarning>{formatDay(last, locale)}</span>
        </div>
      </div>
      <VolumeTable days={days} />
    </figure>
  );
}

function Bar({ value, top, x }: { value: number; top: number; x: number }) {
  if (value === 0) return null;
  const height = Math.max((value / top) * HEIGHT, 1.5);
  return <rect className="chart-bar" x={x} y={HEIGHT - height} width={BAR} height={height} />;
}

function VolumeTable({ days }: { days: Day[] }) {
  return (
    <details className="disclosure">
      <summary>Show as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="disclosure-body" tabIndex={0} aria-label="Transactions per day">
        <table>
          <thead>
            <tr>
              <th>Day</th>
              <th className="end">Transactions</th>
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.date}>
                <td>
                  <CalendarDate value={day.date} />
                </td>
                <td className="end">
                  <Count value={day.transactions} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

/** The least of 2, 4, 6, 10, 20, 40, 60, 100 … that is not below: half of it is a whole number too. */
export function niceCeiling(value: number): number {
  for (let scale = 1; ; scale *= 10) {
    const found = [2, 4, 6, 10].find((step) => step * scale >= value);
    if (found) return found * scale;
  }
}
