-- Periods: one calendar of months per book. What is closed is books.closed_through; period_events says how it came about
-- (docs/decisions/0013-periods.md).

CREATE OR REPLACE FUNCTION end_of_month(day date) RETURNS date
LANGUAGE sql IMMUTABLE
RETURN (date_trunc('month', day::timestamp) + interval '1 month - 1 day')::date;

-- The first month after a day in which something was posted to a book; null when there is none. OFFSET 0 here and below:
-- what lies above the horizon is little, and is read first, whatever else the planner finds.
CREATE OR REPLACE FUNCTION first_month_after(book uuid, day date) RETURNS date
LANGUAGE sql STABLE AS $$
  SELECT least(
    (SELECT min(m.month)
     FROM accounts a
     CROSS JOIN LATERAL (
       SELECT m.month FROM account_months m
       WHERE m.account_id = a.id AND m.month > coalesce(first_month_after.day, '-infinity')
       ORDER BY m.month LIMIT 1) m
     WHERE a.book_id = first_month_after.book),
    (SELECT date_trunc('month', min(j.effective_date)::timestamp)::date
     FROM (SELECT * FROM transaction_journals t WHERE (t.epoch, t.xid) >= (SELECT s.epoch, s.horizon FROM ledger_state s) OFFSET 0) j
     WHERE j.book_id = first_month_after.book AND j.kind IN ('post', 'reversal')
       AND j.effective_date > coalesce(first_month_after.day, '-infinity')))
$$;

