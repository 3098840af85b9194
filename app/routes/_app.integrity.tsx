import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { ledgerIntegrity } from '../../server/contexts/ledger/operations.ts';
import type { Integrity } from '../../server/contexts/ledger/schemas.ts';
import { ledgerVerify } from '../../server/contexts/seal/operations.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { Icon } from '../components/icon.tsx';
import { LedgerExport } from '../components/ledger-export.tsx';
import { Amount } from '../components/money.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { SealCard } from '../components/seal.tsx';
import { TableScroll } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { VerificationCard } from '../components/verification.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { allBooks } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Integrity');

export async function loader({ context }: LoaderFunctionArgs) {
  const mayExport = context.can('transaction:read');
  const [integrity, books] = await Promise.all([
    context.run(ledgerIntegrity, {}),
    mayExport && context.can('account:read') ? allBooks(context) : [],
  ]);
  return {
    integrity,
    books,
    checkedAt: new Date().toISOString(),
    formKey: newFormKey(),
    may: {
      verify: context.can('ledger:verify'),
      export: mayExport,
      bundle: mayExport && integrity.chain !== null && context.can('audit:read', WHOLE_TENANT),
    },
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const answer = await context.submit(ledgerVerify, {}, formGuards(await request.formData()));
  if ('problem' in answer) return refused(answer.problem, {});
  throw redirect('/integrity');
}

export default function IntegrityPage() {
  const { integrity, books, checkedAt, formKey, may } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        title="Integrity"
        lead="Both sides of every book, added up just now, and the seal that nobody can rewrite."
      />
      <div className="stack">
        <Verdict integrity={integrity} checkedAt={checkedAt} />
        {integrity.chain ? (
          <VerificationCard chain={integrity.chain} mayVerify={may.verify} formKey={formKey} state={state} />
        ) : null}
        <Card title="Books">
          <Sides books={integrity.books} />
        </Card>
        <SealCard integrity={integrity} />
        {may.export ? <LedgerExport books={books} mayBundle={may.bundle} /> : null}
      </div>
    </>
  );
}

type Judgement = { isGood: boolean; title: string; text: string };

function judge({ balanced, books, chain }: Integrity): Judgement {
  const off = books.filter((book) => book.difference !== 0).length;
  if (!balanced) {
    const which = off === 1 ? 'One book is' : `${off} books are`;
    const text = `${which} off. Stop posting there and find the entry that is missing a side.`;
    return { isGood: false, title: 'The books do not balance', text };
  }
  if (chain?.verification?.problems) {
    const text =
      'Both sides add up, but not everything is as it was sealed. See below what was found, and stop posting.';
    return { isGood: false, title: 'The last verification found problems', text };
  }
  return { isGood: true, title: 'The books balance', text: 'In every book and currency, debits equal credits.' };
}

function Verdict({ integrity, checkedAt }: { integrity: Integrity; checkedAt: string }) {
  const { isGood, title, text } = judge(integrity);
  return (
    <div className={`verdict verdict-${isGood ? 'good' : 'bad'}`}>
      <Icon name={isGood ? 'check' : 'alert'} size={32} />
      <div>
        <h2>{title}</h2>
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
