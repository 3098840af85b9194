import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { ledgerIntegrity } from '../../server/contexts/ledger/operations.ts';
import type { Integrity } from '../../server/contexts/ledger/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { Icon } from '../components/icon.tsx';
import { Amount } from '../components/money.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TableScroll } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Integrity');

export async function loader({ context }: LoaderFunctionArgs) {
  return { integrity: await context.run(ledgerIntegrity, {}), checkedAt: new Date().toISOString() };
}

export default function IntegrityPage() {
  const { integrity, checkedAt } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Integrity" lead="Every line of every book, added up on each side, just now." />
      <div className="stack">
        <Verdict integrity={integrity} checkedAt={checkedAt} />
        <Card title="Books">
          <Sides books={integrity.books} />
        </Card>
        <Card title="Seal" padded>
          <Seal seal={integrity.seal} />
        </Card>
      </div>
    </>
  );
}

function Verdict({ integrity, checkedAt }: { integrity: Integrity; checkedAt: string }) {
  const off = integrity.books.filter((book) => book.difference !== 0);
  const text = integrity.balanced
    ? 'In every book and currency, debits equal credits.'
    : `${off.length === 1 ? 'One book is' : `${off.length} books are`} off. Stop posting there and find the entry that is missing a side.`;
  return (
    <div className={`verdict verdict-${integrity.balanced ? 'good' : 'bad'}`}>
      <Icon name={integrity.balanced ? 'check' : 'alert'} size={32} />
      <div>
        <h2>{integrity.balanced ? 'The books balance' : 'The books do not balance'}</h2>
        <p>
          {text} Checked <Instant value={checkedAt} exact />.
        </p>
      </div>
    </div>
  );
}

function Sides({ books }: { books: Integrity['books'] }) {
  if (books.length === 0) return <p className="card-body faint">Nothing has been posted yet.</p>;
  return (
    <TableScroll label="Debits and credits per book">
      <table>
        <thead>
          <tr>
            <th>Book</th>
            <th className="medium-only">Currency</th>
            <th className="end">Debits (LHS)</th>
            <th className="end">Credits (RHS)</th>
            <th className="end medium-only">Difference</th>
            <th className="medium-only">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {books.map((book) => (
            <tr key={book.book_id + book.currency}>
              <td>
                {book.name}
                <span className="cell-note phone-only">{book.currency}</span>
              </td>
              <td className="medium-only">{book.currency}</td>
              <td className="end">
                <Amount amount={book.debits} currency={book.currency} />
              </td>
              <td className="end">
                <Amount amount={book.credits} currency={book.currency} />
              </td>
              <td className="end medium-only">
                <Amount amount={book.difference} currency={book.currency} />
              </td>
              <td className="medium-only">
                {book.difference === 0 ? (
                  <Badge status="active" label="Balanced" />
                ) : (
                  <Badge status="failed" label="Off" />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Seal({ seal }: { seal: Integrity['seal'] }) {
  if (seal.last_block === null) {
    return (
      <p className="soft">No block of journals is sealed yet. Balance is proven above from the lines themselves.</p>
    );
  }
  return (
    <Facts>
      <Fact name="Last block">{String(seal.last_block)}</Fact>
      <Fact name="Sealed until">{seal.sealed_until ? <Instant value={seal.sealed_until} exact /> : null}</Fact>
      <Fact name="Behind by">{seal.lag_seconds === null ? null : `${seal.lag_seconds} s`}</Fact>
      <Fact name="Last verified">{seal.verified_at ? <Instant value={seal.verified_at} exact /> : null}</Fact>
    </Facts>
  );
}
