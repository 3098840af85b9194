-- What reports are made of, beside the sums of 24-balances.sql.

-- Of the posted sums of books' accounts up to a day (null: all there is), the part that is with each other book among them:
-- what a consolidation of these books eliminates.
CREATE OR REPLACE FUNCTION counterparty_sums_on(book_ids uuid[], day date)
RETURNS TABLE (account_id uuid, counterparty_book_id uuid, debits bigint, credits bigint)
LANGUAGE sql STABLE AS $$
  SELECT s.account_id, s.counterparty_book_id, sum(s.debits)::bigint, sum(s.credits)::bigint
  FROM (
    SELECT d.account_id, d.counterparty_book_id, d.debits, d.credits
    FROM accounts a
    JOIN account_counterparty_days d ON d.account_id = a.id
    WHERE a.book_id = ANY (book_ids) AND d.counterparty_book_id = ANY (book_ids)
      AND d.day <= coalesce(counterparty_sums_on.day, 'infinity')
    UNION ALL
    SELECT l.account_id, l.counterparty_book_id, l.debit, l.credit
    FROM lines_above_horizon l
    WHERE l.book_id = ANY (book_ids) AND l.counterparty_book_id = ANY (book_ids)
      AND l.effective_date <= coalesce(counterparty_sums_on.day, 'infinity')) s
  GROUP BY s.account_id, s.counterparty_book_id
$$;

-- Both sides of every book and currency: all lines, those of holds as well.
CREATE OR REPLACE FUNCTION book_sides() RETURNS TABLE (book_id uuid, currency char(3), debits bigint, credits bigint)
LANGUAGE sql STABLE AS $$
  SELECT s.book_id, s.currency, sum(s.debits)::bigint, sum(s.credits)::bigint
  FROM (
    SELECT t.book_id, t.currency, t.debits, t.credits FROM book_totals t
    UNION ALL
    SELECT l.book_id, l.currency, CASE l.side WHEN 'debit' THEN l.amount ELSE 0 END, CASE l.side WHEN 'credit' THEN l.amount ELSE 0 END
    FROM lines_above_horizon l) s
  GROUP BY s.book_id, s.currency
$$;

GRANT EXECUTE ON FUNCTION counterparty_sums_on(uuid[], date), book_sides() TO {{role}};
