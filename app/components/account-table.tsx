import type { Account } from '../../server/contexts/account/schemas.ts';
import { humanize } from '../labels.ts';
import { Badge } from './badge.tsx';
import { RowLink, Table } from './table.tsx';

/** A chart of accounts. */
export function AccountTable({ rows }: { rows: Account[] }) {
  return (
    <Table
      label="Accounts"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        { head: 'Code', cell: (row) => <span className="numeric">{row.code}</span> },
        { head: 'Name', cell: (row) => <RowLink to={`/accounts/${row.id}`}>{row.name}</RowLink> },
        { head: 'Type', cell: (row) => humanize(row.type) },
        { head: 'Currency', from: 'medium', cell: (row) => row.currency },
        { head: 'Status', from: 'medium', cell: (row) => <Badge status={row.status} /> },
      ]}
    />
  );
}
