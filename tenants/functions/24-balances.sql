-- Balances: sums of what lies below the horizon, plus the lines at or above it. Both are read in one snapshot, so a line
-- is counted exactly once, whatever is in flight (docs/decisions/0011-balances-and-the-horizon.md).
-- Everywhere: debits and credits are posted sums, pending_debits and pending_credits those of holds, in minor units.

-- What accounts hold now.
CREATE OR REPLACE FUNCTION sums_now(account_ids uuid[])
RETURNS TABLE (account_id uuid, debits bigint, credits bigint, pending_debits bigint, pending_credits bigint)
LANGUAGE sql STABLE AS $$
  SELECT i.id, (coalesce(t.debits, 0) + coalesce(l.debits, 0))::bigint, (coalesce(t.credits, 0) + coalesce(l.credits, 0))::bigint,
    (coalesce(t.pending_debits, 0) + coalesce(l.pending_debits, 0))::bigint,
    (coalesce(t.pending_credits, 0) + coalesce(l.pending_credits, 0))::bigint
  FROM ledger_state s
  CROSS JOIN unnest(account_ids) AS i (id)
  LEFT JOIN account_totals t ON t.account_id = i.id
  LEFT JOIN LATERAL (
    SELECT sum(n.debit) AS debits, sum(n.credit) AS credits, sum(n.pending_debit) AS pending_debits, sum(n.pending_credit) AS pending_credits
    FROM line_effects n
    WHERE n.account_id = i.id AND (n.epoch, n.xid) >= (s.epoch, s.horizon)) l ON true
$$;

-- What accounts held at the end of a day, by effective date: posted sums only.
CREATE OR REPLACE FUNCTION sums_on(account_ids uuid[], day date)
RETURNS TABLE (account_id uuid, debits bigint, credits bigint, pending_debits bigint, pending_credits bigint)
LANGUAGE sql STABLE AS $$
  SELECT i.id, (coalesce(m.debits, 0) + coalesce(d.debits, 0) + coalesce(l.debits, 0))::bigint,
    (coalesce(m.credits, 0) + coalesce(d.credits, 0) + coalesce(l.credits, 0))::bigint, 0::bigint, 0::bigint
  FROM ledger_state s
  CROSS JOIN unnest(account_ids) AS i (id)
  LEFT JOIN LATERAL (
    SELECT sum(a.debits) AS debits, sum(a.credits) AS credits
    FROM account_months a WHERE a.account_id = i.id AND a.month < date_trunc('month', sums_on.day)::date) m ON true
  LEFT JOIN LATERAL (
    SELECT sum(a.debits) AS debits, sum(a.credits) AS credits
    FROM account_days a WHERE a.account_id = i.id AND a.day BETWEEN date_trunc('month', sums_on.day)::date AND sums_on.day) d ON true
  LEFT JOIN LATERAL (
    SELECT sum(n.debit) AS debits, sum(n.credit) AS credits
    FROM line_effects n
    -- The sum keeps a plan that is made for any day from reading all lines of the account in the order of days.
    WHERE n.account_id = i.id AND (n.epoch, n.xid) >= (s.epoch, s.horizon) AND n.effective_date + 0 <= sums_on.day) l ON true
$$;

-- What accounts held at an instant, by the time of recording: the last mark before it, plus the lines between. A tick tells
-- which lines can lie between: below its horizon all were recorded before `after`, from its ceiling on all after `before`.
CREATE OR REPLACE FUNCTION sums_at(account_ids uuid[], instant timestamptz)
RETURNS TABLE (account_id uuid, debits bigint, credits bigint, pending_debits bigint, pending_credits bigint)
LANGUAGE sql STABLE AS $$
  SELECT i.id, (coalesce(m.debits, 0) + coalesce(l.debits, 0))::bigint, (coalesce(m.credits, 0) + coalesce(l.credits, 0))::bigint,
    (coalesce(m.pending_debits, 0) + coalesce(l.pending_debits, 0))::bigint,
    (coalesce(m.pending_credits, 0) + coalesce(l.pending_credits, 0))::bigint
  FROM (
    SELECT (SELECT t FROM ledger_ticks t WHERE t.after <= instant ORDER BY t.after DESC LIMIT 1) AS below,
      (SELECT t FROM ledger_ticks t WHERE t.before >= instant ORDER BY t.before LIMIT 1) AS above) b
  CROSS JOIN unnest(account_ids) AS i (id)
  LEFT JOIN LATERAL (
    SELECT a.* FROM account_marks a
    WHERE a.account_id = i.id AND (a.epoch, a.horizon) <= ((b.below).epoch, (b.below).horizon)
    ORDER BY a.epoch DESC, a.horizon DESC LIMIT 1) m ON true
  LEFT JOIN LATERAL (
    SELECT sum(n.debit) AS debits, sum(n.credit) AS credits, sum(n.pending_debit) AS pending_debits, sum(n.pending_credit) AS pending_credits
    FROM line_effects n
    WHERE n.account_id = i.id AND (n.epoch, n.xid) >= (coalesce(m.epoch, 0::smallint), coalesce(m.horizon, '0'))
      AND (n.epoch, n.xid) < (coalesce((b.above).epoch, 32767::smallint), coalesce((b.above).ceiling, '18446744073709551615'))
      AND n.recorded_at <= instant) l ON true
