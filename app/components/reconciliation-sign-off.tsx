import { Form } from '@remix-run/react';
import type { Report } from '../../server/contexts/reconciliation/schemas.ts';
import type { Statement } from '../../server/contexts/statement/schemas.ts';
import { Card, Fact, Facts } from './card.tsx';
import { Money } from './money.tsx';
import { StatementProgress } from './statement-table.tsx';
import { Instant } from './time.tsx';

type Props = { statement: Statement; report: Report; formKey: string; maySign: boolean };

/** How far the statement is, what is left to explain, and the signature. */
export function SignOff({ statement, report, formKey, maySign }: Props) {
  const { currency } = statement;
  const left = statement.line_count - statement.matched_count;
  return (
    <Card padded>
      <div className="form sign-off">
        <Facts>
          <Fact name="Matched">
            <StatementProgress statement={statement} />
          </Fact>
          <Fact name="Closing balance">
            <Money amount={report.closing_balance} currency={currency} />
          </Fact>
          <Fact name="In the ledger">
            <Money amount={report.ledger_balance} currency={currency} />
          </Fact>
          <Fact name="Not explained">
            <b className={report.difference === 0 ? 'match-right' : 'match-off'}>
              <Money amount={report.difference} currency={currency} />
            </b>
          </Fact>
        </Facts>
        {statement.signed_off_by && statement.signed_off_at ? (
          <p>
            Signed off by {statement.signed_off_by.name}, <Instant value={statement.signed_off_at} />.
            {statement.note ? ` “${statement.note}”` : ''}
          </p>
        ) : null}
        {maySign && statement.status === 'open' && left === 0 ? (
          <Form method="post" className="form">
            <input type="hidden" name="idempotency_key" value={`${formKey}-sign`} />
            <input type="hidden" name="version" value={statement.version} />
            <div className="field">
              <label htmlFor="field-note">
                Note<span className="optional">{report.difference === 0 ? ' (optional)' : ', for the difference'}</span>
              </label>
              <input id="field-note" name="note" className="control" maxLength={1000} autoComplete="off" />
            </div>
            <button type="submit" name="intent" value="sign-off" className="button button-primary">
              Sign off
            </button>
          </Form>
        ) : null}
        {statement.status === 'open' && left > 0 ? (
          <p className="hint">It can be signed off when every line is matched.</p>
        ) : null}
        {maySign && statement.status === 'signed_off' ? <Reopen formKey={formKey} /> : null}
      </div>
    </Card>
  );
}

function Reopen({ formKey }: { formKey: string }) {
  return (
    <details>
      <summary className="summary-link">Open it again</summary>
      <Form method="post" className="form">
        <input type="hidden" name="idempotency_key" value={`${formKey}-reopen`} />
        <div className="field">
          <label htmlFor="field-reason">Reason</label>
          <input id="field-reason" name="reason" className="control" maxLength={500} autoComplete="off" required />
          <span className="hint">Somebody else than who signed it off has to do this.</span>
        </div>
        <button type="submit" name="intent" value="reopen" className="button">
          Open again
        </button>
      </Form>
    </details>
  );
}
