import type { TransactionPreview } from '../../server/contexts/transaction/schemas.ts';
import { Card } from './card.tsx';
import { Amount } from './money.tsx';
import { type Column, Table } from './table.tsx';

type Row = TransactionPreview['balances'][number] & { debit: bigint; credit: bigint };

/** What posting the entry would do to the balances of its accounts. Nothing of it is kept. */
export function EntryPreview({ preview }: { preview: TransactionPreview }) {
  const isHeld = preview.status === 'pending';
  const moved = (accountId: string, side: 'debit' | 'credit') =>
    preview.journals
      .flatMap(({ lines }) => lines)
      .filter((line) => line.account_id === accountId && line.side === side)
      .reduce((total, line) => total + BigInt(line.amount), 0n);
  const rows = preview.balances.map((balance) => ({
    ...balance,
    debit: moved(balance.account_id, 'debit'),
    credit: moved(balance.account_id, 'credit'),
  }));
  const columns: Column<Row>[] = [
    {
      head: 'Account',
      cell: ({ code, name, currency }) => (
        <>
          <span className="numeric faint">{code}</span> {name} <span className="faint">{currency}</span>
        </>
      ),
    },
    {
      head: 'Debit',
      end: true,
      cell: ({ debit, currency }) => (debit ? <Amount amount={debit} currency={currency} /> : null),
    },
    {
      head: 'Credit',
      end: true,
      cell: ({ credit, currency }) => (credit ? <Amount amount={credit} currency={currency} /> : null),
    },
    { head: 'Balance afterwards', end: true, cell: (row) => <Balance row={row} isHeld={isHeld} /> },
  ];
  return (
    <Card title="Preview" action={<span className="faint">Nothing is posted yet</span>}>
      <Table label="Preview of the balances" columns={columns} rows={rows} rowKey={(row) => row.account_id} />
    </Card>
  );
}

function Balance({ row, isHeld }: { row: Row; isHeld: boolean }) {
  const { balance, currency, pending_debits, pending_credits } = row;
  const side = balance < 0 ? 'credit' : 'debit';
  return (
    <>
      <Amount amount={Math.abs(balance)} currency={currency} />{' '}
      <span className="faint">{balance === 0 ? '' : side}</span>
      {isHeld ? (
        <span className="cell-note">
          pending: <Amount amount={pending_debits} currency={currency} /> debit,{' '}
          <Amount amount={pending_credits} currency={currency} /> credit
        </span>
      ) : null}
    </>
  );
}
