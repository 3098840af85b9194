import type { Prospect } from '../../server/contexts/prospect/schemas.ts';
import { Badge } from './badge.tsx';
import { Money } from './money.tsx';
import { RowLink, Table } from './table.tsx';
import { CalendarDate, Instant } from './time.tsx';

export function ProspectTable({ rows }: { rows: Prospect[] }) {
  return (
    <Table
      label="Prospects"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="-created_at"
      columns={[
        {
          head: 'Business',
          sort: 'name',
          cell: (row) => (
            <>
              <RowLink to={`/prospects/${row.id}`}>{row.name}</RowLink>
              {row.contact_name ? <span className="cell-note">{row.contact_name}</span> : null}
            </>
          ),
        },
        { head: 'Stage', cell: (row) => <Badge status={row.status} /> },
        { head: 'A year', end: true, cell: (row) => (row.value.amount > 0 ? <Money {...row.value} /> : '–') },
        { head: 'Probability', end: true, from: 'wide', cell: (row) => `${row.probability} %` },
        { head: 'Owner', from: 'medium', cell: (row) => row.owner?.name ?? <span className="faint">–</span> },
        {
          head: 'Closes',
          from: 'medium',
          cell: (row) =>
            row.expected_close ? <CalendarDate value={row.expected_close} /> : <span className="faint">–</span>,
        },
        { head: 'Since', sort: 'created_at', from: 'wide', cell: (row) => <Instant value={row.created_at} /> },
      ]}
    />
  );
}
