import { formatDate, formatDay } from '../dates.ts';
import { CalendarDate } from './time.tsx';
import { useTenant } from './use-tenant.ts';

type Day = { date: string; value: number };
type Props = {
  /** What is counted: "Transactions". */
  name: string;
  /** What the picture shows, for who cannot see it. */
  label: string;
  days: Day[];
  /** How a value is written; the top of the scale too. */
  format: (value: number) => string;
};

const HEIGHT = 100;
const STEP = 10;
const BAR = 5.5;

/** One value per day as bars, drawn on the server, with the same figures as a table behind. */
export function DayChart({ name, label, days, format }: Props) {
  const { locale } = useTenant();
  const top = niceCeiling(Math.max(...days.map((day) => day.value), 1));
  const first = days[0]?.date;
  const last = days.at(-1)?.date;
  if (!first || !last) return null;
  return (
    <figure>
      <div className="chart">
        <div className="chart-scale" aria-hidden="true">
          <span>{format(top)}</span>
          <span>{format(top / 2)}</span>
          <span>{format(0)}</span>
        </div>
        <svg
          viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${label}; the table below has each day.`}
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
              <title suppressHydrationWarning>{`${formatDate(day.date, locale)}: ${format(day.value)}`}</title>
              <rect className="chart-hit" x={index * STEP} y="0" width={STEP} height={HEIGHT} />
              <Bar value={day.value} top={top} x={index * STEP + (STEP - BAR) / 2} />
            </g>
          ))}
        </svg>
        <div className="chart-dates" aria-hidden="true">
          <span suppressHydrationWarning>{formatDay(first, locale)}</span>
          <span suppressHydrationWarning>{formatDay(last, locale)}</span>
        </div>
      </div>
      <DayTable name={name} days={days} format={format} />
    </figure>
  );
}

function Bar({ value, top, x }: { value: number; top: number; x: number }) {
  if (value === 0) return null;
  const height = Math.max((value / top) * HEIGHT, 1.5);
  return <rect className="chart-bar" x={x} y={HEIGHT - height} width={BAR} height={height} />;
}

function DayTable({ name, days, format }: Omit<Props, 'label'>) {
  return (
    <details className="disclosure">
      <summary>Show as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="disclosure-body" tabIndex={0} aria-label={`${name} per day`}>
        <table>
          <thead>
            <tr>
              <th>Day</th>
              <th className="end">{name}</th>
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.date}>
                <td>
                  <CalendarDate value={day.date} />
                </td>
                <td className="end">
                  <span suppressHydrationWarning>{format(day.value)}</span>
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
function niceCeiling(value: number): number {
  for (let scale = 1; ; scale *= 10) {
    const found = [2, 4, 6, 10].find((step) => step * scale >= value);
    if (found) return found * scale;
  }
}
