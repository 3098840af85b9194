import { Link } from '@remix-run/react';
import type { FlowOfFunds } from '../../server/contexts/flow/schemas.ts';
import { humanize } from '../labels.ts';
import { Card } from './card.tsx';
import { Amount, Count } from './money.tsx';
import { type Column, Table } from './table.tsx';

type Total = FlowOfFunds['totals'][number];
type Flow = FlowOfFunds['flows'][number];
type Row = { type: string; category: string | null; amount: number; transactions: number };

const WHO: Record<string, string> = {
  end_customer: 'Customers',
  merchant: 'Merchants',
  merchant_org: 'MerchantOrgs',
  tenant: 'The platform',
};

function kind({ type, category }: Row): string {
  return category ? `${humanize(type)}, ${humanize(category).toLowerCase()}` : humanize(type);
}

/** An end without a name: whom money of this type comes from or goes to. */
export function outsider(type: string): string {
  if (type === 'processor_fee') return 'Processors';
  return type === 'payout' ? 'Processor and bank' : 'Customers';
}

function who(end: string | null, type: string): string {
  return (end && WHO[end]) ?? outsider(type);
}

function figures<T extends Row>(currency: string): Column<T>[] {
  return [
    { head: 'Transactions', end: true, from: 'medium', cell: (row) => <Count value={row.transactions} /> },
    { head: `Amount, ${currency}`, end: true, cell: (row) => <Amount amount={row.amount} currency={currency} /> },
  ];
}

/** Everything that moved, by type and kind of party. */
export function TotalTable({ totals, currency }: { totals: Total[]; currency: string }) {
  const columns: Column<Total>[] = [
    {
      head: 'Type',
      cell: (row) => (
        <>
          {kind(row)}
          <span className="cell-note phone-only">
            {who(row.from_type, row.type)} to {who(row.to_type, row.type)}
          </span>
        </>
      ),
    },
    { head: 'From', from: 'medium', cell: (row) => who(row.from_type, row.type) },
    { head: 'To', from: 'medium', cell: (row) => who(row.to_type, row.type) },
    ...figures<Total>(currency),
  ];
  return (
    <Card title="By type">
      <Table
        label="Flow of funds by type"
        columns={columns}
        rows={totals}
        rowKey={(row) => [row.type, row.category, row.from_type, row.to_type].join(' ')}
      />
    </Card>
  );
}

const PAGES: Record<string, string> = { merchant: '/merchants/', merchant_org: '/merchant-orgs/' };

function End({ end, type }: { end: Flow['from']; type: string }) {
  if (!end) return <>{outsider(type)}</>;
  if (end.type === 'tenant') return <>{end.name ?? 'The platform'}</>;
  if (!end.name) return <span className="faint">{humanize(end.type)}</span>;
  return <Link to={PAGES[end.type] + end.id}>{end.name}</Link>;
}

/** The largest flows, party by party. */
export function FlowTable({ flows, currency, isCut }: { flows: Flow[]; currency: string; isCut: boolean }) {
  const columns: Column<Flow>[] = [
    { head: 'From', cell: (row) => <End end={row.from} type={row.type} /> },
    { head: 'To', cell: (row) => <End end={row.to} type={row.type} /> },
    { head: 'Type', from: 'medium', cell: kind },
    ...figures<Flow>(currency),
  ];
  return (
    <Card title="By party" action={isCut ? <span className="faint">The largest only</span> : null}>
      <Table
        label="Flow of funds by party"
        columns={columns}
        rows={flows}
        rowKey={(row) => [row.type, row.category, row.from?.id, row.to?.id].join(' ')}
      />
    </Card>
  );
}
