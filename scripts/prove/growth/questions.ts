import type pg from 'pg';
import { accountBalance } from '../../../server/contexts/account/operations.ts';
import { accountStatement } from '../../../server/contexts/account-statement/operations.ts';
import { bookChart } from '../../../server/contexts/chart/operations.ts';
import { ledgerIntegrity } from '../../../server/contexts/ledger/operations.ts';
import { payoutBalances } from '../../../server/contexts/payout/operations.ts';
import { reportTrialBalance } from '../../../server/contexts/report/operations.ts';
import { transactionList } from '../../../server/contexts/transaction/operations.ts';
import { journalList } from '../../../server/contexts/transaction-journal/operations.ts';
import type { Operation } from '../../../server/operations/operation.ts';

/** What is asked of a loaded ledger: an operation and its input. */
export type Question = { name: string; operation: Operation; input: Record<string, unknown> };

type Facts = {
  hot: string;
  book: string;
  org: string;
  merchant_book: string;
  day: string;
  instant: string;
  name: string;
};

/** Asks about the account with the most lines, the largest book, and the middle of the time. */
export async function questionsFor(admin: pg.Client): Promise<Question[]> {
  const { rows } = await admin.query<Facts>(
    `SELECT (SELECT a.id FROM accounts a WHERE a.book_id = b.id AND a.purpose = 'cash' AND a.currency = 'USD') AS hot, b.id AS book,
       m.merchant_org_id AS org, m.id AS merchant_book, (now() - (now() - f.first) / 2)::date::text AS day,
       to_char((now() - (now() - f.first) / 2) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS instant
     FROM books b
     CROSS JOIN (SELECT min(t.recorded_at) AS first FROM transactions t) f
     CROSS JOIN LATERAL (SELECT * FROM books m WHERE m.party_type = 'merchant' ORDER BY m.id LIMIT 1) m
     WHERE b.party_type = 'tenant'`,
  );
  const { hot, book, org, merchant_book, day, instant } = rows[0]!;
  const ask = <I, O>(label: string, operation: Operation<I, O>, input: Record<string, unknown>): Question => ({
    name: label,
    operation: operation as Operation,
    input,
  });
  return [
    ask('list page', transactionList, { limit: 50 }),
    ask('list page of a book', transactionList, { limit: 50, book_id: merchant_book }),
    ask('list page of an account', transactionList, { limit: 50, account_id: hot }),
    ask('list page by words', transactionList, { limit: 50, q: 'amsterdam' }),
    ask('list page by day', transactionList, { limit: 50, sort: '-effective_date' }),
    ask('journals page', journalList, { limit: 50 }),
    ask('balance now', accountBalance, { id: hot }),
    ask('balance on a day', accountBalance, { id: hot, axis: 'effective', at: day }),
    ask('balance at an instant', accountBalance, { id: hot, axis: 'recorded', at: instant }),
    ask('statement page', accountStatement, { id: hot, limit: 50 }),
    ask('statement page from the middle', accountStatement, { id: hot, limit: 50, from: day }),
    ask('statement page by recording', accountStatement, { id: hot, limit: 50, axis: 'recorded', from: instant }),
    ask('trial balance now', reportTrialBalance, { book_id: book }),
    ask('trial balance on a day', reportTrialBalance, { book_id: book, axis: 'effective', at: day }),
    ask('trial balance at an instant', reportTrialBalance, { book_id: book, axis: 'recorded', at: instant }),
    ask('trial balance of a group', reportTrialBalance, { merchant_org_id: org }),
    ask('chart with balances', bookChart, { id: book }),
    ask('integrity', ledgerIntegrity, {}),
    ask('payout balances', payoutBalances, { limit: 50 }),
  ];
}
