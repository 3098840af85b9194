import type { Book } from '../../server/contexts/account/schemas.ts';
import { bookChoices } from '../book-choices.ts';
import { Card } from './card.tsx';
import { Icon } from './icon.tsx';
import { Options } from './options.tsx';

const FORMATS = [
  ['csv', 'CSV, one row per line'],
  ['jsonl', 'JSON Lines, one journal per line'],
  ['hledger', 'hledger journal'],
] as const;

/** Downloads of journals. A plain form: it works without JavaScript, and leaves the page where it is. */
export function LedgerExport({ books, mayBundle }: { books: Book[]; mayBundle: boolean }) {
  return (
    <Card title="Take it with you" padded>
      <form method="get" action="/integrity/export" className="export-form" aria-label="Export the ledger">
        <div className="filter">
          <label htmlFor="export-format">Format</label>
          <select id="export-format" name="format" className="control" defaultValue="csv">
            {FORMATS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <div className="filter">
          <label htmlFor="export-book">Book</label>
          <select id="export-book" name="book_id" className="control" defaultValue="">
            <option value="">All books</option>
            <Options choices={bookChoices(books)} />
          </select>
        </div>
        <div className="filter">
          <label htmlFor="export-from">Effective from</label>
          <input id="export-from" name="from" type="date" className="control" min="1900-01-01" max="9999-12-31" />
        </div>
        <div className="filter">
          <label htmlFor="export-to">Effective to</label>
          <input id="export-to" name="to" type="date" className="control" min="1900-01-01" max="9999-12-31" />
        </div>
        <button type="submit" className="button">
          <Icon name="download" size={14} />
          Download
        </button>
      </form>
      {mayBundle ? (
        <div className="export-bundle">
          <p className="soft">
            The bundle holds the seal and all that it was made from, the audit trail included. Whoever has it can verify
            the ledger without this system, with Node alone: <code>node verify-ledger.ts bundle.jsonl</code>
          </p>
          <a className="button" href="/api/ledger/export?format=bundle" download>
            <Icon name="lock" size={14} />
            Download the bundle
          </a>
        </div>
      ) : null}
    </Card>
  );
}