-- One line of the checklist.
CREATE OR REPLACE FUNCTION period_check(name text, passed boolean, blocking boolean, detail text, items jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('check', name, 'passed', passed, 'blocking', blocking, 'detail', detail, 'items', coalesce(items, '[]'));

-- Whether the month of a book that ends on a day can be closed: a list of {check, passed, blocking, detail, items}, each
-- item {type, id, label, amount, currency}. Only what blocks must pass; the rest is for the person to weigh.
CREATE OR REPLACE FUNCTION period_checks(book books, last_day date) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  chart uuid[] := ARRAY(SELECT a.id FROM accounts a WHERE a.book_id = book.id);
  earlier date := first_month_after(book.id, book.closed_through);
  holds jsonb;
  sides record;
  clearing jsonb;
  unreconciled jsonb;
  late record;
BEGIN
  SELECT jsonb_agg(jsonb_build_object('type', 'transaction', 'id', h.id, 'label', h.description, 'amount', h.amount, 'currency', h.currency)
    ORDER BY h.effective_date, h.id)
  INTO holds
  FROM (
    SELECT t.id, t.description, t.amount, t.currency, j.effective_date
    FROM transactions t
    CROSS JOIN LATERAL (
      SELECT j.effective_date FROM transaction_journals j
      WHERE j.transaction_id = t.id AND j.book_id = book.id AND j.kind = 'hold' LIMIT 1) j
    WHERE t.status = 'pending' AND j.effective_date <= last_day
    ORDER BY j.effective_date, t.id LIMIT 20) h;

  SELECT bool_and(c.debits = c.credits) AS are_equal, jsonb_agg(jsonb_build_object('type', 'book', 'id', book.id,
    'label', format('Debits less credits in %s', c.currency), 'amount', c.debits - c.credits, 'currency', c.currency) ORDER BY c.currency)
    FILTER (WHERE c.debits <> c.credits) AS off, count(*) AS currencies
  INTO sides
  FROM (
    SELECT a.currency, sum(s.debits)::bigint AS debits, sum(s.credits)::bigint AS credits
    FROM sums_on(chart, last_day) s
    JOIN accounts a ON a.id = s.account_id
    GROUP BY a.currency) c;

  SELECT jsonb_agg(jsonb_build_object('type', 'account', 'id', a.id, 'label', a.code || ' ' || a.name,
    'amount', s.debits - s.credits, 'currency', a.currency) ORDER BY a.code)
  INTO clearing
  FROM accounts a
  CROSS JOIN LATERAL sums_on(ARRAY[a.id], last_day) s
  WHERE a.book_id = book.id AND a.purpose IN ('processor_clearing', 'payouts_in_transit') AND s.debits <> s.credits;

  SELECT jsonb_agg(jsonb_build_object('type', 'statement', 'id', s.id, 'label', format('%s, %s – %s', o.name, s.period_from, s.period_to),
    'amount', NULL, 'currency', NULL) ORDER BY s.period_to, s.id)
  INTO unreconciled
  FROM accounts a
  JOIN statement_sources o ON o.account_id = a.id
  JOIN statements s ON s.source_id = o.id
  WHERE a.book_id = book.id AND s.status = 'open' AND s.period_to <= last_day;

  SELECT count(*) AS journals INTO late
  FROM (
    SELECT * FROM transaction_journals t
    WHERE (t.epoch, t.xid) >= (SELECT s.epoch, pg_snapshot_xmin(pg_current_snapshot()) FROM ledger_state s)
    OFFSET 0) j
  WHERE j.book_id = book.id AND j.effective_date <= last_day AND j.effective_date > coalesce(book.closed_through, '-infinity');

  RETURN jsonb_build_array(
    period_check('period_over', last_day < tenant_today(), true,
      CASE WHEN last_day < tenant_today() THEN 'It is over.' ELSE 'It is not over yet.' END),
    period_check('earlier_periods', earlier IS NULL OR end_of_month(earlier) >= last_day, true,
      CASE WHEN end_of_month(earlier) < last_day THEN format('The month of %s has entries and is open: close it first.', to_char(earlier, 'FMMonth YYYY'))
        ELSE 'No earlier month with entries is open.' END),
    period_check('pending_holds', holds IS NULL, true,
      CASE WHEN holds IS NULL THEN 'Nothing dated in it is pending.'
        ELSE format('Pending transactions dated in it: %s. Post or void them.',
          CASE jsonb_array_length(holds) WHEN 20 THEN '20 or more' ELSE jsonb_array_length(holds)::text END) END, holds),
    period_check('trial_balance', coalesce(sides.are_equal, true), true,
      CASE WHEN coalesce(sides.are_equal, true) THEN 'Debits equal credits in every currency.' ELSE 'Debits and credits differ.' END, sides.off),
    period_check('clearing_accounts', clearing IS NULL, false,
      CASE WHEN clearing IS NULL THEN 'Clearing and transit accounts are empty.'
        ELSE 'Clearing and transit accounts still hold money at its end.' END, clearing),
    period_check('reconciliation', unreconciled IS NULL, false,
      CASE WHEN unreconciled IS NULL THEN 'No statement that ends in it waits for its sign-off.'
        ELSE format('Statements that are not signed off: %s.', jsonb_array_length(unreconciled)) END, unreconciled),
    period_check('in_flight', late.journals = 0, false,
      CASE late.journals WHEN 0 THEN 'Nothing recorded in it is still settling.'
        ELSE format('Journals recorded beside work that has not finished: %s. Figures as of an instant are not final yet.', late.journals) END));
END $$;

-- The checklist of a month of a book in scope. Problems: not_found, invalid (through is not the last day of a month).
CREATE OR REPLACE FUNCTION period_readiness(scope jsonb, wanted uuid, last_day date) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  book books;
  checks jsonb;
BEGIN
  SELECT * INTO book FROM books b WHERE b.id = wanted AND scope_covers(scope, b.merchant_org_id, b.merchant_id);
  IF NOT FOUND THEN
    PERFORM raise_problem('not_found');
  END IF;
  PERFORM require_month_end(last_day);
  checks := period_checks(book, last_day);
  RETURN jsonb_build_object('book_id', book.id, 'through', last_day, 'closed_through', book.closed_through,
    'is_closed', coalesce(last_day <= book.closed_through, false),
    'is_ready', coalesce(last_day > book.closed_through, true) AND is_ready(checks), 'checks', checks);
END $$;

CREATE OR REPLACE FUNCTION is_ready(checks jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN NOT jsonb_path_exists(checks, '$[*] ? (@.blocking == true && @.passed == false)');

CREATE OR REPLACE FUNCTION require_month_end(day date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF day <> end_of_month(day) THEN
    PERFORM raise_problem('invalid', '{"message": "Periods are whole months.", "errors": {"through": ["must be the last day of a month"]}}');
  END IF;
END $$;

CREATE OR REPLACE FUNCTION note_period_event(work jsonb, event uuid, action period_action, before books, through date, reason text, checks jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO period_events (book_id, action, was_closed_through, closed_through, reason, checks, actor_type, actor_id, actor_name, event_id)
  VALUES (before.id, note_period_event.action, before.closed_through, through, note_period_event.reason, note_period_event.checks,
    (work #>> '{actor,type}')::actor_type, work #>> '{actor,id}', work #>> '{actor,name}', event);
END $$;

-- Closes a month of a book, and of further books, all or none: {through, book_ids?}. From the commit on nothing is dated in it.
-- Problems: not_found, book_not_found, invalid, conflict (closed already), period_not_ready (book_id, checks).
CREATE OR REPLACE FUNCTION close_period(work jsonb, wanted uuid, input jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun record := open_work(work);
  last_day date := input ->> 'through';
  -- In the order of their ids, as postings share them.
  book_ids uuid[] := ARRAY(
    SELECT wanted UNION SELECT i::uuid FROM jsonb_array_elements_text(coalesce(nullif(input -> 'book_ids', 'null'), '[]')) AS i ORDER BY 1);
  id_of_book uuid;
  book books;
  checks jsonb;
  closed jsonb[] := '{}';
  answer text;
BEGIN
  IF begun.replay IS NOT NULL THEN RETURN begun.replay; END IF;
  PERFORM require_month_end(last_day);
  PERFORM raise_problem(CASE i.id WHEN wanted THEN 'not_found' ELSE 'book_not_found' END)
  FROM unnest(book_ids) AS i (id)
  WHERE NOT EXISTS (SELECT FROM books b WHERE b.id = i.id AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id))
  ORDER BY i.id = wanted DESC LIMIT 1;
  FOREACH id_of_book IN ARRAY book_ids LOOP
    book := lock_readable_book(work, id_of_book, 'book_not_found');
    IF book.closed_through >= last_day THEN
      PERFORM raise_problem('conflict', jsonb_build_object('book_id', book.id,
        'message', format('The books of %s are closed through %s already.', book.name, book.closed_through)));
    END IF;
    checks := period_checks(book, last_day);
    IF NOT is_ready(checks) THEN
      PERFORM raise_problem('period_not_ready', jsonb_build_object('book_id', book.id, 'checks', checks,
        'message', format('%s: %s', book.name, (SELECT string_agg(c ->> 'detail', ' ') FROM jsonb_array_elements(checks) AS c
          WHERE (c -> 'blocking')::boolean AND NOT (c -> 'passed')::boolean))));
    END IF;
    PERFORM note_period_event(work, begun.event, 'close', book, last_day, NULL, checks);
    UPDATE books b SET closed_through = last_day WHERE b.id = book.id;
    closed := closed || jsonb_build_object('book_id', book.id, 'name', book.name, 'closed_through', last_day, 'checks', checks);
  END LOOP;
  answer := json_build_object('through', last_day, 'books', to_json(closed));
  PERFORM keep_answer(work, 200, answer);
  RETURN jsonb_build_object('body', answer);
END $$;

-- Opens the months of a book after a day again: {through (null: all of them), reason}. Not by who closed one of them.
-- Problems: not_found, invalid, conflict (not closed), second_person_needed (closed_by).
CREATE OR REPLACE FUNCTION reopen_period(work jsonb, wanted uuid, input jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun record := open_work(work);
  last_day date := input ->> 'through';
  book books;
  answer text;
BEGIN
  IF begun.replay IS NOT NULL THEN RETURN begun.replay; END IF;
  PERFORM require_month_end(last_day);
  book := lock_readable_book(work, wanted, 'not_found');
  IF book.closed_through IS NULL OR last_day >= book.closed_through THEN
    PERFORM raise_problem('conflict', jsonb_build_object('message', CASE WHEN book.closed_through IS NULL
      THEN 'No period of these books is closed.' ELSE format('What is closed ends on %s.', book.closed_through) END));
  END IF;
  -- A closing holds from where it began up to the earliest day that a later reopening went back to.
  PERFORM raise_problem('second_person_needed', jsonb_build_object('closed_by', work #>> '{actor,name}',
    'message', 'You closed this period yourself. Somebody else has to reopen it.'))
  FROM period_events e
  WHERE e.book_id = book.id AND e.action = 'close' AND e.actor_id = work #>> '{actor,id}'
    AND greatest(last_day, e.was_closed_through, '-infinity') < least(e.closed_through, (
      SELECT min(coalesce(r.closed_through, '-infinity')) FROM period_events r
      WHERE r.book_id = e.book_id AND r.action = 'reopen' AND r.id > e.id));
  PERFORM note_period_event(work, begun.event, 'reopen', book, last_day, input ->> 'reason', NULL);
  UPDATE books b SET closed_through = last_day WHERE b.id = book.id RETURNING * INTO book;
  answer := book_document(book);
  PERFORM keep_answer(work, 200, answer);
  RETURN jsonb_build_object('body', answer);
END $$;

-- The months of a year of a book, as {month, from, through, status, …}: closed, closable (over, and the one after the last
-- closed month; while none is, the first with entries) or open.
CREATE OR REPLACE FUNCTION period_calendar(book books, year integer) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  today date := tenant_today();
  next_month date := coalesce(book.closed_through + 1, first_month_after(book.id, NULL));
BEGIN
  RETURN (
    SELECT json_agg(json_build_object('month', to_char(m.first_day, 'YYYY-MM'), 'from', m.first_day, 'through', m.last_day,
      'status', CASE WHEN m.last_day <= book.closed_through THEN 'closed'
        WHEN m.last_day < today AND m.first_day = next_month THEN 'closable' ELSE 'open' END,
      'closed_at', rfc3339(c.recorded_at), 'closed_by', c.actor_name,
      'reopened_at', rfc3339(r.recorded_at), 'reopened_by', r.actor_name, 'reopen_reason', r.reason,
      'late_items', (SELECT count(*) FROM transaction_journals j
        WHERE j.book_id = book.id AND j.original_effective_date BETWEEN m.first_day AND m.last_day)) ORDER BY m.first_day)
    FROM (
      SELECT make_date(period_calendar.year, n, 1) AS first_day, end_of_month(make_date(period_calendar.year, n, 1)) AS last_day
      FROM generate_series(1, 12) AS n) m
    LEFT JOIN LATERAL (
      SELECT e.* FROM period_events e
      WHERE e.book_id = book.id AND e.action = 'close' AND m.last_day <= e.closed_through
        AND m.last_day > coalesce(e.was_closed_through, '-infinity')
      ORDER BY e.id DESC LIMIT 1) c ON true
    LEFT JOIN LATERAL (
      SELECT e.* FROM period_events e
      WHERE e.book_id = book.id AND e.action = 'reopen' AND m.last_day <= e.was_closed_through
        AND m.last_day > coalesce(e.closed_through, '-infinity') AND e.id > c.id
      ORDER BY e.id DESC LIMIT 1) r ON true);
END $$;

GRANT EXECUTE ON FUNCTION period_readiness(jsonb, uuid, date), close_period(jsonb, uuid, jsonb), reopen_period(jsonb, uuid, jsonb),
  period_calendar(books, integer) TO {{role}};
