-- The only writers of the ledger. Each opens the unit of work itself, and is then one statement and one round trip;
-- inside another operation's transaction `work` is null and the event of that operation serves.

-- Independent of every function and of who writes: the lines of one statement balance per journal and currency, and
-- belong to journals of this very transaction, so nothing is ever added to a journal that was committed.
CREATE OR REPLACE FUNCTION check_lines_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp SET enable_seqscan = off AS $$
DECLARE
  bad record;
BEGIN
  SELECT l.journal_id, l.currency,
    coalesce(sum(l.amount) FILTER (WHERE l.side = 'debit'), 0) AS debits,
    coalesce(sum(l.amount) FILTER (WHERE l.side = 'credit'), 0) AS credits
  INTO bad
  FROM written l
  GROUP BY l.journal_id, l.currency, l.book_id, l.effective_date, l.recorded_at, l.epoch, l.xid, l.kind
  HAVING sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END) <> 0
    OR l.xid <> pg_current_xact_id()
    -- A scalar query: EXISTS could be planned as a hash of all journals.
    OR (SELECT (j.book_id, j.effective_date, j.recorded_at, j.epoch, j.xid, j.kind)
          = (l.book_id, l.effective_date, l.recorded_at, l.epoch, l.xid, l.kind)
        FROM transaction_journals j WHERE j.id = l.journal_id) IS NOT TRUE
  LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  ELSIF bad.debits <> bad.credits THEN
    RAISE EXCEPTION 'journal % does not balance in %: debits % credits %', bad.journal_id, bad.currency, bad.debits, bad.credits
      USING ERRCODE = '23514', CONSTRAINT = 'transaction_lines_balance';
  END IF;
  RAISE EXCEPTION 'lines are written together with their journal, in its book and at its time'
    USING ERRCODE = '23514', CONSTRAINT = 'transaction_lines_with_journal';
END $$;
CREATE OR REPLACE TRIGGER check_lines_balance AFTER INSERT ON transaction_lines
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION check_lines_balance();

-- The lines of a journal, in their order.
CREATE OR REPLACE FUNCTION journal_lines(journal uuid) RETURNS json
LANGUAGE sql STABLE
RETURN (SELECT json_agg(json_build_object('account_id', l.account_id, 'side', l.side, 'amount', l.amount,
    'currency', l.currency, 'counterparty_book_id', l.counterparty_book_id, 'memo', l.memo) ORDER BY l.position)
  FROM transaction_lines l WHERE l.journal_id = journal);

-- Transactions as their reader sees them, in the order asked for: only with the journals of books in scope. With `as_created`
-- as they were when they were created, whatever steps have followed: what is written never changes, so that is known.
CREATE OR REPLACE FUNCTION transaction_documents(ids uuid[], scope jsonb, as_created boolean DEFAULT false) RETURNS SETOF json
LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', t.id, 'type', t.type, 'category', t.category,
    'status', CASE WHEN NOT as_created THEN t.status WHEN created.kind = 'hold' THEN 'pending' ELSE 'posted' END,
    'description', t.description,
    'from', CASE WHEN t.from_type IS NOT NULL THEN json_build_object('type', t.from_type, 'id', t.from_id) END,
    'to', CASE WHEN t.to_type IS NOT NULL THEN json_build_object('type', t.to_type, 'id', t.to_id) END,
    'amount', CASE WHEN t.amount IS NOT NULL THEN json_build_object('amount', t.amount, 'currency', t.currency) END,
    'posted_amount', CASE WHEN NOT as_created THEN t.posted_amount WHEN created.kind = 'post' THEN t.amount END,
    'effective_date', t.effective_date, 'recorded_at', rfc3339(t.recorded_at),
    'expires_at', CASE WHEN t.expires_at IS NOT NULL THEN rfc3339(t.expires_at) END, 'source', t.source, 'external_id', t.external_id,
    'caused_by', t.caused_by, 'reason', CASE WHEN NOT as_created THEN t.reason END, 'metadata', t.metadata,
    'journals', (
      SELECT json_agg(json_build_object('id', j.id, 'transaction_id', j.transaction_id, 'book_id', j.book_id, 'kind', j.kind,
        'effective_date', j.effective_date, 'original_effective_date', j.original_effective_date,
        'recorded_at', rfc3339(j.recorded_at), 'lines', (
          SELECT json_agg(json_build_object('account_id', l.account_id, 'side', l.side, 'amount', l.amount,
            'currency', l.currency, 'counterparty_book_id', l.counterparty_book_id, 'memo', l.memo) ORDER BY l.position)
          FROM transaction_lines l WHERE l.journal_id = j.id)) ORDER BY j.id)
      FROM transaction_journals j
      WHERE j.transaction_id = t.id
        AND (NOT as_created OR j.kind = created.kind)
        AND (coalesce((scope -> 'all')::boolean, scope IS NULL) OR EXISTS (
          SELECT FROM books b WHERE b.id = j.book_id AND scope_covers(scope, b.merchant_org_id, b.merchant_id)))))
  FROM unnest(ids) WITH ORDINALITY AS i (id, place)
  CROSS JOIN LATERAL (SELECT * FROM transactions t WHERE t.id = i.id LIMIT 1) t
  LEFT JOIN LATERAL (
    -- The first of its kinds: hold, release, post, reversal.
    SELECT j.kind FROM transaction_journals j WHERE as_created AND j.transaction_id = t.id ORDER BY j.kind LIMIT 1) created ON true
  ORDER BY i.place
