-- What is read of transactions beside themselves: the search document, the flow of funds, and the trace of one
-- transaction through those that it follows from and leads to. The first two are filled after folding, up to the same
-- horizon; what lies above it is worked out when it is asked for (docs/decisions/0018-transaction-search.md).

-- The words of a text: letters and digits, in lower case, without accents.
CREATE OR REPLACE FUNCTION search_words(given text) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN (SELECT coalesce(array_agg(DISTINCT left(w.word, 64)), '{}')
  FROM regexp_split_to_table(
    lower(regexp_replace(normalize(given, NFKD), '[\u0300-\u036f]', '', 'g') COLLATE pg_catalog.pg_c_utf8), '[^[:alnum:]]+') AS w (word)
  WHERE w.word <> '');

CREATE OR REPLACE FUNCTION search_lexeme(given text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN '''' || replace(replace(given, '\', '\\'), '''', '''''') || '''';

-- Documents that have a word beginning with each given word, every one of the first marks, and any of the second. What is
-- null restricts nothing; words without a letter or digit, and no mark of any, match nothing.
CREATE OR REPLACE FUNCTION search_query(words text, all_of text[], any_of text[]) RETURNS tsquery
LANGUAGE sql IMMUTABLE
RETURN nullif(concat_ws(' & ',
  CASE WHEN words IS NOT NULL THEN coalesce((SELECT string_agg(search_lexeme(w) || ':*', ' & ') FROM unnest(search_words(words)) AS w), '''@nothing''') END,
  (SELECT string_agg(search_lexeme(m), ' & ') FROM unnest(all_of) AS m),
  CASE WHEN any_of IS NOT NULL THEN '(' || coalesce((SELECT string_agg(search_lexeme(m), ' | ') FROM unnest(any_of) AS m), '''@nothing''') || ')' END),
  '')::tsquery;

-- What a transaction is found by. A table of one row, so that it is planned together with whatever asks for many.
CREATE OR REPLACE FUNCTION search_entry(wanted uuid) RETURNS TABLE (effective_date date, size bigint, document tsvector)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT t.effective_date, coalesce(t.amount::bigint, l.size),
    array_to_tsvector(search_words(concat_ws(' ', t.description, t.external_id, left(l.memos, 20000)))
      || l.marks || array_remove(ARRAY['@type=' || t.type, '@category=' || t.category, '@source=' || t.source,
        '@party=' || t.from_id, '@party=' || t.to_id], NULL))
  FROM transactions t
  CROSS JOIN LATERAL (
    SELECT max(j.debits)::bigint AS size, string_agg(j.memos, ' ') AS memos, array_agg(DISTINCT m.mark) AS marks
    FROM (
      SELECT l.journal_id, l.currency, l.book_id, sum(l.amount) FILTER (WHERE l.side = 'debit') AS debits,
        string_agg(DISTINCT l.memo, ' ') AS memos, array_agg(DISTINCT '@account=' || l.account_id) AS accounts
      FROM transaction_journals j
      JOIN transaction_lines l ON l.journal_id = j.id
      WHERE j.transaction_id = t.id AND j.kind IN ('hold', 'post')
      GROUP BY l.journal_id, l.currency, l.book_id) j
    CROSS JOIN LATERAL unnest(j.accounts || ARRAY['@book=' || j.book_id, '@currency=' || j.currency]) AS m (mark)) l
  WHERE t.id = wanted
$$;

-- The transactions that are not in the search table yet, as they will be. Collected first, since no plan can know how few
-- they are.
CREATE OR REPLACE FUNCTION search_tail() RETURNS TABLE (transaction_id uuid, effective_date date, size bigint, document tsvector)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
DECLARE
  ids uuid[] := ARRAY(
    SELECT DISTINCT j.transaction_id
    FROM search_state s
    JOIN transaction_journals j ON (j.epoch, j.xid) >= (s.epoch, s.horizon)
    WHERE j.kind IN ('hold', 'post'));
BEGIN
  RETURN QUERY
  SELECT n.id, e.effective_date, e.size, e.document
  FROM unnest(ids) AS n (id)
  CROSS JOIN LATERAL search_entry(n.id) e
  -- A scalar query: NOT EXISTS could be planned as a hash of the whole table. A hold that is posted later is in it already.
  WHERE (SELECT true FROM transaction_search k WHERE k.transaction_id = n.id) IS NULL;
END $$;

-- Whether a transaction matches, wherever its document is: for the few that are found in another way.
CREATE OR REPLACE FUNCTION search_matches(wanted uuid, query tsquery, from_size bigint, to_size bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT (query IS NULL OR e.document @@ query) AND (from_size IS NULL OR e.size >= from_size) AND (to_size IS NULL OR e.size <= to_size)
  FROM (
    (SELECT s.size, s.document FROM transaction_search s WHERE s.transaction_id = wanted)
    UNION ALL (SELECT n.size, n.document FROM search_entry(wanted) n)
    LIMIT 1) e
$$;

-- Whether what a reader of these books sees of a transaction matches: a document is also made of what the others say.
CREATE OR REPLACE FUNCTION search_shows(wanted uuid, words text, in_currency text, from_size bigint, to_size bigint, book_ids uuid[])
RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT (words IS NULL OR array_to_tsvector(search_words(concat_ws(' ', t.description, t.external_id, left(l.memos, 20000))))
      @@ search_query(words, NULL, NULL))
    AND (in_currency IS NULL OR in_currency = ANY (l.currencies))
    AND (from_size IS NULL OR coalesce(t.amount::bigint, l.size) >= from_size)
    AND (to_size IS NULL OR coalesce(t.amount::bigint, l.size) <= to_size)
  FROM transactions t
  CROSS JOIN LATERAL (
    SELECT max(j.debits)::bigint AS size, string_agg(j.memos, ' ') AS memos, array_agg(j.currency) AS currencies
    FROM (
      SELECT l.currency::text AS currency, sum(l.amount) FILTER (WHERE l.side = 'debit') AS debits, string_agg(DISTINCT l.memo, ' ') AS memos
      FROM transaction_journals j
      JOIN transaction_lines l ON l.journal_id = j.id
      WHERE j.transaction_id = t.id AND j.kind IN ('hold', 'post') AND j.book_id = ANY (book_ids)
      GROUP BY l.journal_id, l.currency) j) l
  WHERE t.id = wanted
$$;

-- Each posting and each reversal recorded in a range, once, with the lane that it moved money in.
CREATE OR REPLACE FUNCTION flows_recorded(since_epoch smallint, since xid8, upto_epoch smallint, upto xid8)
RETURNS TABLE (type text, category text, currency char(3), from_type transaction_end, from_id uuid, to_type transaction_end,
  to_id uuid, day date, amount bigint, transactions bigint)
LANGUAGE sql STABLE AS $$
  SELECT t.type, t.category, t.currency, t.from_type, CASE WHEN t.from_type <> 'end_customer' THEN t.from_id END,
    t.to_type, CASE WHEN t.to_type <> 'end_customer' THEN t.to_id END, s.effective_date,
    CASE s.kind WHEN 'post' THEN t.posted_amount ELSE -t.posted_amount END, CASE s.kind WHEN 'post' THEN 1 ELSE -1 END::bigint
  FROM (
    SELECT DISTINCT ON (j.transaction_id, j.kind) j.transaction_id, j.kind, j.effective_date
    FROM transaction_journals j
    WHERE (j.epoch, j.xid) >= (since_epoch, since) AND (j.epoch, j.xid) < (upto_epoch, upto) AND j.kind IN ('post', 'reversal')
    ORDER BY j.transaction_id, j.kind, j.id) s
  CROSS JOIN LATERAL (SELECT * FROM transactions t WHERE t.id = s.transaction_id LIMIT 1) t
  WHERE t.amount IS NOT NULL AND t.from_type IS DISTINCT FROM 'account' AND t.to_type IS DISTINCT FROM 'account'
$$;

-- Brings search and flows as far as the ledger is folded, at most so many journals. One caller at a time; a posting never
-- waits for it. Returns {indexed, has_more}.
CREATE OR REPLACE FUNCTION index_ledger(journals_at_once integer DEFAULT 2000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  state search_state;
  folded ledger_state;
  upto record;
  has_more boolean;
  ids uuid[];
  indexed bigint;
BEGIN
  SELECT * INTO STRICT state FROM search_state FOR UPDATE;
  SELECT * INTO STRICT folded FROM ledger_state;
  SELECT j.epoch, j.xid INTO upto
  FROM transaction_journals j
  WHERE (j.epoch, j.xid) >= (state.epoch, state.horizon) AND (j.epoch, j.xid) < (folded.epoch, folded.horizon)
  ORDER BY j.epoch, j.xid OFFSET journals_at_once LIMIT 1;
  has_more := FOUND;
  -- What one transaction recorded is never divided, however much it is.
  IF has_more AND (upto.epoch, upto.xid) = (state.epoch, state.horizon) THEN
    SELECT j.epoch, j.xid INTO upto
    FROM transaction_journals j
    WHERE (j.epoch, j.xid) > (state.epoch, state.horizon) AND (j.epoch, j.xid) < (folded.epoch, folded.horizon)
    ORDER BY j.epoch, j.xid LIMIT 1;
    has_more := FOUND;
  END IF;
  IF NOT has_more THEN
    SELECT folded.epoch, folded.horizon AS xid INTO upto;
  END IF;

  ids := ARRAY(
    SELECT DISTINCT j.transaction_id
    FROM transaction_journals j
    WHERE (j.epoch, j.xid) >= (state.epoch, state.horizon) AND (j.epoch, j.xid) < (upto.epoch, upto.xid) AND j.kind IN ('hold', 'post')
    ORDER BY j.transaction_id);
  INSERT INTO transaction_search (transaction_id, effective_date, size, document)
  SELECT n.id, e.effective_date, e.size, e.document
  FROM unnest(ids) AS n (id)
  CROSS JOIN LATERAL search_entry(n.id) e
  WHERE (SELECT true FROM transaction_search k WHERE k.transaction_id = n.id) IS NULL;
  GET DIAGNOSTICS indexed = ROW_COUNT;
  PERFORM add_flows(state, upto.epoch, upto.xid);
  UPDATE search_state SET epoch = upto.epoch, horizon = upto.xid;
  RETURN jsonb_build_object('indexed', indexed, 'has_more', has_more);
END $$;

-- Adds what a range recorded to the flows. The caller has locked search_state.
CREATE OR REPLACE FUNCTION add_flows(state search_state, upto_epoch smallint, upto xid8) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  -- One caller at a time: what is not there, nobody else is adding. ON CONFLICT would use up a number per try.
  INSERT INTO flow_lanes (type, category, currency, from_type, from_id, to_type, to_id)
  SELECT DISTINCT f.type, f.category, f.currency, f.from_type, f.from_id, f.to_type, f.to_id
  FROM flows_recorded(state.epoch, state.horizon, upto_epoch, upto) f
  EXCEPT
  SELECT l.type, l.category, l.currency, l.from_type, l.from_id, l.to_type, l.to_id FROM flow_lanes l;

  WITH flow AS MATERIALIZED (
    SELECT l.id AS lane_id, f.day, sum(f.amount) AS amount, sum(f.transactions) AS transactions
    FROM flows_recorded(state.epoch, state.horizon, upto_epoch, upto) f
    JOIN flow_lanes l ON (l.type, l.currency) = (f.type, f.currency)
      AND (l.category, l.from_type, l.from_id, l.to_type, l.to_id)
        IS NOT DISTINCT FROM (f.category, f.from_type, f.from_id, f.to_type, f.to_id)
    GROUP BY l.id, f.day),
  months AS (
    INSERT INTO flow_months AS m (month, lane_id, amount, transactions)
    SELECT date_trunc('month', f.day)::date, f.lane_id, sum(f.amount), sum(f.transactions)
    FROM flow f GROUP BY 1, 2
    ON CONFLICT (month, lane_id) DO UPDATE SET amount = m.amount + excluded.amount, transactions = m.transactions + excluded.transactions)
  INSERT INTO flow_days AS d (day, lane_id, amount, transactions)
  SELECT f.day, f.lane_id, f.amount, f.transactions FROM flow f
  ON CONFLICT (day, lane_id) DO UPDATE SET amount = d.amount + excluded.amount, transactions = d.transactions + excluded.transactions;
END $$;

-- What moved between two days, both included, by lane: whole months, the days at both ends, and what is not indexed yet.
CREATE OR REPLACE FUNCTION flows_between(first_day date, last_day date)
RETURNS TABLE (type text, category text, currency char(3), from_type transaction_end, from_id uuid, to_type transaction_end,
  to_id uuid, amount bigint, transactions bigint)
LANGUAGE sql STABLE AS $$
  SELECT f.type, f.category, f.currency, f.from_type, f.from_id, f.to_type, f.to_id, sum(f.amount)::bigint, sum(f.transactions)::bigint
  FROM (
    SELECT l.type, l.category, l.currency, l.from_type, l.from_id, l.to_type, l.to_id, p.amount, p.transactions
    FROM (
      SELECT p.lane_id, sum(p.amount) AS amount, sum(p.transactions) AS transactions
      FROM (
        SELECT m.lane_id, m.amount, m.transactions FROM flow_months m
        WHERE m.month >= first_day AND m.month < date_trunc('month', last_day + 1)::date
        UNION ALL
        -- The days before the first whole month, and those after the last one; all of them where there is none.
        SELECT d.lane_id, d.amount, d.transactions FROM flow_days d
        WHERE d.day BETWEEN first_day AND least(last_day, (date_trunc('month', first_day - 1) + interval '1 month - 1 day')::date)
        UNION ALL
        SELECT d.lane_id, d.amount, d.transactions FROM flow_days d
        WHERE d.day > (date_trunc('month', first_day - 1) + interval '1 month - 1 day')::date
          AND d.day BETWEEN greatest(first_day, date_trunc('month', last_day + 1)::date) AND last_day) p
      GROUP BY p.lane_id) p
    JOIN flow_lanes l ON l.id = p.lane_id
    UNION ALL
    SELECT r.type, r.category, r.currency, r.from_type, r.from_id, r.to_type, r.to_id, r.amount, r.transactions
    FROM search_state s
    CROSS JOIN LATERAL flows_recorded(s.epoch, s.horizon, 32767::smallint, '18446744073709551615'::xid8) r
    WHERE r.day BETWEEN first_day AND last_day) f
  GROUP BY f.type, f.category, f.currency, f.from_type, f.from_id, f.to_type, f.to_id
  HAVING sum(f.amount) <> 0 OR sum(f.transactions) <> 0
$$;

-- Whether a transaction touches a book in scope.
CREATE OR REPLACE FUNCTION transaction_in_scope(wanted uuid, scope jsonb) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
  SELECT FROM transaction_journals j JOIN books b ON b.id = j.book_id
  WHERE j.transaction_id = wanted AND scope_covers(scope, b.merchant_org_id, b.merchant_id));

-- The transactions in scope that lead to one (depth below 0) and follow from it (above), by cause and by a shared external
-- id, nearest first and at most so many. Nothing when the one itself is not in scope.
CREATE OR REPLACE FUNCTION traced(wanted uuid, scope jsonb, most integer) RETURNS TABLE (id uuid, depth integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  seen uuid[] := ARRAY[wanted];
  frontier uuid[];
  direction integer;
BEGIN
  IF NOT transaction_in_scope(wanted, scope) THEN RETURN; END IF;
  id := wanted;
  depth := 0;
  RETURN NEXT;
  FOREACH direction IN ARRAY ARRAY[-1, 1] LOOP
    frontier := ARRAY[wanted];
    depth := 0;
    LOOP
      depth := depth + direction;
      frontier := ARRAY(
        SELECT DISTINCT n.id
        FROM unnest(frontier) AS f (id)
        JOIN transactions t ON t.id = f.id
        CROSS JOIN LATERAL (
          SELECT t.caused_by AS id WHERE direction < 0
          UNION ALL (SELECT e.id FROM transactions e WHERE direction > 0 AND e.caused_by = t.id ORDER BY e.id LIMIT most)
          UNION ALL (SELECT e.id FROM transactions e WHERE e.external_id = t.external_id ORDER BY e.id LIMIT most)) n
        WHERE n.id <> ALL (seen) AND transaction_in_scope(n.id, scope)
        ORDER BY n.id LIMIT most - cardinality(seen));
      EXIT WHEN cardinality(frontier) = 0;
      seen := seen || frontier;
      RETURN QUERY SELECT f.id, depth FROM unnest(frontier) AS f (id);
    END LOOP;
  END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION search_words(text), search_lexeme(text), search_query(text, text[], text[]), search_entry(uuid), search_tail(),
  search_matches(uuid, tsquery, bigint, bigint), search_shows(uuid, text, text, bigint, bigint, uuid[]),
  index_ledger(integer), flows_recorded(smallint, xid8, smallint, xid8), flows_between(date, date),
  traced(uuid, jsonb, integer) TO {{role}};
