import { Link } from '@remix-run/react';
import { Amount } from './money.tsx';
import { TableScroll } from './table.tsx';
import { CalendarDate } from './time.tsx';

type Row = { key: string; date: string; amount: number; text: string; href?: string };

/** Lines of one side that the other has not. A report names the latest 200. */
export function ReportLines({ label, rows, currency }: { label: string; rows: Row[]; currency: string }) {
  return (
    <TableScroll label={label}>
      <table>
        <thead>
          <tr>
            <th className="shrink">Date</th>
            <th>What</th>
            <th className="end">Amount in {currency}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, date, amount, text, href }) => (
            <tr key={key}>
              <td>
                <CalendarDate value={date} />
              </td>
              <td>{href ? <Link to={href}>{text}</Link> : text || <span className="faint">–</span>}</td>
              <td className="end">
                <Amount amount={amount} currency={currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
