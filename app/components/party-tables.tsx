import type { Merchant } from '../../server/contexts/merchant/schemas.ts';
import type { MerchantOrg } from '../../server/contexts/merchant-org/schemas.ts';
import { humanize } from '../labels.ts';
import { Badge } from './badge.tsx';
import { type Column, RowLink, Table } from './table.tsx';
import { Instant } from './time.tsx';

export function MerchantOrgTable({ rows }: { rows: MerchantOrg[] }) {
  return (
    <Table
      label="MerchantOrgs"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="-created_at"
      columns={[
        {
          head: 'Name',
          sort: 'name',
          cell: (row) => (
            <>
              <RowLink to={`/merchant-orgs/${row.id}`}>{row.name}</RowLink>
              {row.legal_name ? <span className="cell-note">{row.legal_name}</span> : null}
            </>
          ),
        },
        { head: 'Status', cell: (row) => <Badge status={row.status} /> },
        { head: 'E-mail', from: 'medium', cell: (row) => row.email ?? <span className="faint">–</span> },
        { head: 'Since', sort: 'created_at', from: 'wide', cell: (row) => <Instant value={row.created_at} /> },
      ]}
    />
  );
}

type MerchantTableProps = { rows: Merchant[]; plain?: boolean; orgs?: Record<string, string> };

/**
 * `plain` is for a card beside others: no sorting, and no column that would not fit. `orgs` are names by id, where
 * the merchants are not all of one.
 */
export function MerchantTable({ rows, plain = false, orgs }: MerchantTableProps) {
  const sort = (name: string) => (plain ? {} : { sort: name });
  const org: Column<Merchant> = {
    head: 'MerchantOrg',
    from: 'medium',
    cell: (row) => orgs?.[row.merchant_org_id] ?? <span className="faint">–</span>,
  };
  const since: Column<Merchant> = {
    head: 'Since',
    sort: 'created_at',
    from: 'wide',
    cell: (row) => <Instant value={row.created_at} />,
  };
  return (
    <Table
      label="Merchants"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="-created_at"
      columns={[
        {
          head: 'Name',
          ...sort('name'),
          cell: (row) => (
            <>
              <RowLink to={`/merchants/${row.id}`}>{row.name}</RowLink>
              {row.public_name === row.name ? null : <span className="cell-note">{row.public_name}</span>}
            </>
          ),
        },
        ...(orgs ? [org] : []),
        { head: 'Vertical', from: 'medium', cell: (row) => humanize(row.vertical) },
        { head: 'Status', cell: (row) => <Badge status={row.status} /> },
        { head: 'Currency', from: 'wide', cell: (row) => row.currency },
        ...(plain ? [] : [since]),
      ]}
    />
  );
}
