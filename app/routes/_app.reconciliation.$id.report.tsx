import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { reportGet } from '../../server/contexts/reconciliation/operations.ts';
import type { Report } from '../../server/contexts/reconciliation/schemas.ts';
import { sourceGet, statementGet } from '../../server/contexts/statement/operations.ts';
import type { Statement } from '../../server/contexts/statement/schemas.ts';
import { Card } from '../components/card.tsx';
import { Amount, Money } from '../components/money.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { ReportLines } from '../components/reconciliation-report-lines.tsx';
import { StatementStatus } from '../components/statement-table.tsx';
import { TableScroll } from '../components/table.tsx';
import { CalendarDate, Instant } from '../components/time.tsx';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ statement: { source_name: string } }>(
  ({ statement }) => `${statement.source_name} · Reconciliation report`,
);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const id = idParam(params);
  const [statement, report] = await Promise.all([context.run(statementGet, { id }), context.run(reportGet, { id })]);
  const source = await context.run(sourceGet, { id: statement.source_id });
  return { statement, report, source };
}

export default function ReconciliationReport() {
  const { statement, report, source } = useLoaderData<typeof loader>();
  const { currency } = report;
  return (
    <>
      <PageHeader
        title="Reconciliation report"
        crumbs={[
          { href: '/reconciliation', label: 'Reconciliation' },
          { href: `/reconciliation/${statement.id}`, label: statement.source_name },
        ]}
        beside={<StatementStatus status={statement.status} />}
        lead={
          <>
            {statement.source_name}, account{' '}
            <Link to={`/accounts/${source.account_id}`}>
              {source.account_code} {source.account_name}
            </Link>
            , <CalendarDate value={report.period_from} /> – <CalendarDate value={report.period_to} />
          </>
        }
      />
      <div className="stack">
        <Card title="What explains the closing balance">
          <Equation report={report} />
        </Card>
        {report.unmatched_lines.length > 0 ? (
          <Card title="On the statement, not in the ledger">
            <ReportLines
              label="Lines of the statement that are not matched"
              currency={currency}
              rows={report.unmatched_lines.map((line) => ({
                ...line,
                key: line.id,
                text: line.description || line.reference || '',
              }))}
            />
          </Card>
        ) : null}
        {report.outstanding_lines.length > 0 ? (
          <Card title="In the ledger, not on a statement yet">
            <ReportLines
              label="Entries that no statement has yet"
              currency={currency}
              rows={report.outstanding_lines.map((line) => ({
                key: `${line.journal_id}/${line.position}`,
                date: line.effective_date,
                amount: line.amount,
                text: line.description,
                href: `/transactions/${line.transaction_id}`,
              }))}
            />
          </Card>
        ) : null}
        <Signature statement={statement} report={report} />
      </div>
    </>
  );
}

function Equation({ report }: { report: Report }) {
  const rows: [string, number][] = [
    ['Entries that no statement has yet', -report.outstanding],
    ['Entries of later days that the statement has', report.cleared_ahead],
    ['Statement lines that the ledger has not', report.unmatched],
    ['Not explained', report.difference],
  ];
  return (
    <TableScroll label="What explains the closing balance">
      <table>
        <thead>
          <tr>
            <th>Step</th>
            <th className="end">Amount in {report.currency}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>Opening balance of the statement</td>
            <Cell amount={report.opening_balance} report={report} />
          </tr>
          <tr>
            <td>
              {report.matched_count} matched {report.matched_count === 1 ? 'line' : 'lines'}
            </td>
            <Cell amount={report.matched_amount} report={report} />
          </tr>
          <tr>
            <td>
              {report.line_count - report.matched_count} open{' '}
              {report.line_count - report.matched_count === 1 ? 'line' : 'lines'}
            </td>
            <Cell amount={report.unmatched_amount} report={report} />
          </tr>
          <Sum name="Closing balance of the statement" amount={report.closing_balance} report={report} />
          <tr>
            <td>
              Balance of the ledger, <CalendarDate value={report.period_to} />
            </td>
            <Cell amount={report.ledger_balance} report={report} />
          </tr>
          {rows.map(([name, amount]) => (
            <tr key={name}>
              <td>{name}</td>
              <Cell amount={amount} report={report} />
            </tr>
          ))}
          <Sum name="Closing balance, explained" amount={report.closing_balance} report={report} />
        </tbody>
      </table>
    </TableScroll>
  );
}

function Cell({ amount, report }: { amount: number; report: Report }) {
  return (
    <td className="end">
      <Amount amount={amount} currency={report.currency} />
    </td>
  );
}

function Sum({ name, amount, report }: { name: string; amount: number; report: Report }) {
  return (
    <tr className="report-sum">
      <th scope="row">{name}</th>
      <td className="end">
        <b>
          <Amount amount={amount} currency={report.currency} />
        </b>
      </td>
    </tr>
  );
}

function Signature({ statement, report }: { statement: Statement; report: Report }) {
  if (!statement.signed_off_by || !statement.signed_off_at) {
    const left = statement.line_count - statement.matched_count;
    return (
      <p className="soft">
        Not signed off{left > 0 ? `: ${left} of ${statement.line_count} lines are open` : ' yet'}. These are the figures
        of now.
        {statement.reopened_by ? ` Opened again by ${statement.reopened_by.name}: “${statement.reopened_reason}”` : ''}
      </p>
    );
  }
  return (
    <p>
      Signed off by <b>{statement.signed_off_by.name}</b>, <Instant value={statement.signed_off_at} exact />.
      {report.difference === 0 ? '' : ' Difference of '}
      {report.difference === 0 ? null : <Money amount={report.difference} currency={report.currency} />}
      {statement.note ? ` “${statement.note}”` : ''}
    </p>
  );
}
