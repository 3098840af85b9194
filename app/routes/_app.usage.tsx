import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { quotaList, usageList } from '../../server/contexts/usage/operations.ts';
import { MEASURE_LABELS, measure as measures, type Quota, type UsageDay } from '../../server/contexts/usage/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { DayChart } from '../components/day-chart.tsx';
import { Empty } from '../components/empty.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { QuotaBar } from '../components/quota-bar.tsx';
import { type Column, RowLink, Table } from '../components/table.tsx';
import { useTenant } from '../components/use-tenant.ts';
import { dateIn } from '../dates.ts';
import { pageTitle } from '../page-title.ts';
import { everyDay, formatUsed } from '../usage-figures.ts';

export const meta = pageTitle('Usage');

const DAYS = 30;
const DAY_MS = 86_400_000;

/** The chart is of the measure in the address; of one that there is not, API calls. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const wanted = new URL(request.url).searchParams.get('measure');
  const measure = measures.options.find((each) => each === wanted) ?? 'api_calls';
  const { time_zone: timeZone } = context.tenant;
  const [first, last] = [DAYS - 1, 0].map((days) => dateIn(timeZone, new Date(Date.now() - days * DAY_MS)));
  const quotas = await context.run(quotaList, {});
  const days = await context.run(usageList, { measure, ...(first ? { from: first } : {}), limit: DAYS + 1 });
  return { quotas: quotas.data, rows: days.data, measure, first: first ?? '', last: last ?? '' };
}

export default function Usage() {
  const { quotas, rows, measure, first, last } = useLoaderData<typeof loader>();
  const quota = quotas.find((each) => each.measure === measure);
  return (
    <>
      <PageHeader title="Usage" lead="What this portal uses of the platform, and how much of it it may use." />
      <div className="stack">
        <Card title="Now">
          <QuotaTable quotas={quotas} />
          <p className="card-body soft">
            Rows and storage are what is there now, the others what was used today. At a soft limit the owners are told;
            at a hard limit more is refused, while people still sign in, read and work. Limits are set by whoever
            operates the platform.
          </p>
        </Card>
        <History measure={measure} rows={rows} first={first} last={last} isDaily={quota?.is_daily ?? true} />
      </div>
    </>
  );
}

function QuotaTable({ quotas }: { quotas: Quota[] }) {
  const { locale } = useTenant();
  const figure = (quota: Quota, value: number | null) =>
    value === null ? (
      <span className="faint">–</span>
    ) : (
      <span className="numeric" suppressHydrationWarning>
        {formatUsed(quota.measure, value, locale)}
      </span>
    );
  const columns: Column<Quota>[] = [
    {
      head: 'Measure',
      cell: (quota) => (
        <RowLink to={`/usage?measure=${quota.measure}#history`}>
          {MEASURE_LABELS[quota.measure]}
          {quota.is_daily ? ' today' : ''}
        </RowLink>
      ),
    },
    { head: 'Used', end: true, cell: (quota) => figure(quota, quota.used) },
    { head: 'Of its quota', cell: (quota) => <QuotaBar quota={quota} /> },
    { head: 'Soft limit', end: true, from: 'medium', cell: (quota) => figure(quota, quota.soft_limit) },
    { head: 'Hard limit', end: true, from: 'medium', cell: (quota) => figure(quota, quota.hard_limit) },
    { head: 'State', from: 'medium', cell: (quota) => <QuotaState quota={quota} /> },
  ];
  return <Table label="Quotas" columns={columns} rows={quotas} rowKey={({ measure }) => measure} />;
}

function QuotaState({ quota: { state, soft_limit, hard_limit } }: { quota: Quota }) {
  if (soft_limit === null && hard_limit === null) return <span className="faint">–</span>;
  if (state === 'ok') return <Badge status="active" label="Within" />;
  return state === 'soft' ? (
    <Badge status="pending" label="Past the soft limit" />
  ) : (
    <Badge status="failed" label="Used up" />
  );
}

type HistoryProps = { measure: Quota['measure']; rows: UsageDay[]; first: string; last: string; isDaily: boolean };

function History({ measure, rows, first, last, isDaily }: HistoryProps) {
  const { locale } = useTenant();
  const label = MEASURE_LABELS[measure];
  const download = `/api/usage?measure=${measure}&from=${first}&sort=day&format=csv`;
  return (
    <div id="history">
      <Card
        title={`${label}, last ${DAYS} days`}
        padded
        action={rows.length > 0 ? <a href={download}>Download as CSV</a> : null}
      >
        {rows.length === 0 ? (
          <Empty icon="gauge" title="Nothing in these days">
            What is used appears here within a minute, day by day.
          </Empty>
        ) : (
          <DayChart
            name={label}
            label={`${label} per day, ${DAYS} days`}
            days={everyDay(rows, first, last, isDaily)}
            format={(value) => formatUsed(measure, value, locale)}
          />
        )}
      </Card>
    </div>
  );
}
