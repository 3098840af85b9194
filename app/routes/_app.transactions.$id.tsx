import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { type AppLoadContext, redirect } from '@remix-run/server-runtime';
import { auditList } from '../../server/contexts/audit/operations.ts';
import {
  transactionGet,
  transactionPost,
  transactionReverse,
  transactionVoid,
} from '../../server/contexts/transaction/operations.ts';
import type { Transaction } from '../../server/contexts/transaction/schemas.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { AuditFeed } from '../components/audit-feed.tsx';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { JournalTable } from '../components/journal-table.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TransactionActions } from '../components/transaction-actions.tsx';
import { TransactionFacts } from '../components/transaction-facts.tsx';
import { TransactionTimeline } from '../components/transaction-timeline.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { accountsById, allBooks } from '../ledger-data.ts';
import { parseAmount } from '../money.ts';
import { pageTitle } from '../page-title.ts';
import { partyName } from '../party-data.ts';
import { heldCurrency, stepsOf } from '../transaction-steps.ts';

export const meta = pageTitle<{ transaction: Transaction }>(({ transaction }) => transaction.description);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const transaction = await context.run(transactionGet, { id: idParam(params) });
  const bookIds = transaction.journals.map((journal) => journal.book_id);
  const mayReadAccounts = context.can('account:read');
  const [books, accounts, fromName, toName, events] = await Promise.all([
    mayReadAccounts ? allBooks(context) : [],
    mayReadAccounts ? accountsById(context, bookIds) : {},
    partyName(context, transaction.from),
    partyName(context, transaction.to),
    context.can('audit:read', WHOLE_TENANT)
      ? context.run(auditList, { resource_type: 'transaction', resource_id: transaction.id, limit: 10 })
      : null,
  ]);
  const bookNames = Object.fromEntries(
    books.filter(({ id }) => bookIds.includes(id)).map(({ id, name }) => [id, name]),
  );
  return {
    transaction,
    bookNames,
    accounts,
    names: { from: fromName, to: toName },
    events: events?.data ?? null,
    formKey: newFormKey(),
    may: { post: context.can('transaction:post'), reverse: context.can('transaction:reverse') },
  };
}

type Values = Record<string, string>;

/** The step that the form asks for. The amount of a part is typed as people write it. */
async function takeStep(context: AppLoadContext, id: string, values: Values, form: FormData) {
  const { intent, effective_date, on_closed_period } = values;
  const [reason, date] = [values.reason || null, effective_date || null];
  const late = on_closed_period === 'next_open' ? ({ on_closed_period: 'next_open' } as const) : {};
  const guards = formGuards(form);
  if (intent === 'void') return context.submit(transactionVoid, { id, reason }, guards);
  if (intent === 'reverse') {
    return context.submit(
      transactionReverse,
      { id, reason: values.reason ?? '', effective_date: date, ...late },
      guards,
    );
  }
  if (intent !== 'post') throw new Response(null, { status: 400 });
  const amount = await typedAmount(context, id, values.amount ?? '');
  if (amount && 'error' in amount) {
    const words = { title: 'Some fields need another value', detail: amount.error };
    const problem = { type: 'about:blank', status: 422, code: 'invalid', request_id: context.requestId, ...words };
    return { problem: { ...problem, errors: { amount: [amount.error] } } };
  }
  const part = amount ? { amount: Number(amount.amount) } : {};
  return context.submit(transactionPost, { id, ...part, effective_date: date, ...late }, guards);
}

async function typedAmount(context: AppLoadContext, id: string, typed: string) {
  if (typed === '') return null;
  const currency = heldCurrency(await context.run(transactionGet, { id }));
  return currency
    ? parseAmount(typed, currency, context.tenant.locale)
    : { error: 'is told in one currency, and this is held in several' };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFields(form, ['intent', 'amount', 'reason', 'effective_date', 'on_closed_period']);
  const answer = await takeStep(context, id, values, form);
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/transactions/${id}?saved=1`);
}

export default function TransactionDetail() {
  const { transaction, names, events, formKey, may } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const currency = heldCurrency(transaction);
  const isHeld = transaction.status === 'pending';
  return (
    <>
      <DoneNotice
        created={
          isHeld
            ? 'The entry is held until it is posted or voided.'
            : 'The entry was posted. Both its sides are in the books.'
        }
        saved="Done. The journals below say what it did."
      />
      <PageHeader
        title={transaction.description}
        crumbs={[{ href: '/transactions', label: 'Transactions' }]}
        beside={<Badge status={transaction.status} />}
      >
        <Link className="button" to={`/transactions/${transaction.id}/trace`}>
          Trace
        </Link>
      </PageHeader>
      <div className="stack">
        <TransactionActions transaction={transaction} currency={currency} may={may} formKey={formKey} state={state} />
        <Journals />
        <div className="columns">
          <div className="stack">
            <Card title="Timeline" padded>
              <TransactionTimeline transaction={transaction} currency={currency} />
            </Card>
            {events && events.length > 0 ? <AuditFeed title="History" events={events} /> : null}
          </div>
          <aside>
            <Card title="Details" padded>
              <TransactionFacts transaction={transaction} names={names} />
            </Card>
          </aside>
        </div>
      </div>
    </>
  );
}

/** The latest step first, books side by side. */
function Journals() {
  const { transaction, bookNames, accounts } = useLoaderData<typeof loader>();
  const journals = stepsOf(transaction)
    .reverse()
    .flatMap((step) => step.journals);
  return (
    <div className="journals">
      {journals.map((journal) => (
        <JournalTable
          key={journal.id}
          journal={journal}
          bookName={bookNames[journal.book_id] ?? 'Book'}
          accounts={accounts}
        />
      ))}
    </div>
  );
}