$$;

-- What posting answers, as JSON text: the transaction, or of a batch the list of them; ids alone when `work` asks for no more.
CREATE OR REPLACE FUNCTION posting_answer(ids uuid[], work jsonb, is_batch boolean, is_again boolean) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  documents json;
BEGIN
  IF work ->> 'answer' = 'minimal' THEN
    SELECT json_agg(json_build_object('id', i.id)) INTO documents FROM unnest(ids) AS i (id);
  ELSIF is_again THEN
    SELECT json_agg(d.document) INTO documents FROM transaction_documents(ids, work -> 'scope', true) AS d (document);
  ELSE
    SELECT json_agg(d.document) INTO documents FROM transaction_documents(ids, work -> 'scope') AS d (document);
  END IF;
  RETURN CASE WHEN is_batch THEN json_build_object('data', documents) ELSE documents -> 0 END;
END $$;

-- Today in the tenant's zone.
CREATE OR REPLACE FUNCTION tenant_today() RETURNS date
LANGUAGE sql STABLE
RETURN (SELECT (now() AT TIME ZONE t.time_zone)::date FROM tenant t);

-- Refuses the first transaction that cannot be posted, and says why; in a batch with its `index`.
-- Problems: account_not_found, account_closed, book_closed, amount_out_of_range, period_closed, unbalanced (imbalances),
-- currency_mismatch when the sides would be equal if one currency were another, invalid (no lines).
CREATE OR REPLACE FUNCTION explain_refusal(work jsonb, headers jsonb, entries integer[], account_ids uuid[], sides entry_side[],
  amounts bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  wrong record;
  bad record;
BEGIN
  SELECT w.* INTO wrong
  FROM (
  SELECT u.entry, u.place, u.account_id, b.id AS book_id, b.name AS book, b.closed_through,
    CASE
      WHEN b.id IS NULL OR NOT scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id) THEN 'account_not_found'
      WHEN a.status <> 'open' THEN 'account_closed'
      WHEN b.status <> 'open' THEN 'book_closed'
      WHEN u.amount IS NULL OR u.amount NOT BETWEEN 1 AND 9999999999999 THEN 'amount_out_of_range'
      WHEN coalesce((headers -> (u.entry - 1) ->> 'effective_date')::date, tenant_today()) <= b.closed_through
        AND headers -> (u.entry - 1) ->> 'on_closed_period' IS DISTINCT FROM 'next_open' THEN 'period_closed'
    END AS problem
  FROM unnest(entries, account_ids, amounts) WITH ORDINALITY AS u (entry, account_id, amount, place)
  LEFT JOIN accounts a ON a.id = u.account_id
  LEFT JOIN books b ON b.id = a.book_id
  ) w
  WHERE w.problem IS NOT NULL
  ORDER BY w.entry, w.place
  LIMIT 1;

  SELECT sums.entry,
    jsonb_agg(jsonb_build_object('book_id', sums.book_id, 'currency', sums.currency, 'debits', sums.debits,
      'credits', sums.credits) ORDER BY sums.book_id, sums.currency) AS imbalances,
    string_agg(format('%s in %s: debits %s, credits %s.', b.name, sums.currency, sums.debits, sums.credits), ' '
      ORDER BY sums.book_id, sums.currency) || ' Amounts are in minor units.' AS message,
    count(*) > count(DISTINCT sums.book_id) AND sum(sums.debits) = sum(sums.credits) AS is_across_currencies
  INTO bad
  FROM (
    SELECT u.entry, a.book_id, a.currency, coalesce(sum(u.amount) FILTER (WHERE u.side = 'debit'), 0) AS debits,
      coalesce(sum(u.amount) FILTER (WHERE u.side = 'credit'), 0) AS credits
    FROM unnest(entries, account_ids, sides, amounts) AS u (entry, account_id, side, amount)
    JOIN accounts a ON a.id = u.account_id
    GROUP BY u.entry, a.book_id, a.currency) sums
  JOIN books b ON b.id = sums.book_id
  WHERE sums.debits <> sums.credits
  GROUP BY sums.entry
  ORDER BY sums.entry
  LIMIT 1;

  IF wrong.problem IS NULL AND bad.entry IS NULL THEN
    PERFORM raise_problem('invalid', '{"errors": {"lines": ["must have at least two lines"]}}');
  ELSIF wrong.problem IS NULL OR bad.entry < wrong.entry THEN
    PERFORM refuse_entry(CASE WHEN bad.is_across_currencies THEN 'currency_mismatch' ELSE 'unbalanced' END, bad.entry, headers,
      jsonb_build_object('imbalances', bad.imbalances, 'message', bad.message));
  END IF;
  PERFORM refuse_entry(wrong.problem, wrong.entry, headers, CASE wrong.problem
    WHEN 'amount_out_of_range' THEN jsonb_build_object('message', 'An amount is a whole number of minor units from 1 to 9999999999999.')
    WHEN 'book_closed' THEN jsonb_build_object('book_id', wrong.book_id, 'message', format('The books of %s are closed.', wrong.book))
    WHEN 'period_closed' THEN jsonb_build_object('book_id', wrong.book_id, 'closed_through', wrong.closed_through,
      'message', format('The books of %s are closed through %s.', wrong.book, wrong.closed_through))
    ELSE jsonb_build_object('account_ids', jsonb_build_array(wrong.account_id)) END);
