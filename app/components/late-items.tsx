import type { LateItem } from '../period-data.ts';
import { Card } from './card.tsx';
import { Money } from './money.tsx';
import { RowLink, Table } from './table.tsx';
import { CalendarDate } from './time.tsx';

/** What came too late for its own month, and where it went instead. */
export function LateItems({ items, bookId }: { items: LateItem[]; bookId: string }) {
  if (items.length === 0) return null;
  const download = `/api/transaction-journals?late=true&book_id=${bookId}&format=csv`;
  return (
    <Card
      title="Late items"
      action={
        <a href={download} download>
          All as CSV
        </a>
      }
    >
      <Table
        label="Late items"
        rows={items}
        rowKey={({ journal }) => journal.id}
        columns={[
          {
            head: 'Entry',
            cell: (item) => <RowLink to={`/transactions/${item.transactionId}`}>{item.description}</RowLink>,
          },
          {
            head: 'Belongs to',
            from: 'medium',
            cell: ({ journal }) => <CalendarDate value={journal.original_effective_date ?? journal.effective_date} />,
          },
          { head: 'Dated', cell: ({ journal }) => <CalendarDate value={journal.effective_date} /> },
          { head: 'Debits', end: true, cell: ({ journal }) => <Debits journal={journal} /> },
        ]}
      />
    </Card>
  );
}

function Debits({ journal }: Pick<LateItem, 'journal'>) {
  const sums = new Map<string, bigint>();
  for (const { side, amount, currency } of journal.lines) {
    if (side === 'debit') sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount));
  }
  return (
    <>
      {[...sums].map(([currency, amount]) => (
        <div key={currency}>
          <Money amount={amount} currency={currency} />
        </div>
      ))}
    </>
  );
}
