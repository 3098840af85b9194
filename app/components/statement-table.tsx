import type { Statement } from '../../server/contexts/statement/schemas.ts';
import { Badge } from './badge.tsx';
import { Money } from './money.tsx';
import { RowLink, Table } from './table.tsx';
import { CalendarDate } from './time.tsx';

/** How far a statement is, in words and as a bar. */
export function StatementProgress({ statement }: { statement: Pick<Statement, 'matched_count' | 'line_count'> }) {
  const { matched_count: matched, line_count: lines } = statement;
  return (
    <span className="match-progress">
      <svg className="match-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect width={(100 * matched) / Math.max(lines, 1)} height="6" />
      </svg>
      <span className="numeric">
        {matched} of {lines}
      </span>
    </span>
  );
}

export function StatementStatus({ status }: { status: Statement['status'] }) {
  return status === 'open' ? <Badge status="pending" label="Open" /> : <Badge status="active" label="Signed off" />;
}

/** Statements, the latest first. */
export function StatementTable({ rows }: { rows: Statement[] }) {
  return (
    <Table
      label="Statements"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          head: 'Statement',
          cell: (row) => (
            <>
              <RowLink to={`/reconciliation/${row.id}`}>{row.source_name}</RowLink>
              <span className="cell-note">
                <CalendarDate value={row.period_from} /> – <CalendarDate value={row.period_to} />
              </span>
            </>
          ),
        },
        { head: 'Matched', cell: (row) => <StatementProgress statement={row} /> },
        {
          head: 'Closing balance',
          end: true,
          from: 'medium',
          cell: (row) => <Money amount={row.closing_balance} currency={row.currency} />,
        },
        { head: 'Status', cell: (row) => <StatementStatus status={row.status} /> },
      ]}
    />
  );
}
