import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { reportIncomeStatement } from '../../server/contexts/report/operations.ts';
import type { IncomeStatement } from '../../server/contexts/report/schemas.ts';
import { Card } from '../components/card.tsx';
import { DateFilter } from '../components/filters.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { AxisFilter, ReportFilters, UsualPeriods } from '../components/report-filters.tsx';
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
import { dateIn } from '../dates.ts';
import { pageTitle } from '../page-title.ts';
import { booksToChoose, periodOf, reportValues, usualPeriods } from '../report-data.ts';

export const meta = pageTitle('Income statement');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values: given, about } = reportValues(request);
  const periods = usualPeriods(dateIn(context.tenant.time_zone, new Date()));
  const { from = '', to = '' } = periods[0] ?? {};
  const values: Record<string, string> = { ...given, from: given.from ?? from, to: given.to ?? to };
  const input = { ...about, ...periodOf(values, context.tenant.time_zone) };
  const [answer, choices] = await Promise.all([context.submit(reportIncomeStatement, input), booksToChoose(context)]);
  return { values, input, periods, choices, ...answer };
}

export default function IncomeStatementPage() {
  const loaded = useLoaderData<typeof loader>();
  const { values, input, periods, choices } = loaded;
  const report = 'data' in loaded ? (loaded.data as IncomeStatement) : null;
  return (
    <>
      <PageHeader
        title="Income statement"
        beside={report ? <FinalBadge report={report} /> : null}
        lead={report ? <ReportSubject report={report} when={<Period from={report.from} to={report.to} />} /> : null}
      />
      <ReportFilters values={values} choices={choices} chosen={report?.books[0]?.book_id ?? ''}>
        <DateFilter name="from" label="From" values={values} />
        <DateFilter name="to" label="To" values={values} />
        <AxisFilter values={values} />
      </ReportFilters>
      <UsualPeriods values={values} periods={periods} />
      {report ? <Body report={report} hasZeros={values.zeros === '1'} input={input} /> : null}
      {'problem' in loaded ? <ReportProblem problem={loaded.problem} /> : null}
    </>
  );
}

function Period({ from, to }: { from: string; to: string }) {
  return (
    <>
      <Moment value={from} /> to <Moment value={to} />
    </>
  );
}

const SECTIONS = { revenue: 'Revenue', expenses: 'Expenses' } as const;

function Body({
  report,
  hasZeros,
  input,
}: {
  report: IncomeStatement;
  hasZeros: boolean;
  input: Record<string, string>;
}) {
  const shown = report.data.filter(
    (row) => hasZeros || row.before !== 0 || row.elimination !== 0 || row.previous !== 0,
  );
  const totals = report.totals.filter(({ currency }) => shown.some((row) => row.currency === currency));
  if (totals.length === 0) return <NothingToReport />;
  const isGroup = report.merchant_org_id !== null;
  return (
    <div className="stack">
      {totals.map((total) => (
        <Card key={total.currency} title={total.currency}>
          <ReportTable
            label={`Income statement in ${total.currency}`}
            currency={total.currency}
            columns={columnsOf(isGroup, report)}
            sections={Object.entries(SECTIONS).map(([section, title]) => ({
              title,
              lines: shown
                .filter((row) => row.section === section && row.currency === total.currency)
                .map((row) => ({ ...row, key: row.account_id ?? row.code + row.name, amounts: row })),
              total: { title: `Total ${title.toLowerCase()}`, amounts: total[section as keyof typeof SECTIONS] },
            }))}
            results={[{ title: 'Net income', amounts: total.net_income }]}
          />
        </Card>
      ))}
      {isGroup ? <IntercompanyCard rows={report.intercompany} books={report.books} /> : null}
      <ReportFoot path="/api/reports/income-statement" input={input} />
    </div>
  );
}

function columnsOf(isGroup: boolean, report: IncomeStatement): ReportColumn[] {
  const before = (
    <>
      <span className="visually-hidden">Before: </span>
      <Period from={report.previous_from} to={report.previous_to} />
    </>
  );
  return [
    ...(isGroup
      ? [
          { key: 'before', head: 'Sum of the books', from: 'wide' as const },
          { key: 'elimination', head: 'Elimination', from: 'wide' as const },
        ]
      : []),
    { key: 'amount', head: isGroup ? 'Consolidated' : 'This period' },
    { key: 'previous', head: before, from: 'medium' },
  ];
}
