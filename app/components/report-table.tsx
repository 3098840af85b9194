import { Link } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Amount } from './money.tsx';
import { TableScroll } from './table.tsx';

export type ReportColumn = { key: string; head: ReactNode; from?: 'medium' | 'wide' };
type Amounts = Record<string, unknown>;
export type ReportLine = { key: string; account_id: string | null; code: string; name: string; amounts: Amounts };
export type ReportSection = { title: string; lines: ReportLine[]; total: { title: string; amounts: Amounts } };

type Props = {
  label: string;
  currency: string;
  columns: ReportColumn[];
  sections: ReportSection[];
  /** The sums that the report leads to. */
  results?: { title: string; amounts: Amounts }[];
};

/** A financial report in one currency: accounts in sections with their sums, and what comes out of them. */
export function ReportTable({ label, currency, columns, sections, results = [] }: Props) {
  const row = (amounts: Amounts) => <Amounts columns={columns} amounts={amounts} currency={currency} />;
  return (
    <TableScroll label={label}>
      <table className="report">
        <thead>
          <tr>
            <th>Account</th>
            {columns.map(({ key, head, from }) => (
              <th key={key} className={cellClass(from)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        {sections.map((section) => (
          <Section key={section.title} section={section} row={row} width={columns.length + 1} />
        ))}
        {results.length > 0 ? (
          <tfoot>
            {results.map(({ title, amounts }) => (
              <tr key={title} className="report-result">
                <th scope="row">{title}</th>
                {row(amounts)}
              </tr>
            ))}
          </tfoot>
        ) : null}
      </table>
    </TableScroll>
  );
}

type SectionProps = { section: ReportSection; row: (amounts: Amounts) => ReactNode; width: number };

function Section({ section: { title, lines, total }, row, width }: SectionProps) {
  return (
    <tbody>
      <tr className="report-section">
        <th colSpan={width} scope="rowgroup">
          {title}
        </th>
      </tr>
      {lines.map((line) => (
        <tr key={line.key}>
          <th scope="row" className="report-account">
            <div className="report-name">
              {line.code ? <span className="report-code">{line.code}</span> : null}
              {line.account_id ? <Link to={`/accounts/${line.account_id}`}>{line.name}</Link> : line.name}
            </div>
          </th>
          {row(line.amounts)}
        </tr>
      ))}
      <tr className="report-total">
        <th scope="row">{total.title}</th>
        {row(total.amounts)}
      </tr>
    </tbody>
  );
}

function Amounts({ columns, amounts, currency }: { columns: ReportColumn[]; amounts: Amounts; currency: string }) {
  return columns.map(({ key, from }) => {
    const amount = amounts[key];
    return (
      <td key={key} className={cellClass(from)}>
        {typeof amount !== 'number' ? null : amount === 0 ? (
          <span className="faint">–</span>
        ) : (
          <Amount amount={amount} currency={currency} />
        )}
      </td>
    );
  });
}

function cellClass(from: ReportColumn['from']): string {
  return from ? `end ${from}-only` : 'end';
}
