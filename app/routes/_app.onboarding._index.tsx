import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { onboardingList } from '../../server/contexts/onboarding/operations.ts';
import { ONBOARDING_ITEMS, type Onboarding } from '../../server/contexts/onboarding/schemas.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { Card } from '../components/card.tsx';
import { Blocking, Progress } from '../components/checklist.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { humanize } from '../labels.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Onboarding');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, onboardingList, ['q', 'party_type', 'is_blocked', 'missing']);
  const isBlocked = values.is_blocked ? { is_blocked: values.is_blocked === 'true' } : {};
  return {
    values,
    page: await context.run(onboardingList, { ...input, ...isBlocked }),
    may: { onboard: context.can('merchant:create'), require: context.can('tenant:update', WHOLE_TENANT) },
  };
}

const KINDS = ['merchant_org', 'merchant'].map((value) => ({ value, label: humanize(value) }));
const BLOCKED = [
  { value: 'true', label: 'Something blocks it' },
  { value: 'false', label: 'Can go live' },
];
const ITEMS = Object.entries({ ...ONBOARDING_ITEMS.merchant_org, ...ONBOARDING_ITEMS.merchant }).map(
  ([value, { label }]) => ({ value, label }),
);

export default function OnboardingList() {
  const { values, page, may } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Onboarding" lead="What has not gone live yet, how far it is and what blocks it.">
        {may.require ? (
          <Link className="button" to="/settings/merchants">
            <Icon name="sliders" size={14} />
            What is needed
          </Link>
        ) : null}
        {may.onboard ? (
          <Link className="button button-primary" to="/onboard">
            <Icon name="plus" size={14} />
            Onboard a business
          </Link>
        ) : null}
      </PageHeader>
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Name" />
        <SelectFilter name="party_type" label="Kind" values={values} choices={KINDS} />
        <SelectFilter name="is_blocked" label="Going live" values={values} choices={BLOCKED} />
        <SelectFilter name="missing" label="Missing" values={values} choices={ITEMS} />
      </Filters>
      <Card>
        {page.data.length > 0 ? <OnboardingTable rows={page.data} /> : null}
        {page.data.length === 0 && isFiltered(values) ? <EmptyResult href="/onboarding" /> : null}
        {page.data.length === 0 && !isFiltered(values) ? (
          <Empty icon="check" title="Nothing is being onboarded">
            Every MerchantOrg and merchant is live or closed.
          </Empty>
        ) : null}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/onboarding" />
      </Card>
    </>
  );
}

function OnboardingTable({ rows }: { rows: Onboarding[] }) {
  return (
    <Table
      label="Onboarding"
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort="created_at"
      columns={[
        {
          head: 'Name',
          sort: 'name',
          cell: (row) => (
            <>
              <RowLink to={`/${row.party_type === 'merchant' ? 'merchants' : 'merchant-orgs'}/${row.id}`}>
                {row.name}
              </RowLink>
              <span className="cell-note">{humanize(row.party_type)}</span>
            </>
          ),
        },
        {
          head: 'Progress',
          sort: 'progress',
          cell: (row) => (
            <>
              <Progress checklist={row} />
              <div className="cell-note phone-only">
                <Blocking checklist={row} />
              </div>
            </>
          ),
        },
        { head: 'Going live', from: 'medium', cell: (row) => <Blocking checklist={row} /> },
        { head: 'Since', sort: 'created_at', from: 'wide', cell: (row) => <Instant value={row.created_at} /> },
      ]}
    />
  );
}
