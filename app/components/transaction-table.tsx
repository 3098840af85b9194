import type { Transaction } from '../../server/contexts/transaction/schemas.ts';
import { humanize } from '../labels.ts';
import { transactionAmounts } from '../transaction-amounts.ts';
import { Badge } from './badge.tsx';
import { Money } from './money.tsx';
import { type Column, RowLink, Table } from './table.tsx';
import { CalendarDate, Instant } from './time.tsx';

/** `owners`: the names of those whose it is; none where the reader is not told. */
export type OwnedTransaction = Transaction & { owners: string[] };

/** What the product names by its own ids says nothing to people. */
const OWN_NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/;

const description: Column<OwnedTransaction> = {
  head: 'Description',
  cell: (row) => (
    <div className="clamp">
      <RowLink to={`/transactions/${row.id}`}>{row.description}</RowLink>
      {row.external_id && !OWN_NAME.test(row.external_id) ? <span className="cell-note">{row.external_id}</span> : null}
      <Owners row={row} className="phone-only" />
      <EffectiveOnPhone row={row} />
    </div>
  ),
};
const briefDescription: Column<OwnedTransaction> = {
  head: 'Description',
  isOneLine: true,
  cell: (row) => (
    <div>
      {row.status === 'posted' ? null : <Badge status={row.status} />}{' '}
      <RowLink to={`/transactions/${row.id}`}>{row.description}</RowLink>
      <Owners row={row} />
      <EffectiveOnPhone row={row} />
    </div>
  ),
};
const ownersText = ({ owners }: OwnedTransaction) =>
  owners.length > 2 ? `${owners[0]} and ${owners.length - 1} others` : owners.join(' and ');

const whose: Column<OwnedTransaction> = { head: 'Whose', from: 'medium', cell: ownersText };
const type: Column<OwnedTransaction> = { head: 'Type', from: 'medium', cell: (row) => humanize(row.type) };
const status: Column<OwnedTransaction> = {
  head: 'Status',
  from: 'medium',
  cell: (row) => <Badge status={row.status} />,
};
const effective: Column<OwnedTransaction> = {
  head: 'Effective',
  from: 'medium',
  sort: 'effective_date',
  cell: (row) => <CalendarDate value={row.effective_date} />,
};
const recorded: Column<OwnedTransaction> = {
  head: 'Recorded',
  sort: 'recorded_at',
  from: 'wide',
  cell: (row) => <Instant value={row.recorded_at} />,
};
const amount: Column<OwnedTransaction> = {
  head: 'Amount',
  end: true,
  cell: (row) =>
    transactionAmounts(row).map((money) => (
      <div key={money.currency}>
        {/* What was given back is no income. */}
        <Money {...money} amount={row.type === 'refund' ? -money.amount : money.amount} />
      </div>
    )),
};

function Owners({ row, className = '' }: { row: OwnedTransaction; className?: string }) {
  const text = ownersText(row);
  return text ? <span className={`cell-note ${className}`}>{text}</span> : null;
}

/** Where there is no room for the column. */
function EffectiveOnPhone({ row }: { row: OwnedTransaction }) {
  return (
    <span className="cell-note phone-only">
      <CalendarDate value={row.effective_date} />
    </span>
  );
}

export const TRANSACTION_COLUMNS: Column<OwnedTransaction>[] = [
  ...[description, whose, type, status, effective, recorded],
  { head: 'External id', isExtra: true, cell: (row) => row.external_id ?? <span className="faint">–</span> },
  { head: 'Source', isExtra: true, cell: (row) => row.source },
  amount,
];

type Props = { rows: OwnedTransaction[]; label: string };

/** Transactions as a part of another page. */
export function TransactionTable({ rows, label }: Props) {
  const columns = [briefDescription, { ...effective, sort: undefined }, amount];
  return <Table label={label} rows={rows} rowKey={(row) => row.id} columns={columns} />;
}