END $$;

-- Which place in a batch a problem is about, for the member `index` (from 0) and the sentence.
CREATE OR REPLACE FUNCTION refuse_entry(code text, entry integer, headers jsonb, detail jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF jsonb_array_length(headers) > 1 THEN
    detail := detail || jsonb_build_object('index', entry - 1,
      'message', format('Transaction %s: %s', entry, coalesce(detail ->> 'message', replace(code, '_', ' '))));
  END IF;
  PERFORM raise_problem(code, detail);
END $$;

-- Moves the exact balances of the accounts with limits that these journals touch, locked in the order of their ids, and
-- checks them. Problem: limit_exceeded.
CREATE OR REPLACE FUNCTION move_limited(journal_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  moved record;
  balance limited_balances;
BEGIN
  FOR moved IN
    SELECT l.account_id, sum(l.debit) AS debits, sum(l.credit) AS credits, sum(l.pending_debit) AS pending_debits, sum(l.pending_credit) AS pending_credits
    FROM line_effects l
    JOIN accounts a ON a.id = l.account_id AND coalesce(a.minimum_balance, a.maximum_balance) IS NOT NULL
    WHERE l.journal_id = ANY (journal_ids)
    GROUP BY l.account_id
    ORDER BY l.account_id
  LOOP
    UPDATE limited_balances b
    SET debits = b.debits + moved.debits, credits = b.credits + moved.credits,
        pending_debits = b.pending_debits + moved.pending_debits, pending_credits = b.pending_credits + moved.pending_credits
    WHERE b.account_id = moved.account_id
    RETURNING * INTO STRICT balance;
    PERFORM check_limits(a, balance) FROM accounts a WHERE a.id = moved.account_id;
  END LOOP;
END $$;

-- What a transaction is said to follow from must exist, where the caller sees it. Problem: invalid (caused_by).
CREATE OR REPLACE FUNCTION check_causes(scope jsonb, ids uuid[], headers jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  orphan integer;
BEGIN
  SELECT array_position(ids, t.id) INTO orphan
  FROM transactions t
  WHERE t.id = ANY (ids) AND t.caused_by IS NOT NULL AND NOT EXISTS (
    SELECT FROM transaction_journals j JOIN books b ON b.id = j.book_id
    WHERE j.transaction_id = t.caused_by AND scope_covers(scope, b.merchant_org_id, b.merchant_id))
  ORDER BY 1
  LIMIT 1;
  IF orphan IS NOT NULL THEN
    PERFORM refuse_entry('invalid', orphan, headers, '{"errors": {"caused_by": ["is not a transaction that you may see"]}}');
  END IF;
END $$;

-- Posts one transaction (`input` is its header) or a batch (`input` is a list of headers): everything is written, in one
-- statement, or nothing. Lines are parallel arrays; `entries` says which transaction each belongs to (1 is the first header),
-- in rising order. A typed transaction has no lines of its own: its posting rule makes them.
-- A header is {description, type?, category?, from_type?, from_id?, to_type?, to_id?, amount?, currency?, effective_date?,
-- external_id?, source?, status?, expires_at?, metadata?, caused_by?, on_closed_period?}.
-- Returns {body} or {replay: {status, body}}; a body is the JSON text of the answer.
-- Problems: those of open_work, expand_rules and explain_refusal; limit_exceeded.
CREATE OR REPLACE FUNCTION post_transactions(work jsonb, input jsonb, entries integer[], account_ids uuid[], sides entry_side[],
  amounts bigint[], memos text[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp
-- What is planned once serves every call, since planning takes longer than posting: so it must not be a plan for the few rows
-- that a young tenant has.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  is_batch boolean := jsonb_typeof(input) = 'array';
  headers jsonb := CASE WHEN is_batch THEN input ELSE jsonb_build_array(input) END;
  ids uuid[] := ARRAY[coalesce((work #>> '{resource,id}')::uuid, uuidv7())];
  begun record;
  counterparties uuid[];
  opened record;
  verdict record;
BEGIN
  IF is_batch THEN
    ids := ARRAY(SELECT uuidv7() FROM generate_series(1, jsonb_array_length(headers)));
  END IF;
  begun := open_work(work, ids);
  IF begun.posted IS NOT NULL THEN
    RETURN jsonb_build_object('replay', jsonb_build_object('status', 201,
      'body', posting_answer(begun.posted, work, is_batch, true)));
  ELSIF begun.replay IS NOT NULL THEN
    RETURN begun.replay;
  END IF;
  IF cardinality(entries) = 0 OR is_batch AND jsonb_path_exists(headers, '$[*].type') THEN
    SELECT e.* INTO entries, account_ids, sides, amounts, memos, counterparties
    FROM expand_rules(work, headers, entries, account_ids, sides, amounts, memos) e;
  END IF;
  -- From here on nothing that was open can be closed; what is read after this is therefore still true at the commit.
  -- The clock is read last, so that a posting is not recorded before a closing that it waited for.
  SELECT (
    SELECT count(pg_advisory_xact_lock_shared(uuid_hash_extended(b.id, 0)))
    FROM (SELECT a.book_id AS id FROM accounts a WHERE a.id = ANY (account_ids) ORDER BY a.book_id) b) AS locks,
    (now() AT TIME ZONE t.time_zone)::date AS today, clock_timestamp() AS moment
  INTO opened FROM tenant t;
  IF jsonb_path_exists(headers, '$[*] ? (@.type == "payout")') THEN
    PERFORM lock_ended_payouts(work -> 'scope', headers);
  END IF;

  WITH line AS MATERIALIZED (
    SELECT u.*, found.*,
      CASE WHEN found.day <= found.closed_through THEN found.closed_through + 1 ELSE found.day END AS effective_date,
      CASE WHEN found.day <= found.closed_through THEN found.day END AS original_effective_date,
      first_value(u.fresh_id) OVER w AS journal_id, row_number() OVER w AS position
    FROM (
      SELECT n.*, uuidv7() AS fresh_id, headers -> (n.entry - 1) AS header
      FROM unnest(entries, account_ids, sides, amounts, memos, counterparties) WITH ORDINALITY
        AS n (entry, account_id, side, amount, memo, counterparty, place)) u
    LEFT JOIN LATERAL (
      SELECT a.book_id, a.currency, coalesce(a.minimum_balance, a.maximum_balance) IS NOT NULL AS has_limit, b.epoch, b.closed_through,
        a.status = 'open' AND b.status = 'open' AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id) AS is_open,
        coalesce((u.header ->> 'effective_date')::date, opened.today) AS day,
        CASE WHEN u.header ->> 'status' = 'pending' THEN 'hold' ELSE 'post' END::journal_kind AS kind
      FROM accounts a
      JOIN books b ON b.id = a.book_id
      WHERE a.id = u.account_id
      LIMIT 1) found ON true
    WINDOW w AS (PARTITION BY u.entry, found.book_id ORDER BY u.place)),
  verdict AS MATERIALIZED (
    SELECT count(DISTINCT s.entry) = cardinality(ids) AND bool_and(s.is_fit AND s.net = 0) AS is_valid,
      array_agg(s.journal_id) FILTER (WHERE s.has_limit) AS limited_journals, bool_or(s.is_hold) AS has_holds,
      bool_or(s.has_cause) AS has_causes
    FROM (
      SELECT l.entry, l.journal_id, bool_or(l.has_limit) AS has_limit, bool_or(l.kind = 'hold') AS is_hold,
        bool_or(l.header ->> 'caused_by' IS NOT NULL) AS has_cause,
        sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END) AS net,
        -- Never null, which bool_and would pass over.
        bool_and((l.is_open AND l.amount BETWEEN 1 AND 9999999999999
          AND (l.original_effective_date IS NULL OR l.header ->> 'on_closed_period' = 'next_open')) IS TRUE) AS is_fit
      FROM line l
      GROUP BY l.entry, l.journal_id, l.currency) s),
  -- In one order for all callers, who wait for each other on the unique index.
  new_transactions AS (
    INSERT INTO transactions (id, type, category, status, description, from_type, from_id, to_type, to_id, amount, currency,
      posted_amount, effective_date, recorded_at, expires_at, source, external_id, caused_by, metadata, event_id)
    SELECT ids[h.place], coalesce(h.header ->> 'type', 'journal'), h.header ->> 'category',
      CASE WHEN h.header ->> 'status' = 'pending' THEN 'pending' ELSE 'posted' END::transaction_status, h.header ->> 'description',
      (h.header ->> 'from_type')::transaction_end, (h.header ->> 'from_id')::uuid,
      (h.header ->> 'to_type')::transaction_end, (h.header ->> 'to_id')::uuid,
      (h.header ->> 'amount')::bigint, h.header ->> 'currency',
      CASE WHEN h.header ->> 'status' = 'pending' THEN NULL ELSE (h.header ->> 'amount')::bigint END,
      coalesce((h.header ->> 'effective_date')::date, opened.today), opened.moment, (h.header ->> 'expires_at')::timestamptz,
      coalesce(h.header ->> 'source', 'api'), h.header ->> 'external_id', (h.header ->> 'caused_by')::uuid,
      coalesce(nullif(h.header -> 'metadata', 'null'), '{}'), begun.event
    FROM jsonb_array_elements(headers) WITH ORDINALITY AS h (header, place)
    WHERE (SELECT v.is_valid FROM verdict v)
    ORDER BY coalesce(h.header ->> 'source', 'api'), h.header ->> 'external_id'),
  new_journals AS (
    INSERT INTO transaction_journals (id, transaction_id, book_id, kind, effective_date, original_effective_date, recorded_at, xid, epoch)
    SELECT l.journal_id, ids[l.entry], l.book_id, l.kind, l.effective_date,
      l.original_effective_date, opened.moment, pg_current_xact_id(), l.epoch
    FROM line l
    WHERE l.position = 1 AND (SELECT v.is_valid FROM verdict v)),
  new_lines AS (
    INSERT INTO transaction_lines (journal_id, position, account_id, book_id, currency, side, amount, counterparty_book_id, memo,
      effective_date, recorded_at, epoch, xid, kind)
    SELECT l.journal_id, l.position, l.account_id, l.book_id, l.currency, l.side, l.amount, l.counterparty, l.memo,
      l.effective_date, opened.moment, l.epoch, pg_current_xact_id(), l.kind
    FROM line l
    WHERE (SELECT v.is_valid FROM verdict v))
  SELECT v.* INTO verdict FROM verdict v;

  IF verdict.is_valid IS NOT TRUE THEN
    PERFORM explain_refusal(work, headers, entries, account_ids, sides, amounts);
  END IF;
  IF verdict.has_causes THEN
    PERFORM check_causes(work -> 'scope', ids, headers);
  END IF;
  IF verdict.limited_journals IS NOT NULL THEN
    PERFORM move_limited(verdict.limited_journals);
  END IF;
  IF verdict.has_holds THEN
    PERFORM expire_later(ids);
  END IF;
  IF get_byte(uuid_send(ids[1]), 15) & 31 = 0 THEN
    PERFORM settle_soon();
  END IF;
  RETURN jsonb_build_object('body', posting_answer(ids, work, is_batch, false));
END $$;
