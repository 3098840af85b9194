-- What happens to a transaction after it was created: a hold is posted (whole or in part), voided or expires; what is posted
-- is reversed. Each step adds journals and moves the status on; nothing that was written changes.

-- The transaction, locked until the commit, with its books shared. Problems: not_found (none of its books is in scope),
-- forbidden (one is not), already_posted, already_voided, already_reversed, not_posted, conflict (an invoice stands on it).
CREATE OR REPLACE FUNCTION lock_transaction(work jsonb, wanted uuid, step journal_kind) RETURNS transactions
LANGUAGE plpgsql AS $$
DECLARE
  locked transactions;
  book_ids uuid[];
  visible integer;
BEGIN
  SELECT array_agg(DISTINCT j.book_id), count(DISTINCT j.book_id) FILTER (WHERE scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id))
  INTO book_ids, visible
  FROM transaction_journals j JOIN books b ON b.id = j.book_id
  WHERE j.transaction_id = wanted;
  IF coalesce(visible, 0) = 0 THEN
    PERFORM raise_problem('not_found');
  ELSIF visible < cardinality(book_ids) THEN
    PERFORM raise_problem('forbidden', '{"message": "This transaction also touches books outside your scope."}');
  END IF;
  PERFORM share_books(book_ids);
  SELECT * INTO STRICT locked FROM transactions t WHERE t.id = wanted FOR UPDATE;
  IF locked.status = 'voided' THEN
    PERFORM raise_problem('already_voided');
  ELSIF locked.status = 'reversed' THEN
    PERFORM raise_problem('already_reversed');
  ELSIF step = 'reversal' AND locked.status = 'pending' THEN
    PERFORM raise_problem('not_posted');
  ELSIF step = 'reversal' AND is_customer_money(locked) THEN
    PERFORM raise_problem('conflict', '{"message": "An invoice counts on this transaction: refund the payment instead."}');
  ELSIF step <> 'reversal' AND locked.status = 'posted' THEN
    PERFORM raise_problem('already_posted');
  END IF;
  RETURN locked;
END $$;

-- Adds the journals of a step, one per book: `release` takes the hold back, `post` posts what was held, `reversal` takes
-- back what was posted. A part is `part` of `whole`, rounded so that each side of each journal rounds alike.
-- Problems: account_closed, book_closed, period_closed, limit_exceeded.
CREATE OR REPLACE FUNCTION add_journals(of_transaction transactions, step journal_kind, day date, in_next_open boolean,
  part numeric DEFAULT 1, whole numeric DEFAULT 1) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  origin journal_kind := CASE step WHEN 'reversal' THEN 'post' ELSE 'hold' END;
  moment timestamptz := clock_timestamp();
  wrong record;
  limited uuid[];
BEGIN
  -- A release must always be possible: what it takes back never counted in any period.
  IF step <> 'release' THEN
    SELECT b.id AS book_id, b.name, b.closed_through,
      array_agg(a.id) FILTER (WHERE a.status <> 'open') AS closed_accounts, bool_or(b.status <> 'open') AS is_closed
    INTO wrong
    FROM transaction_journals j
    JOIN books b ON b.id = j.book_id
    JOIN transaction_lines l ON l.journal_id = j.id
    JOIN accounts a ON a.id = l.account_id
    WHERE j.transaction_id = of_transaction.id AND j.kind = origin
      AND (a.status <> 'open' OR b.status <> 'open' OR day <= b.closed_through AND NOT in_next_open)
    GROUP BY b.id
    LIMIT 1;
    IF wrong.is_closed THEN
      PERFORM raise_problem('book_closed', jsonb_build_object('book_id', wrong.book_id, 'message', format('The books of %s are closed.', wrong.name)));
    ELSIF wrong.closed_accounts IS NOT NULL THEN
      PERFORM raise_problem('account_closed', jsonb_build_object('account_ids', wrong.closed_accounts));
    ELSIF wrong.book_id IS NOT NULL THEN
      PERFORM raise_problem('period_closed', jsonb_build_object('book_id', wrong.book_id, 'closed_through', wrong.closed_through,
        'message', format('The books of %s are closed through %s.', wrong.name, wrong.closed_through)));
    END IF;
  END IF;

  WITH journal AS MATERIALIZED (
    SELECT j.id AS origin_id, uuidv7() AS id, j.book_id, b.epoch,
      CASE WHEN day <= b.closed_through THEN b.closed_through + 1 ELSE day END AS effective_date,
      CASE WHEN day <= b.closed_through THEN day END AS original_effective_date
    FROM transaction_journals j
    JOIN books b ON b.id = j.book_id
    WHERE j.transaction_id = of_transaction.id AND j.kind = origin
    ORDER BY j.id),
  line AS MATERIALIZED (
    SELECT j.id AS journal_id, j.book_id, j.epoch, j.effective_date, l.account_id, l.currency, l.counterparty_book_id, l.memo, l.position,
      CASE WHEN step = 'post' THEN l.side WHEN l.side = 'debit' THEN 'credit' ELSE 'debit' END::entry_side AS side,
      -- Rounded as running sums, so that both sides end on the same sum.
      (round(sum(l.amount) OVER w * part / whole) - round((sum(l.amount) OVER w - l.amount) * part / whole))::bigint AS amount
    FROM journal j
    JOIN transaction_lines l ON l.journal_id = j.origin_id
    WINDOW w AS (PARTITION BY l.journal_id, l.currency, l.side ORDER BY l.position)),
  new_journals AS (
    INSERT INTO transaction_journals (id, transaction_id, book_id, kind, effective_date, original_effective_date, recorded_at, epoch)
    SELECT j.id, of_transaction.id, j.book_id, step, j.effective_date, j.original_effective_date, moment, j.epoch
    FROM journal j
    WHERE EXISTS (SELECT FROM line l WHERE l.journal_id = j.id AND l.amount > 0)),
  new_lines AS (
    INSERT INTO transaction_lines (journal_id, position, account_id, book_id, currency, side, amount, counterparty_book_id, memo,
      effective_date, recorded_at, epoch, kind)
    SELECT l.journal_id, l.position, l.account_id, l.book_id, l.currency, l.side, l.amount, l.counterparty_book_id, l.memo,
      l.effective_date, moment, l.epoch, step
    FROM line l
    WHERE l.amount > 0)
  SELECT array_agg(DISTINCT l.journal_id) INTO limited
  FROM line l
  JOIN accounts a ON a.id = l.account_id
  WHERE coalesce(a.minimum_balance, a.maximum_balance) IS NOT NULL;
  IF limited IS NOT NULL THEN
    PERFORM move_limited(limited);
  END IF;
