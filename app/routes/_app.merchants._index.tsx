import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { merchantList } from '../../server/contexts/merchant/operations.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { MerchantTable } from '../components/party-tables.tsx';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { orgNames } from '../party-data.ts';
import { ARCHIVED, PARTY_STATUSES, VERTICALS } from '../party-form.ts';

export const meta = pageTitle('Merchants');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, merchantList, [
    'q',
    'archived',
    'status',
    'vertical',
    'merchant_org_id',
  ]);
  const [page, orgs] = await Promise.all([
    context.run(merchantList, { ...input, archived: values.archived === 'true' }),
    orgNames(context),
  ]);
  return {
    values,
    page,
    orgs,
    mayCreate: context.can('merchant:create'),
    maySeeTransfers: context.can('merchant_transfer:read', { merchant_org_id: null, merchant_id: null }),
    mayImport: context.can('import:run') && context.can('merchant:create'),
  };
}

export default function Merchants() {
  const { values, page, orgs, mayCreate, mayImport, maySeeTransfers } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Merchants" lead="The businesses on your platform.">
        {maySeeTransfers ? (
          <Link className="button" to="/merchant-transfers">
            <Icon name="arrows" size={14} />
            Transfers
          </Link>
        ) : null}
        {mayImport ? (
          <Link className="button" to="/imports/new?kind=merchant">
            <Icon name="upload" size={14} />
            Import
          </Link>
        ) : null}
        {mayCreate ? (
          <Link className="button button-primary" to="/merchants/new">
            <Icon name="plus" size={14} />
            New merchant
          </Link>
        ) : null}
      </PageHeader>
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Name, public name or e-mail" />
        <SelectFilter name="status" label="Status" values={values} choices={PARTY_STATUSES} />
        <SelectFilter name="archived" label="Shown" values={values} choices={ARCHIVED} empty="In use" />
        <SelectFilter name="vertical" label="Vertical" values={values} choices={VERTICALS} />
        {values.merchant_org_id ? <input type="hidden" name="merchant_org_id" value={values.merchant_org_id} /> : null}
      </Filters>
      <Card>
        {page.data.length > 0 ? (
          <MerchantTable rows={page.data} orgs={orgs} />
        ) : (
          <None values={values} mayCreate={mayCreate} />
        )}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/merchants" />
      </Card>
    </>
  );
}

function None({ values, mayCreate }: { values: Record<string, string>; mayCreate: boolean }) {
  if (isFiltered(values)) return <EmptyResult href="/merchants" />;
  return (
    <Empty
      icon="store"
      title="No merchants yet"
      {...(mayCreate ? { action: { href: '/merchants/new', label: 'Add the first merchant' } } : {})}
    >
      A merchant is one business of a MerchantOrg: a salon, a clinic, a studio. It gets its own books at once.
    </Empty>
  );
}
