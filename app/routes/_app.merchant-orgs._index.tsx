import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { merchantOrgList } from '../../server/contexts/merchant-org/operations.ts';
import { Empty } from '../components/empty.tsx';
import { SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { List } from '../components/list.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { MERCHANT_ORG_COLUMNS } from '../components/party-tables.tsx';
import { openList } from '../list-page.ts';
import { pageTitle } from '../page-title.ts';
import { ARCHIVED, PARTY_STATUSES } from '../party-form.ts';

export const meta = pageTitle('MerchantOrgs');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const list = await openList(context, request, 'merchant_org', merchantOrgList, ['q', 'archived', 'status'], {
    also: ({ archived }) => ({ archived: archived === 'true' }),
  });
  const mayCreate = context.can('merchant_org:create');
  return { list, mayCreate, mayImport: mayCreate && context.can('import:run') };
}

export default function MerchantOrgs() {
  const { list, mayCreate, mayImport } = useLoaderData<typeof loader>();
  const { values } = list;
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
      <List
        list={list}
        label="MerchantOrgs"
        columns={MERCHANT_ORG_COLUMNS}
        defaultSort="-created_at"
        download="/api/merchant-orgs"
        filters={
          <>
            <SearchFilter name="q" label="Search" values={values} placeholder="Name, legal name or e-mail" />
            <SelectFilter name="status" label="Status" values={values} choices={PARTY_STATUSES} />
            <SelectFilter name="archived" label="Shown" values={values} choices={ARCHIVED} empty="In use" />
          </>
        }
        empty={<None mayCreate={mayCreate} />}
      />
    </>
  );
}

function None({ mayCreate }: { mayCreate: boolean }) {
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
