import { useState } from 'react';
import type { StatementLine } from '../../server/contexts/statement/schemas.ts';
import type { LedgerLine } from '../../server/contexts/statement-match/schemas.ts';
import type { FormState } from '../forms.ts';
import { ledgerKey } from '../reconciliation.ts';
import { Card } from './card.tsx';
import { SelectField, TextField } from './field.tsx';
import type { Choice } from './filters.tsx';
import { PortalForm, SubmitButton } from './form.tsx';
import { Amount, Money } from './money.tsx';
import { TableScroll } from './table.tsx';
import { CalendarDate } from './time.tsx';

type Props = {
  statementLines: StatementLine[];
  ledgerLines: LedgerLine[];
  hasMore: { statement: boolean; ledger: boolean };
  currency: string;
  accounts: Choice[];
  values: Record<string, string>;
  state: FormState | undefined;
  formKey: string;
};

type Sums = { statement: number; ledger: number; chosen: number };

const NOTHING: Sums = { statement: 0, ledger: 0, chosen: 0 };

/** What is ticked in a form, added up. */
function sumsOf(form: HTMLFormElement): Sums {
  const ticked = [...form.querySelectorAll<HTMLInputElement>('input[data-amount]:checked')];
  const sum = (side: string) =>
    ticked.filter(({ name }) => name === side).reduce((total, { dataset }) => total + Number(dataset.amount), 0);
  return { statement: sum('statement_line'), ledger: sum('ledger_line'), chosen: ticked.length };
}

/** Both sides, with a box to tick at each line. It works by itself; with JavaScript it adds up as one ticks. */
export function ReconciliationWorkbench(props: Props) {
  const { statementLines, ledgerLines, hasMore, currency, accounts, values, state, formKey } = props;
  const [sums, setSums] = useState(NOTHING);
  const ticked = new Set(`${state?.values.statement_line ?? ''} ${state?.values.ledger_line ?? ''}`.split(' '));
  return (
    <PortalForm
      state={state}
      values={values}
      formKey={formKey}
      labels={WORKBENCH_LABELS}
      onInput={(event) => setSums(sumsOf(event.currentTarget))}
    >
      <div className="match-sides">
        <Card title="On the statement">
          <Side
            name="statement_line"
            label="Open lines of the statement"
            hasMore={hasMore.statement}
            currency={currency}
            ticked={ticked}
            empty="Every line of the statement is matched."
            rows={statementLines.map(({ id, date, amount, description, reference }) => ({
              key: id,
              date,
              amount,
              text: description || reference || 'No description',
              note: description ? reference : null,
            }))}
          />
        </Card>
        <Card title="In the ledger">
          <Side
            name="ledger_line"
            label="Open lines of the ledger"
            hasMore={hasMore.ledger}
            currency={currency}
            ticked={ticked}
            empty="No open entries on these days."
            rows={ledgerLines.map((line) => ({
              key: ledgerKey(line),
              date: line.effective_date,
              amount: line.amount,
              text: line.description,
              note: [line.external_id, line.memo].filter(Boolean).join(' · ') || null,
            }))}
          />
        </Card>
      </div>
      <div className="card match-bench">
        <div className="match-total">
          <SumsBar sums={sums} currency={currency} />
          <SubmitButton>Match</SubmitButton>
        </div>
        <details open={state !== undefined}>
          <summary className="summary-link">Post the difference</summary>
          <div className="form-grid">
            <SelectField name="difference_account_id" label="To the account" empty="No difference" choices={accounts} />
            <TextField name="difference_description" label="Description" maxLength={500} />
          </div>
        </details>
      </div>
    </PortalForm>
  );
}

export const WORKBENCH_LABELS: Record<string, string> = {
  statement_line_ids: 'Lines of the statement',
  ledger_lines: 'Lines of the ledger',
  difference_account_id: 'The account',
  'difference.account_id': 'The account',
};

type Row = { key: string; date: string; amount: number; text: string; note: string | null };
type SideProps = {
  name: string;
  label: string;
  rows: Row[];
  hasMore: boolean;
  currency: string;
  ticked: Set<string>;
  empty: string;
};

function Side({ name, label, rows, hasMore, currency, ticked, empty }: SideProps) {
  if (rows.length === 0) return <p className="card-body faint">{empty}</p>;
  return (
    <>
      <TableScroll label={label}>
        <table className="match-lines">
          <thead>
            <tr>
              <th className="shrink">
                <span className="visually-hidden">Choose</span>
              </th>
              <th className="shrink">Date</th>
              <th>What</th>
              <th className="end shrink">{currency}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <td>
                  <input
                    type="checkbox"
                    id={`line-${row.key}`}
                    name={name}
                    value={row.key}
                    data-amount={row.amount}
                    defaultChecked={ticked.has(row.key)}
                  />
                </td>
                <td>
                  <CalendarDate value={row.date} />
                </td>
                <td className="one-line">
                  <label htmlFor={`line-${row.key}`} title={row.text}>
                    {row.text}
                  </label>
                  {row.note ? <span className="cell-note">{row.note}</span> : null}
                </td>
                <td className="end">
                  <Amount amount={row.amount} currency={currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {hasMore ? <p className="list-foot">There are more. Match these first, or choose fewer days.</p> : null}
    </>
  );
}

function SumsBar({ sums, currency }: { sums: Sums; currency: string }) {
  const difference = sums.statement - sums.ledger;
  return (
    <output className="totals" aria-live="polite">
      {sums.chosen === 0 ? (
        <span className="faint">Tick lines on both sides that are the same money.</span>
      ) : (
        <span className="totals-row">
          <span>
            Statement <Money amount={sums.statement} currency={currency} />
          </span>
          <span>
            Ledger <Money amount={sums.ledger} currency={currency} />
          </span>
          <b className={difference === 0 ? 'match-right' : 'match-off'}>
            Difference <Money amount={difference} currency={currency} />
          </b>
        </span>
      )}
    </output>
  );
}
