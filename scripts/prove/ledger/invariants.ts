import type pg from 'pg';
import type { Sums } from './model.ts';

// What must be true of a ledger at any time, looked up line by line: slow, simple, and without the product's functions.

type Compared = { point: string; account_id: string; book_id: string; currency: string; told: Sums; summed: Sums };

/** Every line of an account that a condition lets through, summed. */
const summed = (condition: string) => `
  SELECT json_build_object(
    'debits', coalesce(sum(l.amount) FILTER (WHERE l.kind IN ('post', 'reversal') AND l.side = 'debit'), 0),
    'credits', coalesce(sum(l.amount) FILTER (WHERE l.kind IN ('post', 'reversal') AND l.side = 'credit'), 0),
    'pending_debits', coalesce(sum(CASE WHEN l.kind = 'hold' AND l.side = 'debit' THEN l.amount WHEN l.kind = 'release' AND l.side = 'credit' THEN -l.amount END), 0),
    'pending_credits', coalesce(sum(CASE WHEN l.kind = 'hold' AND l.side = 'credit' THEN l.amount WHEN l.kind = 'release' AND l.side = 'debit' THEN -l.amount END), 0)) AS summed
  FROM transaction_lines l
  WHERE l.account_id = a.id AND ${condition}`;

const told = `json_build_object('debits', s.debits, 'credits', s.credits, 'pending_debits', s.pending_debits, 'pending_credits', s.pending_credits) AS told`;

const QUESTION = `
  SELECT 'now' AS point, a.id AS account_id, a.book_id, a.currency, ${told}, b.summed
  FROM sums_now($1) s JOIN accounts a ON a.id = s.account_id CROSS JOIN LATERAL (${summed('true')}) b
  UNION ALL
  SELECT 'on ' || p.day, a.id, a.book_id, a.currency, ${told}, b.summed
  FROM unnest($2::date[]) AS p (day) CROSS JOIN LATERAL sums_on($1, p.day) s
  JOIN accounts a ON a.id = s.account_id CROSS JOIN LATERAL (${summed(`l.effective_date <= p.day AND l.kind IN ('post', 'reversal')`)}) b
  UNION ALL
  SELECT 'at ' || p.instant, a.id, a.book_id, a.currency, ${told}, b.summed
  FROM unnest($3::timestamptz[]) AS p (instant) CROSS JOIN LATERAL sums_at($1, p.instant) s
  JOIN accounts a ON a.id = s.account_id CROSS JOIN LATERAL (${summed('l.recorded_at <= p.instant')}) b`;

/** Compares what the ledger tells with its lines, now, on days and at instants, and both sides of whole books. Returns what is wrong. */
export async function findWrongSums(
  admin: pg.Client,
  books: ReadonlySet<string>,
  accounts: string[],
  days: string[],
  instants: string[],
): Promise<string[]> {
  const { rows } = await admin.query<Compared>(QUESTION, [accounts, days, instants]);
  const wrong: string[] = [];
  const sides = new Map<string, bigint>();
  for (const row of rows) {
    for (const name of ['debits', 'credits', 'pending_debits', 'pending_credits'] as const) {
      if (row.told[name] !== row.summed[name]) {
        wrong.push(
          `${row.point}: ${name} of ${row.account_id} are told as ${row.told[name]}, and are ${row.summed[name]}`,
        );
      }
    }
    if (!books.has(row.book_id)) continue;
    for (const kind of ['', 'pending_'] as const) {
      const key = `${row.point}: ${kind}sides of ${row.book_id} in ${row.currency}`;
      const net = BigInt(row.summed[`${kind}debits`]) - BigInt(row.summed[`${kind}credits`]);
      sides.set(key, (sides.get(key) ?? 0n) + net);
    }
  }
  for (const [key, net] of sides) if (net !== 0n) wrong.push(`${key} differ by ${net}`);
  return wrong;
}

/** Accounts that have left their limits, or whose exact balance is not what their lines say. */
export async function findBrokenLimits(admin: pg.Client, accounts: string[]): Promise<string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `SELECT a.id FROM accounts a
     CROSS JOIN LATERAL (${summed('true')}) b
     LEFT JOIN limited_balances e ON e.account_id = a.id
     CROSS JOIN LATERAL (
       SELECT CASE WHEN a.type IN ('asset', 'expense') THEN 1 ELSE -1 END AS sign) n
     CROSS JOIN LATERAL (
       SELECT n.sign * ((b.summed ->> 'debits')::bigint - (b.summed ->> 'credits')::bigint) AS posted,
         (b.summed ->> CASE n.sign WHEN 1 THEN 'pending_debits' ELSE 'pending_credits' END)::bigint AS more,
         (b.summed ->> CASE n.sign WHEN 1 THEN 'pending_credits' ELSE 'pending_debits' END)::bigint AS less) c
     WHERE a.id = ANY ($1)
       AND (c.posted - c.less < a.minimum_balance OR c.posted + c.more > a.maximum_balance
         OR (e.account_id IS NULL) <> (coalesce(a.minimum_balance, a.maximum_balance) IS NULL)
         OR (e.debits, e.credits, e.pending_debits, e.pending_credits) IS DISTINCT FROM ((b.summed ->> 'debits')::bigint,
           (b.summed ->> 'credits')::bigint, (b.summed ->> 'pending_debits')::bigint, (b.summed ->> 'pending_credits')::bigint)
           AND e.account_id IS NOT NULL)`,
    [accounts],
  );
  return rows.map(({ id }) => `${id} has left its limits, or its exact balance is wrong`);
}

/** How many lines a book has up to a day: may not change once the day is closed. */
export const LINES_UNTIL = `
  SELECT count(*)::integer AS lines
  FROM transaction_journals j JOIN transaction_lines l ON l.journal_id = j.id
  WHERE j.book_id = $1 AND l.effective_date <= $2::date`;
