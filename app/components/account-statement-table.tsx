import { Link } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { AccountStatement, StatementLine } from '../../server/contexts/account-statement/schemas.ts';
import { isDebitNormal, onNormalSide } from '../account-sides.ts';
import { Amount } from './money.tsx';
import { TableScroll } from './table.tsx';
import { CalendarDate, Instant } from './time.tsx';

type Props = { statement: AccountStatement; type: string; isFirstPage: boolean };

/** The lines of an account with the balance after each, on the side where the account grows. */
export function AccountStatementTable({ statement, type, isFirstPage }: Props) {
  const { currency, axis } = statement;
  const balance = (value: number) => <Amount amount={onNormalSide(type, value)} currency={currency} />;
  return (
    <TableScroll label="Statement">
      <table className="account-statement">
        <thead>
          <tr>
            <th className="medium-only">{axis === 'effective' ? 'Date' : 'Recorded'}</th>
            <th>Description</th>
            <th className="end medium-only">Debit</th>
            <th className="end medium-only">Credit</th>
            <th className="end medium-only">Balance</th>
            <th className="end phone-cell">Amount</th>
          </tr>
        </thead>
        <tbody>
          <tr className="statement-sum">
            <td className="medium-only" />
            <th scope="row">{isFirstPage ? 'Opening balance' : 'Brought forward'}</th>
            <td className="medium-only" />
            <td className="medium-only" />
            <td className="end">{balance(statement.brought_forward)}</td>
          </tr>
          {statement.data.map((line) => (
            <Line key={line.journal_id + line.position} line={line} statement={statement} type={type} />
          ))}
        </tbody>
        {statement.next_cursor ? null : <Closing statement={statement} balance={balance(statement.closing_balance)} />}
      </table>
    </TableScroll>
  );
}

function Line({ line, statement, type }: { line: StatementLine; statement: AccountStatement; type: string }) {
  const { currency, axis } = statement;
  const notes = [line.memo, line.counterparty, line.kind === 'reversal' ? 'Reversal' : null].filter(Boolean);
  const side = (name: StatementLine['side']) =>
    line.side === name ? <Amount amount={line.amount} currency={currency} /> : null;
  const amount = (value: number) => <Amount amount={onNormalSide(type, value)} currency={currency} />;
  const when =
    axis === 'effective' ? <CalendarDate value={line.effective_date} /> : <Instant value={line.recorded_at} />;
  return (
    <tr>
      <td className="medium-only">{when}</td>
      <td>
        <Link to={`/transactions/${line.transaction_id}`}>{line.description}</Link>
        <span className="cell-note phone-only">{when}</span>
        {notes.length > 0 ? <span className="cell-note">{notes.join(' · ')}</span> : null}
        {line.original_effective_date ? (
          <span className="cell-note">
            Belongs to <CalendarDate value={line.original_effective_date} />
          </span>
        ) : null}
      </td>
      <td className="end medium-only">{side('debit')}</td>
      <td className="end medium-only">{side('credit')}</td>
      <td className="end medium-only">{amount(line.balance)}</td>
      <td className="end phone-cell">
        {amount(line.side === 'debit' ? line.amount : -line.amount)}
        <span className="cell-note">{amount(line.balance)}</span>
      </td>
    </tr>
  );
}

/** What the whole period comes to, below its last line. */
function Closing({ statement, balance }: { statement: AccountStatement; balance: ReactNode }) {
  const { currency, debits, credits } = statement;
  return (
    <tfoot>
      <tr>
        <td className="medium-only" />
        <th scope="row">Closing balance</th>
        <td className="end medium-only">
          <Amount amount={debits} currency={currency} />
        </td>
        <td className="end medium-only">
          <Amount amount={credits} currency={currency} />
        </td>
        <td className="end">{balance}</td>
      </tr>
    </tfoot>
  );
}

/** On which side a balance stands, where it is not the usual one. */
export function unusualSide(type: string, balance: number): string | null {
  if (onNormalSide(type, balance) >= 0) return null;
  return isDebitNormal(type) ? 'credit balance' : 'debit balance';
}
