import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { flowOfFunds } from '../../server/contexts/flow/operations.ts';
import type { FlowOfFunds } from '../../server/contexts/flow/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { DateFilter, Filters, SelectFilter } from '../components/filters.tsx';
import { FlowDiagram } from '../components/flow-diagram.tsx';
import { FlowTable, TotalTable } from '../components/flow-tables.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { CalendarDate } from '../components/time.tsx';
import { drawFlows } from '../flow-diagram.ts';
import { addressValues } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { orgNames } from '../party-data.ts';

export const meta = pageTitle('Flow of funds');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const values = addressValues(request, ['from', 'to', 'merchant_org_id', 'currency']);
  const { currency: wanted, ...period } = values;
  const [report, orgs] = await Promise.all([context.run(flowOfFunds, period), orgNames(context)]);
  const own = context.tenant.currency;
  const known = [...new Set(report.totals.map((total) => total.currency))];
  const currencies = [...new Set([own, ...known, ...(wanted ? [wanted] : [])])].sort();
  const currency = wanted ?? (known.length === 0 || known.includes(own) ? own : (known[0] ?? own));
  return {
    values: { ...values, from: report.from, to: report.to, currency },
    report,
    currency,
    currencies: currencies.map((value) => ({ value, label: value })),
    orgs: Object.entries(orgs).map(([value, label]) => ({ value, label })),
  };
}

export default function FlowOfFundsPage() {
  const { values, report, currency, currencies, orgs } = useLoaderData<typeof loader>();
  const diagram = drawFlows(report as FlowOfFunds, currency);
  const totals = report.totals.filter((total) => total.currency === currency);
  const flows = report.flows.filter((flow) => flow.currency === currency);
  return (
    <>
      <PageHeader
        title="Flow of funds"
        lead={
          <>
            What moved from customers to merchants, MerchantOrgs and the platform, <CalendarDate value={report.from} />{' '}
            to <CalendarDate value={report.to} />, reversals taken off.
          </>
        }
      />
      <Filters values={values} submit="Show">
        <DateFilter name="from" label="From" values={values} />
        <DateFilter name="to" label="To" values={values} />
        {orgs.length > 0 ? (
          <SelectFilter name="merchant_org_id" label="MerchantOrg" values={values} choices={orgs} />
        ) : null}
        <SelectFilter name="currency" label="Currency" values={values} choices={currencies} />
      </Filters>
      {totals.length === 0 ? (
        <Card>
          <Empty icon="arrows" title="Nothing moved in this period">
            Payments, fees, charges and payouts appear here as soon as they are posted by their type. Entries of raw
            lines name no parties, and are no part of it.
          </Empty>
        </Card>
      ) : (
        <div className="stack">
          {diagram ? (
            <Card padded>
              <FlowDiagram diagram={diagram} currency={currency} />
            </Card>
          ) : null}
          <TotalTable totals={totals} currency={currency} />
          <FlowTable flows={flows} currency={currency} isCut={report.is_cut} />
        </div>
      )}
    </>
  );
}
