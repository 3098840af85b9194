import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import type * as v from 'valibot';
import { pipelineForecast, pipelineFunnel } from '../../server/contexts/pipeline/operations.ts';
import type { funnel as funnelSchema } from '../../server/contexts/pipeline/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { DateFilter, Filters, SelectFilter } from '../components/filters.tsx';
import { ForecastChart } from '../components/forecast-chart.tsx';
import { Count } from '../components/money.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PipelineTabs } from '../components/pipeline-tabs.tsx';
import { TableScroll } from '../components/table.tsx';
import { humanize } from '../labels.ts';
import { addressValues } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { ownerChoices } from '../prospect-data.ts';

export const meta = pageTitle('Forecast');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const values = addressValues(request, ['owner_id', 'from', 'to']);
  const { owner_id, ...days } = values;
  const [forecast, funnel, owners] = await Promise.all([
    context.run(pipelineForecast, owner_id ? { owner_id } : {}),
    context.run(pipelineFunnel, days),
    ownerChoices(context),
  ]);
  return { values, rows: forecast.data, funnel: funnel.data, owners };
}

export default function Forecast() {
  const { values, rows, funnel, owners } = useLoaderData<typeof loader>();
  const currencies = [...Map.groupBy(rows, ({ currency }) => currency)];
  return (
    <>
      <PageHeader title="Forecast" lead="What the open pipeline promises, and how far prospects come." />
      <PipelineTabs />
      <Filters values={values}>
        {owners.length > 0 ? <SelectFilter name="owner_id" label="Owner" values={values} choices={owners} /> : null}
        <DateFilter name="from" label="Came in from" values={values} />
        <DateFilter name="to" label="Until" values={values} />
      </Filters>
      <div className="stack">
        {currencies.map(([currency, own]) => (
          <Card key={currency} title={`Expected in ${currency}`} padded>
            <ForecastChart currency={currency} rows={own} />
          </Card>
        ))}
        {currencies.length === 0 ? (
          <Card>
            <Empty icon="funnel" title="Nothing to expect" action={{ href: '/pipeline', label: 'Open the board' }}>
              No prospect is in an open stage.
            </Empty>
          </Card>
        ) : null}
        <Card title="From lead to merchant" action={<a href="/api/pipeline/funnel?format=csv">CSV</a>}>
          <FunnelTable rows={funnel} />
        </Card>
      </div>
    </>
  );
}

function FunnelTable({ rows }: { rows: v.InferOutput<typeof funnelSchema>['data'] }) {
  const days = (value: number | null) => (value === null ? '–' : `${value} ${value === 1 ? 'day' : 'days'}`);
  return (
    <TableScroll label="From lead to merchant">
      <table>
        <thead>
          <tr>
            <th>Stage</th>
            <th className="end">Reached it</th>
            <th className="end">Of the stage before</th>
            <th className="end">Stayed (median)</th>
            <th className="end">There now</th>
            <th className="end">Longest there</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.status}>
              <td>{humanize(row.status)}</td>
              <td className="end">
                <Count value={row.reached} />
              </td>
              <td className="end">
                {row.conversion_basis_points === null ? '–' : `${(row.conversion_basis_points / 100).toFixed(1)} %`}
              </td>
              <td className="end">{days(row.median_days)}</td>
              <td className="end">
                <Count value={row.now} />
              </td>
              <td className="end">{days(row.oldest_days)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
