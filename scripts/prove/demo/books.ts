import { createHash } from 'node:crypto';

/** Reads the tenant's schema as its administrator. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/** Every line with what it is about. `value` is debit less credit in minor units. */
const LINES = `
  SELECT l.book_id, b.name AS book, b.party_type::text, b.party_id, l.counterparty_book_id, a.code, a.purpose, a.type::text AS account_type,
    l.currency, l.kind::text, t.id AS transaction_id, t.type, t.category, t.metadata, l.journal_id,
    CASE l.side WHEN 'debit' THEN l.amount::bigint ELSE -l.amount::bigint END AS value
  FROM transaction_lines l
  JOIN transaction_journals j ON j.id = l.journal_id
  JOIN transactions t ON t.id = j.transaction_id
  JOIN accounts a ON a.id = l.account_id
  JOIN books b ON b.id = l.book_id`;
const MONEY = `purpose IN ('cash', 'processor_clearing', 'payouts_in_transit')`;

/** Each finds what contradicts it; none may find anything. */
const RULES: Readonly<Record<string, string>> = {
  'the left side equals the right in every journal, book and currency': `
    SELECT book, currency, journal_id, sum(value)::text AS difference FROM line
    GROUP BY GROUPING SETS ((book, currency), (journal_id, currency)) HAVING sum(value) <> 0`,
  'what customers paid, less what they got back, is what their merchants’ books took in': `
    SELECT i.merchant_id, i.currency, paid.amount AS paid, taken.amount AS taken
    FROM (SELECT DISTINCT merchant_id, currency FROM customer_invoices) i
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(p.amount) FILTER (WHERE p.status = 'succeeded'), 0) - coalesce(sum(r.amount), 0) AS amount
      FROM customer_payments p
      LEFT JOIN LATERAL (SELECT sum(f.amount) AS amount FROM customer_refunds f WHERE f.payment_id = p.id AND f.status = 'succeeded') r ON true
      WHERE p.merchant_id = i.merchant_id) paid
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(l.value), 0) AS amount FROM line l
      WHERE l.party_id = i.merchant_id AND l.currency = i.currency AND l.type IN ('payment', 'refund') AND l.${MONEY} AND l.kind = 'post') taken
    WHERE paid.amount <> taken.amount`,
  'what one party owes another is what the other claims of it': `
    SELECT o.book_id, o.counterparty_book_id, o.currency, o.amount AS owes, c.amount AS claims
    FROM (SELECT book_id, counterparty_book_id, currency, sum(value) AS amount FROM line
      WHERE purpose = 'due_to_related' GROUP BY 1, 2, 3) o
    FULL JOIN (SELECT book_id, counterparty_book_id, currency, sum(value) AS amount FROM line
      WHERE purpose = 'due_from_related' GROUP BY 1, 2, 3) c
      ON c.book_id = o.counterparty_book_id AND c.counterparty_book_id = o.book_id AND c.currency = o.currency
    WHERE o.amount IS DISTINCT FROM -c.amount`,
  'a commission, fee or charge is the same in both books': `
    SELECT type, transaction_id, sum(value)::text AS difference FROM line
    WHERE type IN ('commission', 'franchise_fee', 'subscription_charge') AND account_type IN ('revenue', 'expense')
    GROUP BY 1, 2 HAVING sum(value) <> 0 OR count(DISTINCT book_id) <> 2`,
  'what a settlement takes from one party reaches the other': `
    SELECT transaction_id, sum(value)::text AS difference FROM line WHERE type = 'settlement' AND ${MONEY}
    GROUP BY 1 HAVING sum(value) <> 0`,
  'all money in all books is what customers paid, less refunds, processors’ fees and supplies': `
    SELECT held.currency, held.amount AS held, paid.amount AS paid
    FROM (SELECT currency, sum(value) AS amount FROM line WHERE ${MONEY} AND kind <> 'hold' GROUP BY 1) held
    JOIN (
      SELECT currency, sum(amount) AS amount
      FROM (
        SELECT i.currency, p.amount FROM customer_payments p JOIN customer_invoices i ON i.id = p.invoice_id WHERE p.status = 'succeeded'
        UNION ALL
        SELECT i.currency, -r.amount FROM customer_refunds r JOIN customer_payments p ON p.id = r.payment_id
          JOIN customer_invoices i ON i.id = p.invoice_id WHERE r.status = 'succeeded'
        UNION ALL
        SELECT currency, -value FROM line WHERE purpose IN ('processor_fees', 'operating_expense')) flow
      GROUP BY 1) paid ON paid.currency = held.currency
    WHERE held.amount <> paid.amount`,
  'no customer of a business is booked with somebody who is taken': `
    SELECT a.id, o.id AS other FROM appointments a
    JOIN appointments o ON o.provider_id = a.provider_id AND o.id > a.id AND o.busy && a.busy
    WHERE a.status IN ('booked', 'checked_in', 'completed') AND o.status IN ('booked', 'checked_in', 'completed')`,
};

/** What contradicts the rules of the books, a line each. */
export async function contradictions(query: Query): Promise<string[]> {
  const found: string[] = [];
  for (const [rule, text] of Object.entries(RULES)) {
    const rows = await query(`WITH line AS (${LINES}) ${text}`);
    for (const row of rows.slice(0, 3)) found.push(`Not so: ${rule}: ${JSON.stringify(row)}`);
  }
  return found;
}

/** How much of everything there is, and one digest of all figures: the same seed and day give the same. */
export async function census(query: Query): Promise<{ counts: Record<string, number>; digest: string }> {
  const [counts] = await query(`
    SELECT (SELECT count(*) FROM appointments)::integer AS appointments, (SELECT count(*) FROM customer_invoices)::integer AS invoices,
      (SELECT count(*) FROM customer_payments)::integer AS payments, (SELECT count(*) FROM customer_refunds)::integer AS refunds,
      (SELECT count(*) FROM transactions)::integer AS transactions, (SELECT count(*) FROM books)::integer AS books,
      (SELECT count(DISTINCT currency) FROM customer_invoices)::integer AS currencies`);
  const figures = [
    ...(await query(`WITH line AS (${LINES})
      SELECT book, code, currency, sum(value)::text AS value FROM line GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`)),
    ...(await query(`SELECT m.name, i.number, i.status, i.total::text, i.issued_on::text FROM customer_invoices i
      JOIN merchants m ON m.id = i.merchant_id ORDER BY 1, 2`)),
    ...(await query(`SELECT m.name, a.starts_at::text, a.status, a.title, a.is_late_cancellation, p.name AS provider FROM appointments a
      JOIN merchants m ON m.id = a.merchant_id JOIN providers p ON p.id = a.provider_id ORDER BY 1, 2, 3, 4, 6`)),
  ];
  const digest = createHash('sha256').update(JSON.stringify(figures)).digest('hex');
  return { counts: counts as Record<string, number>, digest };
}
