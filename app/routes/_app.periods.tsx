import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData, useLocation } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { bookClose, bookReopen } from '../../server/contexts/account/operations.ts';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { periodClose, periodList, periodReadiness, periodReopen } from '../../server/contexts/period/operations.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { AuditFeed } from '../components/audit-feed.tsx';
import { BookChoice } from '../components/book-choice.tsx';
import { Card } from '../components/card.tsx';
import { LateItems } from '../components/late-items.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { BooksCard } from '../components/period-books.tsx';
import { PeriodCalendar } from '../components/period-calendar.tsx';
import { PeriodDetail } from '../components/period-detail.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { allBooks, chooseBook } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';
import { dayBefore, lateItems, monthOf, yearOf } from '../period-data.ts';

export const meta = pageTitle('Periods');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const books = await allBooks(context);
  const book = chooseBook(books, request);
  if (!book) throw new Response(null, { status: 404 });
  const calendar = await context.run(periodList, { book_id: book.id, year: yearOf(request) });
  const month = monthOf(request, calendar);
  const [readiness, late, events] = await Promise.all([
    month.status === 'closed' ? null : context.run(periodReadiness, { id: book.id, through: month.through }),
    context.can('transaction:read') ? lateItems(context, book.id) : null,
    context.can('audit:read', WHOLE_TENANT)
      ? context.run(auditList, { resource_type: 'book', resource_id: book.id, limit: 10 })
      : null,
  ]);
  return {
    books,
    book,
    calendar,
    month,
    readiness,
    late,
    events: events?.data ?? null,
    formKey: newFormKey(),
    may: {
      close: context.can('period:close'),
      reopen: context.can('period:reopen'),
      closeBook: context.can('book:close'),
      reopenBook: context.can('book:reopen'),
    },
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const url = new URL(request.url);
  const form = await request.formData();
  const values = readFields(form, ['intent', 'book_id', 'from', 'through', 'reason']);
  const { intent = '', book_id: id, reason } = values;
  const guards = formGuards(form);
  const submit = () => {
    if (intent === 'close') {
      const others = form.getAll('book_ids').filter((value) => typeof value === 'string');
      return context.submit(periodClose, { id, through: values.through, book_ids: others }, guards);
    }
    if (intent === 'reopen') {
      return context.submit(periodReopen, { id, through: dayBefore(values.from ?? ''), reason }, guards);
    }
    return context.submit(intent === 'close_book' ? bookClose : bookReopen, { id, reason }, guards);
  };
  const answer = await submit();
  if ('problem' in answer) return refused(answer.problem, values);
  url.searchParams.set('saved', intent);
  throw redirect(`/periods${url.search}`);
}

const DONE: Record<string, string> = {
  close: 'The period is closed. Nothing is dated in it any more.',
  reopen: 'The period is open again.',
  close_book: 'The books are closed.',
  reopen_book: 'The books are open again.',
};

export default function Periods() {
  const { books, book, calendar, month, readiness, late, events, formKey, may } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotices />
      <PageHeader title="Periods" lead={`The calendar of ${book.name}. A closed month takes no entries.`} />
      {books.length > 1 ? <BookChoice books={books} chosen={book} /> : null}
      <div className="columns">
        <div className="stack">
          <PeriodCalendar calendar={calendar} chosen={month} />
          <PeriodDetail
            key={month.month}
            book={book}
            others={books.filter(({ id, status }) => id !== book.id && status === 'open')}
            month={month}
            readiness={readiness}
            may={may}
            formKey={formKey}
            state={state}
          />
          {late ? <LateItems items={late} bookId={book.id} /> : null}
        </div>
        <aside className="stack">
          <BooksCard book={book} may={may} formKey={formKey} state={state} />
          {events ? (
            <AuditFeed title="History" events={events} more={`/audit?resource_type=book&resource_id=${book.id}`} />
          ) : (
            <Card title="History" padded>
              <p className="faint">The audit log is not open to you.</p>
            </Card>
          )}
        </aside>
      </div>
    </>
  );
}

function DoneNotices() {
  const { search } = useLocation();
  const done = DONE[new URLSearchParams(search).get('saved') ?? ''];
  return done ? <DoneNotice saved={done} /> : null;
}
