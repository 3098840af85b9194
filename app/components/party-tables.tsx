import { Link } from '@remix-run/react';
import type { Merchant } from '../../server/contexts/merchant/schemas.ts';
import type { MerchantOrg } from '../../server/contexts/merchant-org/schemas.ts';
import { humanize } from '../labels.ts';
import { Badge } from './badge.tsx';
import { type Column, RowLink, Table } from './table.tsx';
import { Instant } from './time.tsx';

const orDash = (text: string | null) => text ?? <span className="faint">–</span>;

const since: Column<{ created_at: string }> = {
  head: 'Since',
  sort: 'created_at',
  from: 'wide',
  cell: (row) => <Instant value={row.created_at} />,
};
const phone: Column<{ phone: string | null }> = { head: 'Phone', isExtra: true, cell: (row) => orDash(row.phone) };

export const MERCHANT_ORG_COLUMNS: Column<MerchantOrg>[] = [
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
  { head: 'E-mail', from: 'medium', cell: (row) => orDash(row.email) },
  phone,
  { head: 'Tax id', isExtra: true, cell: (row) => orDash(row.tax_id) },
  since,
];

const name: Column<Merchant> = {
  head: 'Name',
  sort: 'name',
  cell: (row) => (
    <>
      <RowLink to={`/merchants/${row.id}`}>{row.name}</RowLink>
      {row.public_name === row.name ? null : <span className="cell-note">{row.public_name}</span>}
    </>
  ),
};
const kind: Column<Merchant>[] = [
  { head: 'Vertical', from: 'medium', cell: (row) => humanize(row.vertical) },
  { head: 'Status', cell: (row) => <Badge status={row.status} /> },
  { head: 'Currency', from: 'wide', cell: (row) => row.currency },
];

/** `orgs` are names by id. */
export function merchantColumns(orgs: Record<string, string>): Column<Merchant>[] {
  return [
    name,
    {
      head: 'MerchantOrg',
      from: 'medium',
      cell: (row) => <OrgLink id={row.merchant_org_id} name={orgs[row.merchant_org_id]} />,
    },
    ...kind,
    { head: 'E-mail', isExtra: true, cell: (row) => orDash(row.email) },
    phone,
    { head: 'Time zone', isExtra: true, cell: (row) => row.time_zone },
    since,
  ];
}

function OrgLink({ id, name }: { id: string; name: string | undefined }) {
  return name ? <Link to={`/merchant-orgs/${id}`}>{name}</Link> : orDash(null);
}

/** Merchants in a card beside others: no sorting, and no column that would not fit. */
export function MerchantTable({ rows }: { rows: Merchant[] }) {
  const columns = [{ ...name, sort: undefined }, ...kind];
  return <Table label="Merchants" rows={rows} rowKey={(row) => row.id} columns={columns} />;
}
