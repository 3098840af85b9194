import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { reportBalanceSheet } from '../../server/contexts/report/operations.ts';
import type { BalanceSheet, Figures } from '../../server/contexts/report/schemas.ts';
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
import { pageTitle } from '../page-title.ts';
import { booksToChoose, momentOf, reportValues } from '../report-data.ts';

export const meta = pageTitle('Balance sheet');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, about } = reportValues(request);
  const input = { ...about, ...momentOf(values, context.tenant.time_zone) };
  const [answer, choices] = await Promise.all([context.submit(reportBalanceSheet, input), booksToChoose(context)]);
  return { values, input, choices, ...answer };
}

export default function BalanceSheetPage() {
  const loaded = useLoaderData<typeof loader>();
  const { values, input, choices } = loaded;
  const report = 'data' in loaded ? (loaded.data as BalanceSheet) : null;
  const when = report?.at ? <Moment value={report.at} /> : 'now';
  return (
    <>
      <PageHeader
        title="Balance sheet"
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

const SECTIONS = { assets: 'Assets', liabilities: 'Liabilities', equity: 'Equity' } as const;

function Body({ report, hasZeros, input }: { report: BalanceSheet; hasZeros: boolean; input: Record<string, string> }) {
  const shown = report.data.filter((row) => hasZeros || row.before !== 0 || row.elimination !== 0);
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
              <Badge status="active" label="Assets = liabilities + equity" />
            ) : (
              <Badge status="failed" label="Sides differ" />
            )
          }
        >
          <ReportTable
            label={`Balance sheet in ${total.currency}`}
            currency={total.currency}
            columns={columnsOf(isGroup)}
            sections={Object.entries(SECTIONS).map(([section, title]) => ({
              title,
              lines: shown
                .filter((row) => row.section === section && row.currency === total.currency)
                .map((row) => ({ ...row, key: row.account_id ?? row.code + row.name, amounts: row })),
              total: { title: `Total ${title.toLowerCase()}`, amounts: total[section as keyof typeof SECTIONS] },
            }))}
            results={resultsOf(total)}
          />
        </Card>
      ))}
      {isGroup ? <IntercompanyCard rows={report.intercompany} books={report.books} /> : null}
      <ReportFoot path="/api/reports/balance-sheet" input={input} />
    </div>
  );
}

function columnsOf(isGroup: boolean): ReportColumn[] {
  if (!isGroup) return [{ key: 'amount', head: 'Balance' }];
  return [
    { key: 'before', head: 'Sum of the books', from: 'medium' },
    { key: 'elimination', head: 'Elimination', from: 'medium' },
    { key: 'amount', head: 'Consolidated' },
  ];
}

function resultsOf({ liabilities, equity, difference }: BalanceSheet['totals'][number]) {
  const sum = (key: keyof Figures) => liabilities[key] + equity[key];
  const both = { before: sum('before'), elimination: sum('elimination'), amount: sum('amount') };
  return [
    { title: 'Liabilities and equity', amounts: both },
    ...(difference === 0 ? [] : [{ title: 'Difference between the books', amounts: { amount: difference } }]),
  ];
}
