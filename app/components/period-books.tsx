import type { Book } from '../../server/contexts/account/schemas.ts';
import type { FormState } from '../forms.ts';
import { Badge } from './badge.tsx';
import { Card, Fact, Facts } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { TextField } from './field.tsx';
import { CalendarDate } from './time.tsx';

type Props = {
  book: Book;
  may: { closeBook: boolean; reopenBook: boolean };
  formKey: string;
  state: FormState | undefined;
};

const LABELS = { reason: 'Reason' };

/** The state of a set of books, and the step to close it for good. */
export function BooksCard({ book, may, formKey, state }: Props) {
  const isOpen = book.status === 'open';
  const isOffered = book.party_type !== 'tenant' && (isOpen ? may.closeBook : may.reopenBook);
  return (
    <Card title="The books" action={<Badge status={book.status} />}>
      <div className="card-body">
        <Facts>
          <Fact name="Closed through">
            {book.closed_through ? <CalendarDate value={book.closed_through} /> : 'No month yet'}
          </Fact>
          <Fact name="Currency">{book.currency}</Fact>
        </Facts>
      </div>
      {isOffered ? (
        <ChoiceForm
          intent={isOpen ? 'close_book' : 'reopen_book'}
          title={isOpen ? 'Close these books' : 'Reopen these books'}
          button={isOpen ? 'Close the books' : 'Reopen the books'}
          formKey={formKey}
          state={state}
          labels={LABELS}
        >
          <input type="hidden" name="book_id" value={book.id} />
          {isOpen ? (
            <p>When the party owns nothing, owes nothing and nothing is pending, it takes no more entries.</p>
          ) : null}
          <TextField name="reason" label="Reason" maxLength={500} required />
        </ChoiceForm>
      ) : null}
    </Card>
  );
}
