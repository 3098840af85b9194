import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { type AppLoadContext, redirect } from '@remix-run/server-runtime';
import { transactionCreate } from '../../server/contexts/transaction/operations.ts';
import type { Problem } from '../../server/operations/errors.ts';
import { BookChoice } from '../components/book-choice.tsx';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { EntryForm } from '../components/entry-form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { dateIn } from '../dates.ts';
import { entryLines, errorsByRow, readEntry, withAnotherRow, withoutRow } from '../entry.ts';
import { type FormState, formGuards, newFormKey, refused } from '../forms.ts';
import { allAccounts, allBooks, chooseBook } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('New entry');

async function openAccounts(context: AppLoadContext, bookId: string) {
  const accounts = await allAccounts(context, bookId);
  return accounts
    .filter((account) => account.status === 'open')
    .map(({ id, code, name, type, currency }) => ({ id, code, name, type, currency }));
}

export async function loader({ context, request }: LoaderFunctionArgs) {
  const books = await allBooks(context);
  const book = chooseBook(books, request);
  return {
    formKey: newFormKey(),
    books,
    book,
    accounts: book ? await openAccounts(context, book.id) : [],
    today: dateIn(context.tenant.time_zone, new Date()),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readEntry(form);
  const intent = String(form.get('intent') ?? 'post');
  const unsent = (changed: typeof values): FormState => ({ problem: null, values: changed, key: newFormKey() });
  if (intent === 'add-row') return unsent(withAnotherRow(values));
  const [, removed] = /^remove-(\d{1,3})$/.exec(intent) ?? [];
  if (removed) return unsent(withoutRow(values, Number(removed)));

  const book = chooseBook(await allBooks(context), request);
  const accounts = book ? await openAccounts(context, book.id) : [];
  const { lines, rows, errors } = entryLines(values, accounts, context.tenant.locale);
  if (Object.keys(errors).length > 0) return refused(invalidRows(errors, context.requestId), values);
  const { description, effective_date, external_id } = values;
  const input = { description, lines, effective_date: effective_date || null, external_id: external_id || null };
  const answer = await context.submit(transactionCreate, input, formGuards(form));
  if ('data' in answer) throw redirect(`/transactions/${answer.data.id}?created=1`);
  const { problem } = answer;
  return refused({ ...problem, errors: errorsByRow(problem.errors ?? {}, lines, rows) }, values);
}

/** What was typed is not yet an amount or an account, so that no operation could be asked. */
function invalidRows(errors: Record<string, string[]>, requestId: string): Problem {
  const words = { title: 'Some lines need another look', detail: 'See the lines below.' };
  return { type: 'about:blank', status: 422, code: 'invalid', request_id: requestId, errors, ...words };
}

export default function NewTransaction() {
  const { formKey, books, book, accounts, today } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        title="New entry"
        lead="Money never appears or vanishes: what you debit on one side, you credit on the other."
        crumbs={[{ href: '/transactions', label: 'Transactions' }]}
      />
      <div className="stack">
        {books.length > 1 ? <BookChoice books={books} chosen={book} /> : null}
        {accounts.length < 2 ? (
          <Card>
            <Empty icon="book" title="This book has too few accounts">
              An entry needs two.{' '}
              <Link to={`/accounts?book_id=${book?.id ?? ''}`}>Add them to the chart of accounts</Link>.
            </Empty>
          </Card>
        ) : (
          <Card padded>
            <EntryForm
              key={state?.key ?? book?.id}
              accounts={accounts}
              state={state}
              values={{ effective_date: today }}
              formKey={formKey}
            />
          </Card>
        )}
      </div>
    </>
  );
}
