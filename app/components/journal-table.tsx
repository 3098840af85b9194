import { Link } from '@remix-run/react';
import type { Account } from '../../server/contexts/account/schemas.ts';
import type { Journal } from '../../server/contexts/transaction-journal/schemas.ts';
import { Card } from './card.tsx';
import { Amount } from './money.tsx';
import { TableScroll } from './table.tsx';

const KINDS: Record<Journal['kind'], string> = {
  hold: 'hold',
  release: 'release of the hold',
  post: 'posting',
  reversal: 'reversal',
};

type Line = Journal['lines'][number];
type Props = { journal: Journal; bookName: string; accounts: Record<string, Account> };

/** One journal like a T-account: debits left, credits right, and both sums, which are always the same. */
export function JournalTable({ journal, bookName, accounts }: Props) {
  const currencies = [...new Set(journal.lines.map((line) => line.currency))];
  return (
    <Card title={`${bookName}, ${KINDS[journal.kind]}`}>
      {currencies.map((currency) => (
        <JournalLines
          key={currency}
          currency={currency}
          label={`${bookName}, ${currency}`}
          lines={journal.lines.filter((line) => line.currency === currency)}
          accounts={accounts}
        />
      ))}
    </Card>
  );
}

type LinesProps = { currency: string; label: string; lines: Line[]; accounts: Record<string, Account> };

function JournalLines({ currency, label, lines, accounts }: LinesProps) {
  const sum = (side: Line['side']) =>
    lines.filter((line) => line.side === side).reduce((total, line) => total + BigInt(line.amount), 0n);
  return (
    <TableScroll label={label}>
      <table className="t-account">
        <thead>
          <tr>
            <th>Account</th>
            <th className="end debit-side">Debit, {currency}</th>
            <th className="end credit-side">Credit, {currency}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have an order and no id, and never change
            <tr key={index}>
              <td>
                <AccountName id={line.account_id} account={accounts[line.account_id]} />
                {line.memo ? <span className="cell-note">{line.memo}</span> : null}
              </td>
              <td className="end debit-side">{line.side === 'debit' ? <Amount {...line} /> : null}</td>
              <td className="end credit-side">{line.side === 'credit' ? <Amount {...line} /> : null}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td className="end debit-side">
              <Amount amount={sum('debit')} currency={currency} />
            </td>
            <td className="end credit-side">
              <Amount amount={sum('credit')} currency={currency} />
            </td>
          </tr>
        </tfoot>
      </table>
    </TableScroll>
  );
}

function AccountName({ id, account }: { id: string; account: Account | undefined }) {
  if (!account) return <code>{id}</code>;
  return (
    <Link to={`/accounts/${id}`}>
      <span className="numeric faint">{account.code}</span> {account.name}
    </Link>
  );
}
