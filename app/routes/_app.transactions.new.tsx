import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { type AppLoadContext, data, redirect } from '@remix-run/server-runtime';
import { transactionCreate, transactionPreview } from '../../server/contexts/transaction/operations.ts';
import type { TransactionPreview } from '../../server/contexts/transaction/schemas.ts';
import type { Problem } from '../../server/operations/errors.ts';
import { bookChoices } from '../book-choices.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { EntryForm } from '../components/entry-form.tsx';
import { EntryPreview } from '../components/entry-preview.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TypedEntryForm } from '../components/typed-entry-form.tsx';
import { dateIn } from '../dates.ts';
import { type EntryAccount, readEntry, withAnotherRow, withoutRow } from '../entry.ts';
import { booksNamed, entryAccounts, entryEnds, entryInput } from '../entry-data.ts';
import { type FormState, type FormValues, formGuards, newFormKey } from '../forms.ts';
import { allBooks, chooseBook } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('New entry');

/** By type unless lines are asked for, or the other way round for those who may post lines. */
function isTypedEntry(context: AppLoadContext, request: Request): boolean {
  const mode = new URL(request.url).searchParams.get('mode');
  return mode === 'typed' || !context.can('transaction:post_raw');
}

export async function loader({ context, request }: LoaderFunctionArgs) {
  const books = await allBooks(context);
  const book = chooseBook(books, request);
  const accounts = book ? await entryAccounts(context, [book]) : [];
  const { currency, time_zone } = context.tenant;
  return {
    formKey: newFormKey(),
    isTyped: isTypedEntry(context, request),
    mayRaw: context.can('transaction:post_raw'),
    book,
    books: bookChoices(books),
    accounts,
    ends: entryEnds(books, accounts),
    start: { effective_date: dateIn(time_zone, new Date()), currency, books: book?.id ?? '' },
  };
}

type EntryState = FormState & { accounts: EntryAccount[]; preview: TransactionPreview | null };

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const typed = readEntry(form);
  const intent = String(form.get('intent') ?? 'post');
  const all = await allBooks(context);
  const added = intent === 'add-book' ? `,${String(form.get('add_book') ?? '')}` : '';
  const named = booksNamed(all, `${typed.books ?? ''}${added}`);
  const chosen = chooseBook(all, request);
  const books = named.length > 0 || !chosen ? named : [chosen];
  const values: FormValues = { ...typed, books: books.map(({ id }) => id).join(',') };
  const accounts = await entryAccounts(context, books);
  const again = (changed: FormValues, problem: Problem | null = null, preview: TransactionPreview | null = null) => {
    const state: EntryState = { problem, values: changed, key: newFormKey(), accounts, preview };
    return data(state, { status: problem?.status ?? 200 });
  };
  if (intent === 'add-book') return again(values);
  if (intent === 'add-row') return again(withAnotherRow(values));
  const [, removed] = /^remove-(\d{1,3})$/.exec(intent) ?? [];
  if (removed) return again(withoutRow(values, Number(removed)));

  const { input, errors, told } = entryInput(context, values, accounts, isTypedEntry(context, request));
  if (Object.keys(errors).length > 0) return again(values, unreadable(errors, context.requestId));
  if (intent === 'preview') {
    const answer = await context.submit(transactionPreview, input);
    return 'data' in answer ? again(values, null, answer.data) : again(values, explained(answer.problem, told));
  }
  const answer = await context.submit(transactionCreate, input, formGuards(form));
  if ('data' in answer) throw redirect(`/transactions/${answer.data.id}?created=1`);
  return again(values, explained(answer.problem, told));
}

/** What was typed is not yet an amount or an account, so that no operation could be asked. */
function unreadable(errors: Record<string, string[]>, requestId: string): Problem {
  const words = { title: 'Some fields need another look', detail: 'See the fields below.' };
  return { type: 'about:blank', status: 422, code: 'invalid', request_id: requestId, errors, ...words };
}

/** By the fields of the form; a rule that refuses says why. */
function explained(problem: Problem, told: (errors: Record<string, string[]>) => Record<string, string[]>): Problem {
  const { reason } = problem;
  const words = typeof reason === 'string' ? `${reason[0]?.toUpperCase()}${reason.slice(1)}.` : problem.detail;
  return { ...problem, detail: words, errors: told(problem.errors ?? {}) };
}

export default function NewTransaction() {
  const { formKey, isTyped, mayRaw, book, books, accounts: loaded, ends, start } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>() as EntryState | undefined;
  const accounts = state?.accounts ?? loaded;
  const taken = (state?.values.books ?? start.books).split(',');
  const common = { state, values: start, formKey };
  const key = state?.key ?? `${isTyped} ${book?.id}`;
  return (
    <>
      <PageHeader
        title="New entry"
        lead="Money never appears or vanishes: what you debit on one side, you credit on the other."
        crumbs={[{ href: '/transactions', label: 'Transactions' }]}
      />
      {mayRaw ? <Tabs isTyped={isTyped} bookId={book?.id ?? ''} /> : null}
      <div className="stack">
        {!isTyped && accounts.length < 2 ? (
          <Card>
            <Empty icon="book" title="This book has too few accounts">
              An entry needs two.{' '}
              <Link to={`/accounts?book_id=${book?.id ?? ''}`}>Add them to the chart of accounts</Link>.
            </Empty>
          </Card>
        ) : (
          <Card padded>
            {isTyped ? (
              <TypedEntryForm key={key} ends={ends} {...common} />
            ) : (
              <EntryForm
                key={key}
                accounts={accounts}
                books={books.filter(({ value }) => !taken.includes(value))}
                {...common}
              />
            )}
          </Card>
        )}
        {state?.preview ? <EntryPreview preview={state.preview} /> : null}
      </div>
    </>
  );
}

function Tabs({ isTyped, bookId }: { isTyped: boolean; bookId: string }) {
  const tabs = [
    { to: `/transactions/new?book_id=${bookId}`, label: 'By lines', isCurrent: !isTyped },
    { to: `/transactions/new?mode=typed&book_id=${bookId}`, label: 'By type', isCurrent: isTyped },
  ];
  return (
    <nav className="report-tabs" aria-label="How to enter it">
      {tabs.map(({ to, label, isCurrent }) => (
        <Link key={label} to={to} aria-current={isCurrent ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