END $$;

-- What can be posted of a hold: its amount, or for raw lines the one sum that every journal has on each side; null when
-- there is no such single sum.
CREATE OR REPLACE FUNCTION held_amount(held transactions) RETURNS bigint
LANGUAGE sql STABLE
RETURN coalesce(held.amount, (
  SELECT CASE WHEN count(DISTINCT (s.currency, s.total)) = 1 THEN min(s.total) END
  FROM (
    SELECT l.journal_id, l.currency, sum(l.amount) AS total
    FROM transaction_journals j JOIN transaction_lines l ON l.journal_id = j.id
    WHERE j.transaction_id = held.id AND j.kind = 'hold' AND l.side = 'debit'
    GROUP BY l.journal_id, l.currency) s));

-- One step of a transaction: `post` {amount?, effective_date?, on_closed_period?} of a hold (what is not posted is released),
-- `release` {reason?} voids it, `reversal` {reason, effective_date?, on_closed_period?} takes back what was posted.
-- Returns {body} or {replay}. Problems: those of lock_transaction and add_journals; amount_out_of_range, rule_violation.
CREATE OR REPLACE FUNCTION step_transaction(work jsonb, id_of_transaction uuid, step journal_kind, input jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  begun record := open_work(work);
  of_transaction transactions;
  in_next_open boolean := coalesce(input ->> 'on_closed_period' = 'next_open', false);
  part bigint := input ->> 'amount';
  whole bigint;
  answer text;
BEGIN
  IF begun.replay IS NOT NULL THEN RETURN begun.replay; END IF;
  of_transaction := lock_transaction(work, id_of_transaction, step);
  IF step = 'reversal' THEN
    PERFORM add_journals(of_transaction, 'reversal', coalesce((input ->> 'effective_date')::date, tenant_today()), in_next_open);
    UPDATE transactions t SET status = 'reversed', reason = input ->> 'reason' WHERE t.id = of_transaction.id;
  ELSIF step = 'release' THEN
    PERFORM add_journals(of_transaction, 'release', of_transaction.effective_date, true);
    UPDATE transactions t SET status = 'voided', reason = input ->> 'reason' WHERE t.id = of_transaction.id;
  ELSE
    whole := held_amount(of_transaction);
    IF part IS NOT NULL AND whole IS NULL THEN
      PERFORM raise_problem('rule_violation', '{"reason": "a hold of several sums is posted whole"}');
    ELSIF part NOT BETWEEN 1 AND whole THEN
      PERFORM raise_problem('amount_out_of_range', jsonb_build_object('held', whole,
        'message', format('A part is from 1 to what is held, %s, in minor units.', whole)));
    END IF;
    PERFORM add_journals(of_transaction, 'release', of_transaction.effective_date, true);
    PERFORM add_journals(of_transaction, 'post', coalesce((input ->> 'effective_date')::date, of_transaction.effective_date), in_next_open,
      coalesce(part, 1), CASE WHEN part IS NULL THEN 1 ELSE whole END);
    UPDATE transactions t SET status = 'posted', posted_amount = coalesce(part, whole) WHERE t.id = of_transaction.id;
  END IF;
  SELECT d.document INTO answer FROM transaction_documents(ARRAY[of_transaction.id], work -> 'scope') AS d (document);
  PERFORM keep_answer(work, 200, answer);
  RETURN jsonb_build_object('body', answer);
END $$;

-- What posting would do, by the same code: the transaction and the balances of its accounts afterwards; nothing is kept.
CREATE OR REPLACE FUNCTION preview_transaction(work jsonb, input jsonb, entries integer[], account_ids uuid[], sides entry_side[],
  amounts bigint[], memos text[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  document jsonb;
  balances jsonb;
BEGIN
  BEGIN
    document := post_transactions(work, input, entries, account_ids, sides, amounts, memos) ->> 'body';
    SELECT jsonb_agg(jsonb_build_object('account_id', s.account_id, 'code', a.code, 'name', a.name, 'currency', a.currency,
        'debits', s.debits, 'credits', s.credits, 'balance', s.debits - s.credits,
        'pending_debits', s.pending_debits, 'pending_credits', s.pending_credits) ORDER BY a.book_id, a.code)
    INTO balances
    FROM sums_now(ARRAY(
      SELECT DISTINCT l.account_id FROM transaction_journals j JOIN transaction_lines l ON l.journal_id = j.id
      WHERE j.transaction_id = (document ->> 'id')::uuid)) s
    JOIN accounts a ON a.id = s.account_id
    JOIN books b ON b.id = a.book_id AND scope_covers(work -> 'scope', b.merchant_org_id, b.merchant_id);
    RAISE EXCEPTION USING ERRCODE = 'SCP05';
  EXCEPTION WHEN SQLSTATE 'SCP05' THEN
    NULL;
  END;
  RETURN document || jsonb_build_object('balances', coalesce(balances, '[]'));
END $$;

-- Has holds voided in the minute after they expire: one job per minute, however many there are.
CREATE OR REPLACE FUNCTION expire_later(ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO jobs (operation, unique_key, run_at)
  SELECT DISTINCT 'transaction.expire', 'transaction.expire ' || due.minute, due.minute
  FROM transactions t
  CROSS JOIN LATERAL (SELECT date_trunc('minute', t.expires_at) + interval '1 minute' AS minute) due
  WHERE t.id = ANY (ids) AND t.expires_at IS NOT NULL
  ON CONFLICT (unique_key) WHERE state IN ('queued', 'running') DO NOTHING;
END $$;

-- Takes all locks that steps of many holds need, in the order in which every posting takes them: books, transactions, balances.
-- Returns those that are pending still and that nobody else is at.
CREATE OR REPLACE FUNCTION lock_holds(wanted uuid[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
BEGIN
  PERFORM share_books(ARRAY(SELECT j.book_id FROM transaction_journals j WHERE j.transaction_id = ANY (wanted)));
  ids := ARRAY(
    SELECT t.id FROM transactions t WHERE t.id = ANY (wanted) AND t.status = 'pending' ORDER BY t.id FOR UPDATE SKIP LOCKED);
  PERFORM FROM limited_balances b
  WHERE b.account_id IN (
    SELECT l.account_id FROM transaction_journals j JOIN transaction_lines l ON l.journal_id = j.id WHERE j.transaction_id = ANY (ids))
  ORDER BY b.account_id FOR UPDATE;
  RETURN ids;
END $$;

-- Voids up to 500 holds whose time is over. Returns how many there were.
CREATE OR REPLACE FUNCTION expire_holds() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  ids uuid[];
BEGIN
  ids := lock_holds(ARRAY(
    SELECT t.id FROM transactions t WHERE t.status = 'pending' AND t.expires_at <= now() ORDER BY t.expires_at, t.id LIMIT 500));
  PERFORM step_transaction(NULL, i.id, 'release', '{"reason": "expired"}') FROM unnest(ids) AS i (id);
  -- What somebody was at, and what is beyond one batch, is due again at once.
  INSERT INTO jobs (operation, unique_key, run_at)
  SELECT 'transaction.expire', 'transaction.expire ' || again.time, again.time
  FROM (SELECT now() + interval '1 second' AS time) again
  WHERE EXISTS (SELECT FROM transactions t WHERE t.status = 'pending' AND t.expires_at <= now());
  RETURN cardinality(ids);
END $$;

GRANT EXECUTE ON FUNCTION step_transaction(jsonb, uuid, journal_kind, jsonb),
  preview_transaction(jsonb, jsonb, integer[], uuid[], entry_side[], bigint[], text[]), expire_holds() TO {{role}};
