import { Form, Link } from '@remix-run/react';
import type { StatementLine } from '../../server/contexts/statement/schemas.ts';
import type { LedgerLine, Match, Suggestion } from '../../server/contexts/statement-match/schemas.ts';
import { ledgerKey } from '../reconciliation.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { Icon } from './icon.tsx';
import { Money } from './money.tsx';
import { CalendarDate } from './time.tsx';

type Lines = {
  statement_lines: Pick<StatementLine, 'id' | 'date' | 'description' | 'reference'>[];
  ledger_lines: LedgerLine[];
};

type SuggestionsProps = {
  rows: Suggestion[];
  currency: string;
  formKey: string;
  /** Where the source puts differences. */
  differenceAccount: string | null;
};

/** What the rules find, each to take with one click. */
export function Suggestions({ rows, currency, formKey, differenceAccount }: SuggestionsProps) {
  return (
    <Card title="Suggestions">
      <ul className="feed match-feed">
        {rows.map((row, index) => (
          <li key={[...row.statement_lines.map(({ id }) => id), ...row.ledger_lines.map(ledgerKey)].join()}>
            <Sides lines={row} />
            <span className="match-amount">
              <Money amount={sum(row.statement_lines)} currency={currency} />
              <Score value={row.score} />
            </span>
            <Form method="post" preventScrollReset>
              <input type="hidden" name="idempotency_key" value={`${formKey}-${index}`} />
              <input type="hidden" name="intent" value="match" />
              {row.statement_lines.map(({ id }) => (
                <input key={id} type="hidden" name="statement_line" value={id} />
              ))}
              {row.ledger_lines.map((line) => (
                <input key={ledgerKey(line)} type="hidden" name="ledger_line" value={ledgerKey(line)} />
              ))}
              {row.difference === 0 ? null : (
                <input type="hidden" name="difference_account_id" value={differenceAccount ?? ''} />
              )}
              <button type="submit" className="button">
                Match<span className="visually-hidden"> {titleOf(row)}</span>
              </button>
            </Form>
            <span className="feed-note">
              {row.reasons.join(' · ')}
              {row.difference === 0 ? null : (
                <>
                  {' · difference '}
                  <Money amount={row.difference} currency={currency} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

type MatchesProps = { rows: Match[]; currency: string; formKey: string; mayUndo: boolean; total: number };

/** What is matched, the latest first. */
export function Matches({ rows, currency, formKey, mayUndo, total }: MatchesProps) {
  return (
    <Card title={`Matched · ${total} ${total === 1 ? 'line' : 'lines'}`}>
      <ul className="feed match-feed">
        {rows.map((row) => (
          <li key={row.id}>
            <Sides lines={row} />
            <span className="match-amount">
              <Money amount={row.amount} currency={currency} />
            </span>
            {mayUndo ? (
              <Form method="post" preventScrollReset>
                <input type="hidden" name="idempotency_key" value={`${formKey}-undo-${row.id}`} />
                <input type="hidden" name="intent" value="undo" />
                <button type="submit" name="match_id" value={row.id} className="button button-plain">
                  Undo<span className="visually-hidden"> the match of {titleOf(row)}</span>
                </button>
              </Form>
            ) : null}
            <span className="feed-note">
              {row.score === null ? `By ${row.matched_by.name}` : `By rule: ${RULES[row.rule] ?? row.rule}`}
              {row.difference_transaction_id ? (
                <>
                  {' · '}
                  <Link to={`/transactions/${row.difference_transaction_id}`}>
                    difference <Money amount={row.difference} currency={currency} />
                  </Link>
                </>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const RULES: Record<string, string> = {
  reference: 'same reference',
  amount: 'same amount',
  ledger_group: 'several entries',
  statement_group: 'several statement lines',
};

const sum = (lines: { amount: number }[]) => lines.reduce((total, { amount }) => total + amount, 0);

function titleOf({ statement_lines: own, ledger_lines: ledger }: Lines): string {
  return own[0]?.description || own[0]?.reference || ledger[0]?.description || 'these lines';
}

/** The statement's side and the ledger's. */
function Sides({ lines }: { lines: Lines }) {
  const { statement_lines: own, ledger_lines: ledger } = lines;
  return (
    <span className="match-pair">
      <span>{own.length === 0 ? <span className="faint">Nothing</span> : <Own lines={own} />}</span>
      <span className="faint" aria-hidden="true">
        <Icon name="arrows" size={13} />
      </span>
      <span>{ledger.length === 0 ? <span className="faint">Nothing</span> : <Ledger lines={ledger} />}</span>
    </span>
  );
}

function Own({ lines }: { lines: Lines['statement_lines'] }) {
  const [first] = lines;
  if (!first || lines.length > 1) return <>{lines.length} statement lines</>;
  return (
    <>
      {first.description || first.reference || 'Line'} <span className="faint"> · </span>
      <span className="faint">
        <CalendarDate value={first.date} />
      </span>
    </>
  );
}

function Ledger({ lines }: { lines: LedgerLine[] }) {
  const [first] = lines;
  if (!first || lines.length > 1) return <>{lines.length} entries</>;
  return (
    <>
      <Link to={`/transactions/${first.transaction_id}`}>{first.description}</Link> <span className="faint"> · </span>
      <span className="faint">
        <CalendarDate value={first.effective_date} />
      </span>
    </>
  );
}

/** How likely, in words and in figures. */
function Score({ value }: { value: number }) {
  const percent = `${Math.round(value * 100)} %`;
  if (value >= 0.95) return <Badge status="active" label={`Sure ${percent}`} />;
  return (
    <Badge status={value >= 0.8 ? 'pending' : 'quiet'} label={`${value >= 0.8 ? 'Likely' : 'Possible'} ${percent}`} />
  );
}
