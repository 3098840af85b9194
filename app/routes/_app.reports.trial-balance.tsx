import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { reportTrialBalance } from '../../server/contexts/report/operations.ts';
import type { TrialBalance } from '../../server/contexts/report/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { DateFilter } from '../components/filters.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { AxisFilter, ClockFilter, ReportFilters } from '../components/report-filters.tsx';
import {
  FinalBadge,
  IntercompanyCard,
  Moment,
  NothingToReport,
  ReportFoot,
  ReportProblem,
  ReportSubject,
} from '../components/report-frame.tsx';
import { type ReportColumn, ReportTable } from '../components/report-table.tsx';
import { humanize } from '../labels.ts';
import { pageTitle } from '../page-title.ts';
import { booksToChoose, momentOf, reportValues } from '../report-data.ts';

export const meta = pageTitle('Trial balance');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, about } = reportValues(request);
  const input = { ...about, ...momentOf(values, context.tenant.time_zone) };
  const [answer, choices] = await Promise.all([context.submit(reportTrialBalance, input), booksToChoose(context)]);
  return { values, input, choices, ...answer };
}

export default function TrialBalancePage() {
  const loaded = useLoaderData<typeof loader>();
  const { values, input, choices } = loaded;
  const report = 'data' in loaded ? (loaded.data as TrialBalance) : null;
  const when = report?.at ? <Moment value={report.at} /> : 'now';
  return (
    <>
      <PageHeader
        title="Trial balance"
        beside={report ? <FinalBadge report={report} /> : null}
        lead={report ? <ReportSubject report={report} when={when} /> : null}
      />
      <ReportFilters values={values} choices={choices} chosen={report?.books[0]?.book_id ?? ''}>
        <DateFilter name="at" label="At the end of" values={values} />
        <AxisFilter values={values} />
        <ClockFilter values={values} />
      </ReportFilters>
      {report ? <Body report={report} hasZeros={values.zeros === '1'} input={input} /> : null}
      {'problem' in loaded ? <ReportProblem problem={loaded.problem} /> : null}
    </>
  );
}

function Body({ report, hasZeros, input }: { report: TrialBalance; hasZeros: boolean; input: Record<string, string> }) {
  const shown = report.data.filter((row) => hasZeros || row.debits !== 0 || row.credits !== 0);
  const totals = report.totals.filter(({ currency }) => shown.some((row) => row.currency === currency));
  if (totals.length === 0) return <NothingToReport />;
  const isGroup = report.merchant_org_id !== null;
  return (
    <div className="stack">
      {totals.map((total) => (
        <Card
          key={total.currency}
          title={total.currency}
          action={
            total.balanced ? (
              <Badge status="active" label="Debits equal credits" />
            ) : (
              <Badge status="failed" label="Sides differ" />
            )
          }
        >
          <ReportTable
            label={`Trial balance in ${total.currency}`}
            currency={total.currency}
            columns={columnsOf(isGroup)}
            sections={sectionsOf(shown.filter((row) => row.currency === total.currency))}
            results={[{ title: 'Total', amounts: { ...total, eliminated: eliminatedOf(total) } }]}
          />
        </Card>
      ))}
      {isGroup ? <IntercompanyCard rows={report.intercompany} books={report.books} /> : null}
      <ReportFoot path="/api/reports/trial-balance" input={input} />
    </div>
  );
}

function columnsOf(isGroup: boolean): ReportColumn[] {
  return [
    { key: 'debits', head: 'Debits', from: 'wide' },
    { key: 'credits', head: 'Credits', from: 'wide' },
    ...(isGroup ? [{ key: 'eliminated', head: 'Eliminated', from: 'medium' as const }] : []),
    { key: 'debit_balance', head: 'Debit balance' },
    { key: 'credit_balance', head: 'Credit balance' },
  ];
}

type Row = TrialBalance['data'][number];

/** Debits less credits that were taken out. */
function eliminatedOf(row: Pick<Row, 'eliminated_debits' | 'eliminated_credits'>): number {
  return row.eliminated_credits - row.eliminated_debits;
}

const PLURALS: Record<string, string> = { asset: 'Assets', liability: 'Liabilities', expense: 'Expenses' };

function sectionsOf(rows: Row[]) {
  return [...Map.groupBy(rows, (row) => row.type)].map(([type, own]) => {
    const sum = (key: 'debits' | 'credits' | 'debit_balance' | 'credit_balance') =>
      own.reduce((total, row) => total + row[key], 0);
    const title = PLURALS[type] ?? humanize(type);
    return {
      title,
      lines: own.map((row) => ({
        key: row.account_id ?? row.code + row.name,
        account_id: row.account_id,
        code: row.code,
        name: row.name,
        amounts: { ...row, eliminated: eliminatedOf(row) },
      })),
      total: {
        title: `Total ${title.toLowerCase()}`,
        amounts: {
          debits: sum('debits'),
          credits: sum('credits'),
          eliminated: own.reduce((total, row) => total + eliminatedOf(row), 0),
          debit_balance: sum('debit_balance'),
          credit_balance: sum('credit_balance'),
        },
      },
    };
  });
}
