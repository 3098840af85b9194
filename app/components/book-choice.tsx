import { Form } from '@remix-run/react';
import type { Book } from '../../server/contexts/account/schemas.ts';

/** Which party's books a page is about. */
export function BookChoice({ books, chosen }: { books: Book[]; chosen: Book | null }) {
  return (
    <Form method="get" className="filters" aria-label="Choose a book">
      <div className="filter filter-search">
        <label htmlFor="book-choice">Book</label>
        <select id="book-choice" name="book_id" className="control" defaultValue={chosen?.id} key={chosen?.id}>
          {books.map((book) => (
            <option key={book.id} value={book.id}>
              {book.name}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" className="button">
        Open
      </button>
    </Form>
  );
}