$$;

-- Whether nothing can be recorded any more with an instant up to this one: all that was in flight then has finished. Known
-- from the first tick after the instant on: no snapshot tells that nothing at all is in flight, since its xmax is one past the
-- last transaction that has finished, not past the last that has begun.
CREATE OR REPLACE FUNCTION is_final_at(instant timestamptz) RETURNS boolean
LANGUAGE sql STABLE
RETURN instant <= statement_timestamp() AND EXISTS (
  SELECT FROM ledger_ticks t CROSS JOIN ledger_state s
  WHERE t.before >= instant AND (t.epoch < s.epoch OR t.ceiling <= pg_snapshot_xmin(pg_current_snapshot())));

-- Folds all lines from the state's horizon up to another into totals, months and days, and marks accounts that have moved
-- much since their last mark. Returns how many journals there were. The caller has locked ledger_state.
CREATE OR REPLACE FUNCTION fold_range(state ledger_state, upto_epoch smallint, upto xid8, lines_per_mark integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  folded bigint;
BEGIN
  WITH line AS MATERIALIZED (
    SELECT l.* FROM transaction_journals j JOIN line_effects l ON l.journal_id = j.id
    WHERE (j.epoch, j.xid) >= (state.epoch, state.horizon) AND (j.epoch, j.xid) < (upto_epoch, upto)),
  totals AS (
    INSERT INTO account_totals AS t (account_id, book_id, currency, debits, credits, pending_debits, pending_credits, unmarked_lines)
    SELECT l.account_id, l.book_id, l.currency, sum(l.debit), sum(l.credit), sum(l.pending_debit), sum(l.pending_credit), count(*)
    FROM line l GROUP BY l.account_id, l.book_id, l.currency
    ON CONFLICT (account_id) DO UPDATE
    SET debits = t.debits + excluded.debits, credits = t.credits + excluded.credits,
        pending_debits = t.pending_debits + excluded.pending_debits, pending_credits = t.pending_credits + excluded.pending_credits,
        unmarked_lines = t.unmarked_lines + excluded.unmarked_lines),
  months AS (
    INSERT INTO account_months AS m (account_id, month, debits, credits)
    SELECT l.account_id, date_trunc('month', l.effective_date)::date, sum(l.debit), sum(l.credit)
    FROM line l WHERE l.debit + l.credit > 0 GROUP BY 1, 2
    ON CONFLICT (account_id, month) DO UPDATE SET debits = m.debits + excluded.debits, credits = m.credits + excluded.credits),
  days AS (
    INSERT INTO account_days AS d (account_id, day, debits, credits)
    SELECT l.account_id, l.effective_date, sum(l.debit), sum(l.credit)
    FROM line l WHERE l.debit + l.credit > 0 GROUP BY 1, 2
    ON CONFLICT (account_id, day) DO UPDATE SET debits = d.debits + excluded.debits, credits = d.credits + excluded.credits),
  counterparty_days AS (
    INSERT INTO account_counterparty_days AS c (account_id, counterparty_book_id, day, debits, credits)
    SELECT l.account_id, l.counterparty_book_id, l.effective_date, sum(l.debit), sum(l.credit)
    FROM line l WHERE l.debit + l.credit > 0 AND l.counterparty_book_id IS NOT NULL GROUP BY 1, 2, 3
    ON CONFLICT (account_id, counterparty_book_id, day)
      DO UPDATE SET debits = c.debits + excluded.debits, credits = c.credits + excluded.credits),
  sides AS (
    INSERT INTO book_totals AS b (book_id, currency, debits, credits)
    SELECT l.book_id, l.currency, coalesce(sum(l.amount) FILTER (WHERE l.side = 'debit'), 0),
      coalesce(sum(l.amount) FILTER (WHERE l.side = 'credit'), 0)
    FROM line l GROUP BY 1, 2
    ON CONFLICT (book_id, currency) DO UPDATE SET debits = b.debits + excluded.debits, credits = b.credits + excluded.credits)
  SELECT count(DISTINCT l.journal_id) INTO folded FROM line l;

  UPDATE ledger_state SET epoch = upto_epoch, horizon = upto, folded_at = clock_timestamp();
  WITH marked AS (
    UPDATE account_totals t SET unmarked_lines = 0 WHERE t.unmarked_lines >= lines_per_mark
    RETURNING t.account_id, t.debits, t.credits, t.pending_debits, t.pending_credits)
  INSERT INTO account_marks (account_id, epoch, horizon, debits, credits, pending_debits, pending_credits)
  SELECT m.account_id, upto_epoch, upto, m.debits, m.credits, m.pending_debits, m.pending_credits FROM marked m;
  RETURN folded;
END $$;

-- Folds what has come to lie below the horizon, at most so many journals, and now and then notes the time (ledger_ticks).
-- One caller at a time; a posting never waits for it. Returns {folded, has_more}.
CREATE OR REPLACE FUNCTION fold_ledger(journals_at_once integer DEFAULT 2000, lines_per_mark integer DEFAULT 64) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  state ledger_state;
  seen pg_snapshot;
  upto xid8;
  has_more boolean;
  folded bigint;
BEGIN
  SELECT * INTO STRICT state FROM ledger_state FOR UPDATE;
  SELECT pg_current_snapshot() INTO seen FROM ledger_state;
  SELECT j.xid INTO upto
  FROM transaction_journals j
  WHERE (j.epoch, j.xid) >= (state.epoch, state.horizon) AND (j.epoch, j.xid) < (state.epoch, pg_snapshot_xmin(seen))
  ORDER BY j.epoch, j.xid OFFSET journals_at_once LIMIT 1;
  has_more := FOUND AND upto > state.horizon;
  IF NOT has_more THEN
    upto := greatest(pg_snapshot_xmin(seen), state.horizon);
  END IF;
  folded := fold_range(state, state.epoch, upto, lines_per_mark);
  -- This transaction's own id was given after its start, and all later ids after that.
  INSERT INTO ledger_ticks (epoch, horizon, ceiling, before, after)
  SELECT state.epoch, upto, pg_current_xact_id(), now(), clock_timestamp()
  WHERE NOT has_more AND NOT EXISTS (
    SELECT FROM ledger_ticks t WHERE t.after > clock_timestamp() - CASE WHEN folded > 0 THEN interval '10 seconds' ELSE interval '10 minutes' END);
  RETURN jsonb_build_object('folded', folded, 'has_more', has_more);
END $$;

-- Begins another epoch on the same server: folds everything there is. Called by the owner, within a unit of work, while nobody
-- posts. On another server, where even the id of this transaction is older than what is there, begin_restored() does it.
CREATE OR REPLACE FUNCTION begin_epoch() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  state ledger_state;
BEGIN
  SELECT * INTO STRICT state FROM ledger_state FOR UPDATE;
  PERFORM fold_range(state, (state.epoch + 1)::smallint, '0', 64);
  UPDATE books SET epoch = state.epoch + 1;
END $$;

-- Has the ledger folded and sealed soon. Never waits for another caller that does.
CREATE OR REPLACE FUNCTION settle_soon() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM jobs j WHERE j.unique_key = 'ledger.settle' AND j.state IN ('queued', 'running'))
    AND pg_try_advisory_xact_lock(hashtextextended('{{schema}} ledger.settle', 0)) THEN
    INSERT INTO jobs (operation, unique_key, run_at) VALUES ('ledger.settle', 'ledger.settle', now() + interval '1 second')
    ON CONFLICT (unique_key) WHERE state IN ('queued', 'running') DO NOTHING;
  END IF;
END $$;

GRANT EXECUTE ON FUNCTION sums_now(uuid[]), sums_on(uuid[], date), sums_at(uuid[], timestamptz), is_final_at(timestamptz),
  fold_ledger(integer, integer) TO {{role}};
