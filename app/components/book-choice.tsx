import { Form } from '@remix-run/react';
import type { Book } from '../../server/contexts/account/schemas.ts';
import { bookChoices } from '../book-choices.ts';
import { Options } from './options.tsx';

/** Which party's books a page is about. */
export function BookChoice({ books, chosen }: { books: Book[]; chosen: Book | null }) {
  return (
    <Form method="get" className="filters" aria-label="Choose a book">
      <div className="filter filter-search">
        <label htmlFor="book-choice">Book</label>
        <select id="book-choice" name="book_id" className="control" defaultValue={chosen?.id} key={chosen?.id}>
          <Options choices={bookChoices(books)} />
        </select>
      </div>
      <button type="submit" className="button">
        Open
      </button>
    </Form>
  );
}
