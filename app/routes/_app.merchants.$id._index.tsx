import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import type { Book } from '../../server/contexts/account/schemas.ts';
import {
  merchantArchive,
  merchantGet,
  merchantRestore,
  merchantUpdate,
} from '../../server/contexts/merchant/operations.ts';
import type { Merchant } from '../../server/contexts/merchant/schemas.ts';
import type { MerchantOrg } from '../../server/contexts/merchant-org/schemas.ts';
import { transactionList } from '../../server/contexts/transaction/operations.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { AuditFeed } from '../components/audit-feed.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { Checklist } from '../components/checklist.tsx';
import { ContactsCard } from '../components/contacts-card.tsx';
import { Empty } from '../components/empty.tsx';
import { HoursText } from '../components/hours-text.tsx';
import { DoneNotice, Notice } from '../components/notice.tsx';
import { PartyActions } from '../components/party-actions.tsx';
import { PeopleCard } from '../components/people-card.tsx';
import { CameFrom } from '../components/prospect-parts.tsx';
import { Instant } from '../components/time.tsx';
import { TransactionTable } from '../components/transaction-table.tsx';
import { WaitingTransfer } from '../components/waiting-transfer.tsx';
import { OtherZone } from '../components/zoned-time.tsx';
import { newFormKey } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { humanize } from '../labels.ts';
import { withOwners } from '../ledger-data.ts';
import { onboardAddress } from '../onboard-steps.ts';
import { checklistOf, checklistRights } from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';
import { actOnParty } from '../party-actions.ts';
import { partyPeople, partyTrail, readableOrg } from '../party-data.ts';
import { prospectsOf } from '../prospect-data.ts';
import { waitingTransfer } from '../transfer-data.ts';

export const meta = pageTitle<{ merchant: Merchant }>(({ merchant }) => merchant.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const merchant = await context.run(merchantGet, { id: idParam(params) });
  const [org, trail, checklist, transfer, prospects, people] = await Promise.all([
    readableOrg(context, merchant.merchant_org_id),
    partyTrail(context, 'merchant', merchant.id),
    checklistOf(context, merchant),
    waitingTransfer(context, merchant.id),
    prospectsOf(context, { merchant_id: merchant.id }),
    partyPeople(context, { merchant_org_id: merchant.merchant_org_id, merchant_id: merchant.id }),
  ]);
  const bookId = context.can('transaction:read') ? trail.book?.id : undefined;
  const transactions = bookId ? await context.run(transactionList, { book_id: bookId, limit: 8 }) : null;
  return {
    merchant,
    org,
    people,
    ...trail,
    checklist,
    transfer,
    prospects,
    transactions: transactions ? await withOwners(context, transactions.data, bookId) : null,
    may: {
      ...checklistRights(context),
      update: context.can('merchant:update'),
      suspend: context.can('merchant:suspend', WHOLE_TENANT),
      archive: context.can('merchant:archive'),
      seeTransfers: context.can('merchant_transfer:read', WHOLE_TENANT),
    },
    formKey: newFormKey(),
  };
}

export function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const operations = { update: merchantUpdate, archive: merchantArchive, restore: merchantRestore };
  return actOnParty(context, request, id, operations, `/merchants/${id}`);
}

export default function MerchantDetail() {
  const { merchant, org, people, events, book, transactions, checklist, transfer, prospects, may, formKey } =
    useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice created={`${merchant.name} was added, with books of its own.`} saved="Your changes were saved." />
      {merchant.archived_at ? <Notice tone="warn">This merchant is archived.</Notice> : null}
      {transfer ? <WaitingTransfer transfer={transfer} /> : null}
      <div className="columns">
        <div className="stack">
          {checklist ? (
            <Checklist
              {...{ checklist, may, formKey, state }}
              wizard={onboardAddress('/review', { org: null, merchant: merchant.id })}
            />
          ) : null}
          {transactions && book ? <Transactions rows={transactions} bookId={book.id} /> : null}
          {events ? <AuditFeed title="History" events={events} more={`/audit?resource_id=${merchant.id}`} /> : null}
        </div>
        <aside className="stack">
          <Details {...{ merchant, org, book, prospects }} maySeeTransfers={may.seeTransfers} />
          {people ? <PeopleCard people={people} /> : null}
          <ContactsCard contacts={merchant.contacts} />
          <PartyActions kind="merchant" party={merchant} may={may} formKey={formKey} state={state} />
        </aside>
      </div>
    </>
  );
}

type DetailsProps = {
  merchant: Merchant;
  org: MerchantOrg | null;
  book: Book | null;
  prospects: { id: string; name: string }[];
  maySeeTransfers: boolean;
};

function Details({ merchant, org, book, prospects, maySeeTransfers }: DetailsProps) {
  return (
    <Card title="Details" padded>
      <Facts>
        <Fact name="MerchantOrg">{org ? <Link to={`/merchant-orgs/${org.id}`}>{org.name}</Link> : null}</Fact>
        {maySeeTransfers ? (
          <Fact name="Ownership">
            <Link to={`/merchant-transfers?merchant_id=${merchant.id}`}>Whose it was, and when</Link>
          </Fact>
        ) : null}
        {merchant.status_reason ? <Fact name="Reason of its status">{merchant.status_reason}</Fact> : null}
        <Fact name="Public name">{merchant.public_name}</Fact>
        <Fact name="Vertical">{humanize(merchant.vertical)}</Fact>
        <Fact name="E-mail">{merchant.email ? <a href={`mailto:${merchant.email}`}>{merchant.email}</a> : null}</Fact>
        <Fact name="Phone">{merchant.phone}</Fact>
        <Fact name="Website">{merchant.website ? <a href={merchant.website}>{merchant.website}</a> : null}</Fact>
        <Fact name="Description">{merchant.description}</Fact>
        <Fact name="Opening hours">
          {merchant.hours.length > 0 ? (
            <>
              <HoursText hours={merchant.hours} />
              <OtherZone timeZone={merchant.time_zone} />
            </>
          ) : null}
        </Fact>
        <Fact name="Currency">{merchant.currency}</Fact>
        <Fact name="Time zone">{merchant.time_zone}</Fact>
        <Fact name="Book">{book ? <Link to={`/accounts?book_id=${book.id}`}>{book.name}</Link> : null}</Fact>
        <CameFrom prospects={prospects} />
        <Fact name="Since">
          <Instant value={merchant.created_at} />
        </Fact>
      </Facts>
    </Card>
  );
}

type TransactionsProps = { rows: Parameters<typeof TransactionTable>[0]['rows']; bookId: string };

function Transactions({ rows, bookId }: TransactionsProps) {
  return (
    <Card
      title="Transactions"
      action={rows.length > 0 ? <Link to={`/transactions?book_id=${bookId}`}>See all</Link> : null}
    >
      {rows.length > 0 ? (
        <TransactionTable rows={rows} label="Transactions" />
      ) : (
        <Empty icon="arrows" title="No transactions yet">
          Its books are open and empty.
        </Empty>
      )}
    </Card>
  );
}
