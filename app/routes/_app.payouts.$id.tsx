import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { payoutCancel, payoutFail, payoutGet, payoutSettle } from '../../server/contexts/payout/operations.ts';
import type { Payout } from '../../server/contexts/payout/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { JournalTable } from '../components/journal-table.tsx';
import { Money } from '../components/money.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PayoutActions } from '../components/payout-actions.tsx';
import { PayoutTimeline } from '../components/payout-timeline.tsx';
import { CalendarDate, Instant } from '../components/time.tsx';
import { emptyAsNull, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { resourcePath } from '../labels.ts';
import { accountsById, allBooks } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ payout: Payout }>(({ payout }) => payout.description);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const payout = await context.run(payoutGet, { id: idParam(params) });
  const journals = payout.transactions.flatMap((transaction) => transaction.journals);
  const bookId = journals[0]?.book_id;
  const mayReadAccounts = bookId !== undefined && context.can('account:read');
  const [books, accounts] = await Promise.all([
    mayReadAccounts ? allBooks(context) : [],
    mayReadAccounts ? accountsById(context, [bookId]) : {},
  ]);
  return {
    payout,
    journals: journals.sort((left, right) => (left.recorded_at < right.recorded_at ? -1 : 1)),
    bookName: books.find(({ id }) => id === bookId)?.name ?? payout.party.name,
    accounts,
    formKey: newFormKey(),
    may: { settle: context.can('payout:settle'), cancel: context.can('payout:cancel') },
  };
}

const OPERATIONS = { settle: payoutSettle, fail: payoutFail, cancel: payoutCancel };

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const { intent = '', ...values } = readFields(form, ['intent', 'effective_date', 'reason']);
  if (!Object.hasOwn(OPERATIONS, intent)) throw new Response(null, { status: 400 });
  const name = intent as keyof typeof OPERATIONS;
  const { effective_date, reason } = emptyAsNull(values, name === 'fail' ? ['reason'] : []);
  const input = { settle: { id, effective_date }, fail: { id, effective_date, reason }, cancel: { id, reason } }[name];
  const answer = await context.submit<unknown, unknown>(OPERATIONS[name], input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, { ...values, intent });
  throw redirect(`/payouts/${id}?saved=1`);
}

export default function PayoutDetail() {
  const { payout, journals, bookName, accounts, formKey, may } = useLoaderData<typeof loader>();
  return (
    <>
      <DoneNotice
        created={
          payout.state === 'scheduled' ? 'The payout is scheduled and its money held.' : 'The payout is on its way.'
        }
        saved="The ledger says so now."
      />
      <PageHeader
        title={payout.description}
        crumbs={[{ href: '/payouts', label: 'Payouts' }]}
        beside={<Badge status={payout.state} />}
      />
      <div className="columns">
        <div className="stack">
          <PayoutActions payout={payout} may={may} formKey={formKey} state={useActionData<typeof action>()} />
          <Card title="Timeline" padded>
            <PayoutTimeline payout={payout} />
          </Card>
          {journals.map((journal) => (
            <JournalTable key={journal.id} journal={journal} bookName={bookName} accounts={accounts} />
          ))}
        </div>
        <aside>
          <Card title="Details" padded>
            <PayoutFacts payout={payout} />
          </Card>
        </aside>
      </div>
    </>
  );
}

function PayoutFacts({ payout }: { payout: Payout }) {
  const { party, reason, ended_at } = payout;
  return (
    <Facts>
      <Fact name="Amount">
        <Money {...payout.amount} />
      </Fact>
      <Fact name="To">
        <Link to={resourcePath(party.type, party.id) ?? '/payouts'}>{party.name}</Link>
      </Fact>
      <Fact name="Destination">{payout.destination}</Fact>
      <Fact name="Day">
        <CalendarDate value={payout.effective_date} />
      </Fact>
      <Fact name="Recorded">
        <Instant value={payout.recorded_at} exact />
      </Fact>
      {ended_at ? (
        <Fact name="Ended">
          <Instant value={ended_at} exact />
        </Fact>
      ) : null}
      {reason ? <Fact name="Reason">{reason}</Fact> : null}
      <Fact name="External id">{payout.external_id}</Fact>
      <Fact name="Transaction">
        <Link to={`/transactions/${payout.id}`}>{payout.description}</Link>
      </Fact>
    </Facts>
  );
}
