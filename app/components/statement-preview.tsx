import type { StatementPreview as Preview } from '../../server/contexts/statement/schemas.ts';
import { Amount, Money } from './money.tsx';
import { Notice } from './notice.tsx';
import { TableScroll } from './table.tsx';
import { CalendarDate } from './time.tsx';

/** How a file reads: its first lines, and what is wrong with it. */
export function StatementPreview({ preview, currency }: { preview: Preview; currency: string }) {
  const { line_count: count, error_count: bad, duplicate_count: known, lines, columns } = preview;
  return (
    <>
      <div className="preview-verdict">
        {bad > 0 ? (
          <Notice tone="bad">
            <strong>
              {bad} of {count} rows cannot be read.
            </strong>{' '}
            An import takes a file whole. The columns of this file are: {columns.join(' · ')}
          </Notice>
        ) : (
          <Notice tone="good">
            {count} lines
            {preview.from && preview.to ? (
              <>
                {' '}
                of <CalendarDate value={preview.from} /> to <CalendarDate value={preview.to} />
              </>
            ) : null}
            , together <Money amount={preview.total} currency={currency} />.
            {known > 0 ? ` ${known} were imported before and will be skipped.` : ''}
          </Notice>
        )}
      </div>
      <TableScroll label="First lines of the file">
        <table>
          <thead>
            <tr>
              <th className="shrink">Row</th>
              <th>Date</th>
              <th>Description</th>
              <th>Reference</th>
              <th className="end">Amount in {currency}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.row}>
                <td className="numeric faint">{line.row}</td>
                <td>{line.date ? <CalendarDate value={line.date} /> : <span className="faint">–</span>}</td>
                <td className="clamp">
                  {line.description}
                  {line.errors.length > 0 ? (
                    <span className="cell-note match-wrong">This row {line.errors.join(', and ')}.</span>
                  ) : null}
                </td>
                <td>{line.reference}</td>
                <td className="end">
                  {line.amount === null ? '–' : <Amount amount={line.amount} currency={currency} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </>
  );
}
