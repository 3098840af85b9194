import type { AuditEvent } from '../../server/contexts/audit/schemas.ts';
import { actionLabel, doerOf, humanize } from '../labels.ts';
import { Badge } from './badge.tsx';
import { type Column, RowLink, Table } from './table.tsx';
import { Instant } from './time.tsx';

/** Audit events; beside other things of a page (`isPart`) they come as they are, and narrower. */
export function AuditTable({ rows, isPart = false }: { rows: AuditEvent[]; isPart?: boolean }) {
  const through: Column<AuditEvent> = { head: 'Through', from: 'wide', cell: (row) => humanize(row.door) };
  return (
    <Table
      label="Audit events"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="-recorded_at"
      columns={[
        {
          head: 'When',
          ...(isPart ? {} : { sort: 'recorded_at' }),
          from: 'medium',
          cell: (row) => <Instant value={row.recorded_at} />,
        },
        {
          head: 'What',
          cell: (row) => (
            <div className="clamp">
              <RowLink to={`/audit/${row.id}`}>{row.summary ?? actionLabel(row.action)}</RowLink>
              <span className="cell-note mono">{row.action}</span>
              <span className="cell-note phone-only">
                {doerOf(row)} · <Instant value={row.recorded_at} />
              </span>
            </div>
          ),
        },
        {
          head: 'Who',
          from: 'medium',
          cell: (row) => (
            <>
              {row.actor_name}
              <span className="cell-note">
                {row.impersonator ? `done by ${row.impersonator.name}` : humanize(row.actor_type)}
              </span>
            </>
          ),
        },
        ...(isPart ? [] : [through]),
        { head: 'Outcome', cell: (row) => <Badge status={row.outcome} /> },
      ]}
    />
  );
}
