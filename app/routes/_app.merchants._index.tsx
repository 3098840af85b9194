import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { merchantList } from '../../server/contexts/merchant/operations.ts';
import { Empty } from '../components/empty.tsx';
import { type Choice, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { Icon } from '../components/icon.tsx';
import { List } from '../components/list.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { merchantColumns } from '../components/party-tables.tsx';
import { openList } from '../list-page.ts';
import { pageTitle } from '../page-title.ts';
import { orgNames } from '../party-data.ts';
import { ARCHIVED, PARTY_STATUSES, VERTICALS } from '../party-form.ts';

export const meta = pageTitle('Merchants');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const [list, orgs] = await Promise.all([
    openList(context, request, 'merchant', merchantList, ['q', 'archived', 'status', 'vertical', 'merchant_org_id'], {
      also: ({ archived }) => ({ archived: archived === 'true' }),
    }),
    orgNames(context),
  ]);
  return {
    list,
    orgs,
    mayCreate: context.can('merchant:create'),
    maySeeTransfers: context.can('merchant_transfer:read', { merchant_org_id: null, merchant_id: null }),
    mayImport: context.can('import:run') && context.can('merchant:create'),
  };
}

export default function Merchants() {
  const { list, orgs, mayCreate, mayImport, maySeeTransfers } = useLoaderData<typeof loader>();
  const { values } = list;
  const choices = orgChoices(orgs, values.merchant_org_id);
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
      <List
        list={list}
        label="Merchants"
        columns={merchantColumns(orgs)}
        defaultSort="-created_at"
        download="/api/merchants"
        filters={
          <>
            <SearchFilter name="q" label="Search" values={values} placeholder="Name, public name or e-mail" />
            <SelectFilter name="status" label="Status" values={values} choices={PARTY_STATUSES} />
            <SelectFilter name="archived" label="Shown" values={values} choices={ARCHIVED} empty="In use" />
            <SelectFilter name="vertical" label="Vertical" values={values} choices={VERTICALS} />
            {choices.length > 0 ? (
              <SelectFilter name="merchant_org_id" label="MerchantOrg" values={values} choices={choices} />
            ) : null}
          </>
        }
        empty={<None mayCreate={mayCreate} />}
      />
    </>
  );
}

/** Also the one that is asked for already, when it is not among the latest. */
function orgChoices(orgs: Record<string, string>, asked: string | undefined): Choice[] {
  const known = Object.entries(orgs).map(([value, label]) => ({ value, label }));
  const others = asked && !orgs[asked] ? [{ value: asked, label: 'Another one' }] : [];
  return [...known.sort((a, b) => a.label.localeCompare(b.label)), ...others];
}

function None({ mayCreate }: { mayCreate: boolean }) {
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
