import type { Book } from '../../server/contexts/account/schemas.ts';
import type { Period, Readiness } from '../../server/contexts/period/schemas.ts';
import { formatMonth } from '../dates.ts';
import type { FormState } from '../forms.ts';
import { Badge } from './badge.tsx';
import { Card, Fact, Facts } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { TextField } from './field.tsx';
import { PeriodChecks } from './period-checks.tsx';
import { Instant } from './time.tsx';
import { useTenant } from './use-tenant.ts';

const LABELS = { reason: 'Reason', through: 'The month' };

type Props = {
  book: Book;
  /** Books that could close the same month with it. */
  others: Book[];
  month: Period;
  readiness: Readiness | null;
  may: { close: boolean; reopen: boolean };
  formKey: string;
  state: FormState | undefined;
};

/** One month: what stands in the way of closing it, or who closed it, and the step to take. */
export function PeriodDetail({ book, others, month, readiness, may, formKey, state }: Props) {
  const form = { formKey: formKey + month.month, state, labels: LABELS };
  return (
    <Card title={formatMonth(month.from, useTenant().locale)} action={<Verdict month={month} readiness={readiness} />}>
      {month.status === 'closed' ? <Closed month={month} /> : <Reopened month={month} />}
      {readiness ? <PeriodChecks checks={readiness.checks} /> : null}
      {readiness?.is_ready && may.close ? (
        <ChoiceForm {...form} intent="close" title="Close this month" button="Close the month">
          <input type="hidden" name="book_id" value={book.id} />
          <input type="hidden" name="through" value={month.through} />
          <p>Nothing will be dated in it any more. Somebody else than you can reopen it.</p>
          {others.length > 0 ? <OtherBooks books={others} /> : null}
        </ChoiceForm>
      ) : null}
      {month.status === 'closed' && may.reopen ? (
        <ChoiceForm {...form} intent="reopen" title="Reopen this month" button="Reopen the month">
          <input type="hidden" name="book_id" value={book.id} />
          <input type="hidden" name="from" value={month.from} />
          <p>Every later month opens with it. This takes another person than the one who closed them.</p>
          <TextField name="reason" label="Reason" maxLength={500} required />
        </ChoiceForm>
      ) : null}
    </Card>
  );
}

function Verdict({ month, readiness }: Pick<Props, 'month' | 'readiness'>) {
  if (!readiness) return <Badge status={month.status} />;
  return readiness.is_ready ? (
    <Badge status="ready" label="Ready to close" />
  ) : (
    <Badge status="unready" label="Not ready" />
  );
}

function Closed({ month }: { month: Period }) {
  return (
    <div className="card-body facts-beside">
      <Facts>
        <Fact name="Closed by">{month.closed_by}</Fact>
        <Fact name="Closed">{month.closed_at ? <Instant value={month.closed_at} /> : null}</Fact>
        <Fact name="Late items">{month.late_items > 0 ? String(month.late_items) : 'None'}</Fact>
      </Facts>
    </div>
  );
}

function Reopened({ month }: { month: Period }) {
  if (!month.reopened_at) return null;
  return (
    <div className="card-body">
      <p>
        Reopened by {month.reopened_by}, <Instant value={month.reopened_at} />: {month.reopen_reason}
      </p>
    </div>
  );
}

/** Months of several books close together or not at all. */
function OtherBooks({ books }: { books: Book[] }) {
  return (
    <fieldset className="ticks">
      <legend>Close it for other books too</legend>
      <div className="ticks-list">
        {books.map((book) => (
          <label key={book.id}>
            <input type="checkbox" name="book_ids" value={book.id} />
            {book.name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
