import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { merchantOrgList } from '../../server/contexts/merchant-org/operations.ts';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { MerchantOrgTable } from '../components/party-tables.tsx';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { ARCHIVED, PARTY_STATUSES } from '../party-form.ts';

export const meta = pageTitle('MerchantOrgs');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, merchantOrgList, ['q', 'archived', 'status']);
  const page = await context.run(merchantOrgList, { ...input, archived: values.archived === 'true' });
  const mayCreate = context.can('merchant_org:create');
  return { values, page, mayCreate, mayImport: mayCreate && context.can('import:run') };
}

export default function MerchantOrgs() {
  const { values, page, mayCreate, mayImport } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="MerchantOrgs" lead="The companies you work with. Each holds one or more merchants.">
        {mayImport ? (
          <Link className="button" to="/imports/new?kind=merchant_org">
            <Icon name="upload" size={14} />
            Import
          </Link>
        ) : null}
        {mayCreate ? (
          <Link className="button button-primary" to="/merchant-orgs/new">
            <Icon name="plus" size={14} />
            New MerchantOrg
          </Link>
        ) : null}
      </PageHeader>
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Name, legal name or e-mail" />
        <SelectFilter name="status" label="Status" values={values} choices={PARTY_STATUSES} />
        <SelectFilter name="archived" label="Shown" values={values} choices={ARCHIVED} empty="In use" />
      </Filters>
      <Card>
        {page.data.length > 0 ? <MerchantOrgTable rows={page.data} /> : <None values={values} mayCreate={mayCreate} />}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/merchant-orgs" />
      </Card>
    </>
  );
}

function None({ values, mayCreate }: { values: Record<string, string>; mayCreate: boolean }) {
  if (isFiltered(values)) return <EmptyResult href="/merchant-orgs" />;
  if (!mayCreate) {
    return (
      <Empty icon="building" title="No MerchantOrgs to see">
        Your roles hold at single merchants, not at a MerchantOrg, or there is none yet.
      </Empty>
    );
  }
  return (
    <Empty
      icon="building"
      title="No MerchantOrgs yet"
      {...(mayCreate ? { action: { href: '/merchant-orgs/new', label: 'Add the first MerchantOrg' } } : {})}
    >
      A MerchantOrg is the company that signs with you and gets your invoices. Its businesses come next.
    </Empty>
  );
}
