import { Link, useSearchParams } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { Intercompany } from '../../server/contexts/report/schemas.ts';
import { withParameters } from '../list-query.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { Empty } from './empty.tsx';
import { Icon } from './icon.tsx';
import { Amount, Money } from './money.tsx';
import { Notice } from './notice.tsx';
import { TableScroll } from './table.tsx';
import { CalendarDate, Instant } from './time.tsx';
import { useTenant } from './use-tenant.ts';

const REPORTS = [
  {
    href: '/reports/trial-balance',
    label: 'Trial balance',
    lead: 'Every account with its debit or credit balance; both columns add up to the same.',
  },
  {
    href: '/reports/balance-sheet',
    label: 'Balance sheet',
    lead: 'What there is, what is owed, and what is left, at the end of any day.',
  },
  {
    href: '/reports/income-statement',
    label: 'Income statement',
    lead: 'What a period earned and cost, beside the period before it.',
  },
  {
    href: '/reports/flow-of-funds',
    label: 'Flow of funds',
    lead: 'What moved from customers to merchants, MerchantOrgs and the platform.',
  },
];

/** The way from one report to the others, about the same books. */
export function ReportTabs({ pathname }: { pathname: string }) {
  const [search] = useSearchParams();
  const books = search.get('books');
  return (
    <nav className="report-tabs" aria-label="Reports">
      {REPORTS.map(({ href, label }) => (
        <Link
          key={href}
          to={books ? `${href}?books=${encodeURIComponent(books)}` : href}
          aria-current={pathname === href ? 'page' : undefined}
          prefetch="intent"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

/** All reports and what each is for. */
export function ReportList() {
  return (
    <ul className="report-list">
      {REPORTS.map(({ href, label, lead }) => (
        <li key={href} className="card">
          <Link to={href}>
            <strong>{label}</strong>
            <Icon name="chevron" size={12} />
          </Link>
          <p>{lead}</p>
        </li>
      ))}
    </ul>
  );
}

/** A day, or an instant with the zone. */
export function Moment({ value }: { value: string }) {
  return value.length === 10 ? <CalendarDate value={value} /> : <Instant value={value} exact />;
}

type Head = {
  books: { book_id: string; name: string }[];
  merchant_org_id: string | null;
  axis: string;
  final: boolean;
};

/** Whose books these are and of when; on paper it is what tells one print from another. */
export function ReportSubject({ report, when }: { report: Head; when: ReactNode }) {
  const [first, ...others] = report.books;
  const merchants = others.length === 1 ? '1 merchant' : `${others.length} merchants`;
  return (
    <>
      {first?.name}
      {report.merchant_org_id ? ` and ${merchants}, consolidated` : ''} · {when}
      {report.axis === 'recorded' ? ', as recorded' : ''}
    </>
  );
}

/** Whether a report can still change. */
export function FinalBadge({ report }: { report: Head }) {
  return report.final ? <Badge status="active" label="Final" /> : <Badge status="draft" label="May still change" />;
}

/** Below a report: the whole of it as a file. */
export function ReportFoot({ path, input }: { path: string; input: Record<string, string> }) {
  const href = (format: string) => path + withParameters(input, { format });
  return (
    <p className="report-foot">
      Download{' '}
      <a href={href('csv')} download>
        CSV
      </a>{' '}
      or{' '}
      <a href={href('ndjson')} download>
        NDJSON
      </a>
    </p>
  );
}

/** A report that cannot be made as asked. */
export function ReportProblem({ problem }: { problem: { detail: string; errors?: Record<string, string[]> } }) {
  if (problem.errors?.axis) {
    return <Notice tone="bad">Consolidated reports go by effective date. Choose that, or one party’s books.</Notice>;
  }
  const messages = Object.entries(problem.errors ?? {}).map(
    ([field, texts]) => `${FIELDS[field] ?? field} ${texts.join(', ')}.`,
  );
  return <Notice tone="bad">{messages.length > 0 ? messages.join(' ') : problem.detail}</Notice>;
}

const FIELDS: Record<string, string> = {
  at: 'The day',
  from: 'From',
  to: 'To',
  merchant_org_id: 'Books',
  book_id: 'Books',
};

export function NothingToReport() {
  return (
    <Card>
      <Empty icon="chart" title="Nothing to show for these books">
        No account of theirs has a balance then. Choose another day, or show accounts at zero.
      </Empty>
    </Card>
  );
}

type IntercompanyProps = { rows: Intercompany[]; books: Head['books'] };

/** What the books of a group say of each other; only where they agree does elimination leave nothing behind. */
export function IntercompanyCard({ rows, books }: IntercompanyProps) {
  const { currency: home } = useTenant();
  if (rows.length === 0) return null;
  const nameOf = new Map(books.map(({ book_id, name }) => [book_id, name]));
  const off = rows.filter(({ difference }) => difference !== 0);
  return (
    <>
      {off.map((row) => (
        <Notice key={row.book_id + row.counterparty_book_id + row.currency} tone="warn">
          {nameOf.get(row.book_id)} and {nameOf.get(row.counterparty_book_id)} do not agree about each other: they
          differ by <Money amount={Math.abs(row.difference)} currency={row.currency} />. One of them has booked it in
          another period.
        </Notice>
      ))}
      <Card
        title="Between the books"
        action={
          off.length === 0 ? (
            <Badge status="active" label="All agree" />
          ) : (
            <Badge status="failed" label={`${off.length} off`} />
          )
        }
      >
        <TableScroll label="Between the books">
          <table className="report">
            <thead>
              <tr>
                <th>Book</th>
                <th>Counterparty</th>
                <th className="end">Book says</th>
                <th className="end medium-only">Counterparty says</th>
                <th className="end">Difference</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.book_id + row.counterparty_book_id + row.currency}>
                  <td>{nameOf.get(row.book_id)}</td>
                  <td>
                    {nameOf.get(row.counterparty_book_id)}
                    {row.currency === home ? null : <span className="cell-note">{row.currency}</span>}
                  </td>
                  <td className="end">
                    <Amount amount={row.book_says} currency={row.currency} />
                  </td>
                  <td className="end medium-only">
                    <Amount amount={row.counterparty_says} currency={row.currency} />
                  </td>
                  <td className="end">
                    <Amount amount={row.difference} currency={row.currency} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      </Card>
    </>
  );
}
