import type { ForecastRow } from '../../server/contexts/pipeline/schemas.ts';
import { formatDay, formatMonth } from '../dates.ts';
import { humanize } from '../labels.ts';
import { formatMoney } from '../money.ts';
import { Amount, Count } from './money.tsx';
import { TableScroll } from './table.tsx';
import { useTenant } from './use-tenant.ts';

const STEP = 40;
const HEIGHT = 100;
/** Fewer months take as much room as these, so that bars stay bars. */
const LEAST_MONTHS = 12;

/** What one currency promises by month: each bar is the value, its filled part the weighted value. Figures stand below. */
export function ForecastChart({ currency, rows }: { currency: string; rows: ForecastRow[] }) {
  const { locale } = useTenant();
  const months = sumsByMonth(rows);
  const top = Math.max(...months.map(({ value }) => value), 1);
  const places = Math.max(months.length, LEAST_MONTHS);
  const name = (month: string | null) => (month ? formatMonth(`${month}-01`, locale) : 'No day set');
  return (
    <figure>
      <svg
        className="forecast"
        viewBox={`0 0 ${places * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Value and weighted value in ${currency} by month of the expected close; the table below has each figure.`}
      >
        {months.map(({ month, value, weighted }, index) => {
          const heights = [value, weighted].map((sum) => (sum / top) * HEIGHT);
          return (
            <g key={month ?? ''}>
              <title suppressHydrationWarning>
                {`${name(month)}: ${formatMoney(value, currency, locale)}, weighted ${formatMoney(weighted, currency, locale)}`}
              </title>
              {heights.map((height, place) => (
                <rect
                  // biome-ignore lint/suspicious/noArrayIndexKey: always the same two
                  key={place}
                  className={place === 0 ? 'forecast-value' : 'forecast-weighted'}
                  x={index * STEP + 6}
                  y={HEIGHT - height}
                  width={STEP - 12}
                  height={height}
                />
              ))}
            </g>
          );
        })}
      </svg>
      <div className="forecast-months" aria-hidden="true">
        {Array.from({ length: places }, (_none, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: places have no other name
          <span key={place} suppressHydrationWarning>
            {shortMonth(months[place]?.month, locale)}
          </span>
        ))}
      </div>
      <TableScroll label={`Forecast in ${currency}`}>
        <table>
          <thead>
            <tr>
              <th>Month</th>
              <th>Stage</th>
              <th className="end">Prospects</th>
              <th className="end">{`Value (${currency})`}</th>
              <th className="end">Weighted</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.month} ${row.status}`}>
                <td suppressHydrationWarning>{name(row.month)}</td>
                <td>{humanize(row.status)}</td>
                <td className="end">
                  <Count value={row.count} />
                </td>
                <td className="end">
                  <Amount amount={row.value} currency={currency} />
                </td>
                <td className="end">
                  <Amount amount={row.weighted} currency={currency} />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={2}>
                In all
              </th>
              <td className="end">
                <Count value={sum(rows.map(({ count }) => count))} />
              </td>
              <td className="end">
                <Amount amount={sum(rows.map(({ value }) => value))} currency={currency} />
              </td>
              <td className="end">
                <Amount amount={sum(rows.map(({ weighted }) => weighted))} currency={currency} />
              </td>
            </tr>
          </tfoot>
        </table>
      </TableScroll>
    </figure>
  );
}

const sum = (figures: number[]) => figures.reduce((all, each) => all + each, 0);

function shortMonth(month: string | null | undefined, locale: string): string {
  if (!month) return month === null ? '–' : '';
  return formatDay(`${month}-01`, locale).replace(/\P{L}+/gu, '');
}

function sumsByMonth(rows: ForecastRow[]) {
  return [...Map.groupBy(rows, ({ month }) => month)].map(([month, own]) => ({
    month,
    value: sum(own.map(({ value }) => value)),
    weighted: sum(own.map(({ weighted }) => weighted)),
  }));
}
