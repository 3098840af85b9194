import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import type { Book } from '../../server/contexts/account/schemas.ts';
import { overviewGet } from '../../server/contexts/ledger/operations.ts';
import { merchantList } from '../../server/contexts/merchant/operations.ts';
import {
  merchantOrgArchive,
  merchantOrgGet,
  merchantOrgRestore,
  merchantOrgUpdate,
} from '../../server/contexts/merchant-org/operations.ts';
import type { MerchantOrg } from '../../server/contexts/merchant-org/schemas.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { AuditFeed } from '../components/audit-feed.tsx';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { Checklist } from '../components/checklist.tsx';
import { ContactsCard } from '../components/contacts-card.tsx';
import { Empty } from '../components/empty.tsx';
import { Icon } from '../components/icon.tsx';
import { DoneNotice, Notice } from '../components/notice.tsx';
import { OverviewStats } from '../components/overview-stats.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PartyActions } from '../components/party-actions.tsx';
import { MerchantTable } from '../components/party-tables.tsx';
import { PeopleCard } from '../components/people-card.tsx';
import { CameFrom } from '../components/prospect-parts.tsx';
import { Instant } from '../components/time.tsx';
import { newFormKey } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { onboardAddress } from '../onboard-steps.ts';
import { checklistOf, checklistRights } from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';
import { actOnParty } from '../party-actions.ts';
import { partyPeople, partyTrail } from '../party-data.ts';
import { onlyPlace } from '../portal.ts';
import { prospectsOf } from '../prospect-data.ts';

export const meta = pageTitle<{ org: MerchantOrg }>(({ org }) => org.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const org = await context.run(merchantOrgGet, { id: idParam(params) });
  // Then all that one may read is the MerchantOrg's, and so are the figures.
  const isPortal = onlyPlace(context)?.org !== undefined;
  const [merchants, trail, checklist, overview, prospects, people] = await Promise.all([
    context.can('merchant:read') ? context.run(merchantList, { merchant_org_id: org.id, limit: 20 }) : null,
    partyTrail(context, 'merchant_org', org.id),
    checklistOf(context, org),
    isPortal && context.can('ledger:read') ? context.run(overviewGet, {}) : null,
    prospectsOf(context, { merchant_org_id: org.id }),
    partyPeople(context, { merchant_org_id: org.id, merchant_id: null }),
  ]);
  const may = {
    ...checklistRights(context),
    update: context.can('merchant_org:update'),
    suspend: context.can('merchant_org:suspend', WHOLE_TENANT),
    archive: context.can('merchant_org:archive'),
    addMerchant: context.can('merchant:create') && org.status !== 'closed',
  };
  return { org, merchants, people, ...trail, checklist, overview, prospects, isPortal, may, formKey: newFormKey() };
}

export function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const operations = { update: merchantOrgUpdate, archive: merchantOrgArchive, restore: merchantOrgRestore };
  return actOnParty(context, request, id, operations, `/merchant-orgs/${id}`);
}

export default function MerchantOrgDetail() {
  const { org, merchants, people, events, book, checklist, overview, prospects, isPortal, may, formKey } =
    useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice created={`${org.name} was added. Its businesses come next.`} saved="Your changes were saved." />
      <PageHeader
        title={org.name}
        crumbs={isPortal ? [] : [{ href: '/merchant-orgs', label: 'MerchantOrgs' }]}
        beside={<Badge status={org.status} />}
      >
        <Link className="button" to={`/merchant-orgs/${org.id}/settings`}>
          <Icon name="sliders" size={14} />
          Settings
        </Link>
        {may.update ? (
          <Link className="button" to={`/merchant-orgs/${org.id}/edit`}>
            <Icon name="pencil" size={14} />
            Edit
          </Link>
        ) : null}
        {may.addMerchant ? (
          <Link className="button button-primary" to={`/merchants/new?merchant_org_id=${org.id}`}>
            <Icon name="plus" size={14} />
            Add merchant
          </Link>
        ) : null}
      </PageHeader>
      {org.archived_at ? <Notice tone="warn">This MerchantOrg is archived.</Notice> : null}
      <div className="columns">
        <div className="stack">
          {overview ? <OverviewStats overview={overview} /> : null}
          {checklist ? (
            <Checklist
              {...{ checklist, may, formKey, state }}
              wizard={onboardAddress('/legal', { org: org.id, merchant: null })}
            />
          ) : null}
          {merchants ? <Merchants org={org} rows={merchants.data} hasMore={merchants.next_cursor !== null} /> : null}
          {events ? <AuditFeed title="History" events={events} more={`/audit?resource_id=${org.id}`} /> : null}
        </div>
        <aside className="stack">
          <Details {...{ org, book, prospects }} />
          {people ? <PeopleCard people={people} /> : null}
          <ContactsCard contacts={org.contacts} />
          <PartyActions kind="merchant_org" party={org} may={may} formKey={formKey} state={state} />
        </aside>
      </div>
    </>
  );
}

type DetailsProps = { org: MerchantOrg; book: Book | null; prospects: { id: string; name: string }[] };

function Details({ org, book, prospects }: DetailsProps) {
  return (
    <Card title="Details" padded>
      <Facts>
        {org.status_reason ? <Fact name="Reason of its status">{org.status_reason}</Fact> : null}
        <Fact name="Legal name">{org.legal_name}</Fact>
        <Fact name="Tax id">{org.tax_id}</Fact>
        <Fact name="Billing address">
          {org.billing_address ? <span className="address">{org.billing_address}</span> : null}
        </Fact>
        <Fact name="E-mail">{org.email ? <a href={`mailto:${org.email}`}>{org.email}</a> : null}</Fact>
        <Fact name="Phone">{org.phone}</Fact>
        <Fact name="Website">{org.website ? <a href={org.website}>{org.website}</a> : null}</Fact>
        <Fact name="Book">{book ? <Link to={`/accounts?book_id=${book.id}`}>{book.name}</Link> : null}</Fact>
        <CameFrom prospects={prospects} />
        <Fact name="Since">
          <Instant value={org.created_at} />
        </Fact>
      </Facts>
    </Card>
  );
}

type MerchantsProps = { org: MerchantOrg; rows: Parameters<typeof MerchantTable>[0]['rows']; hasMore: boolean };

function Merchants({ org, rows, hasMore }: MerchantsProps) {
  const all = hasMore ? <Link to={`/merchants?merchant_org_id=${org.id}`}>See all</Link> : null;
  return (
    <Card title="Merchants" action={all}>
      {rows.length > 0 ? (
        <MerchantTable rows={rows} />
      ) : (
        <Empty icon="store" title="No merchants yet">
          A merchant is one business of {org.name}: a salon, a clinic, a studio.
        </Empty>
      )}
    </Card>
  );
}
