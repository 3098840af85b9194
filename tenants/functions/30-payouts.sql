-- Payouts: what must be true before money leaves, and the two places where callers could race. Postings are made by the
-- posting functions; a payout's state is the view `payouts`.

-- Makes sure that a party has the money for a payout, and that nobody else pays it out meanwhile: callers for one party and
-- currency wait here for each other until the commit. Available is what processor clearing holds, less what is pending.
-- Returns the name of the party.
-- Problems: party_not_found, insufficient_funds (available), invalid (currency, scheduled_for, effective_date).
CREATE OR REPLACE FUNCTION reserve_payout(scope jsonb, party transaction_end, id_of_party uuid, in_currency text, amount bigint, scheduled_for date,
  effective_date date DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  book books;
  available bigint;
BEGIN
  SELECT * INTO book FROM books b
  WHERE b.party_type = party::text::party_type AND b.party_id = id_of_party AND scope_covers(scope, b.merchant_org_id, b.merchant_id);
  IF NOT FOUND THEN
    PERFORM raise_problem('party_not_found', jsonb_build_object('party', jsonb_build_object('type', party, 'id', id_of_party)));
  ELSIF NOT EXISTS (SELECT FROM currencies c WHERE c.code = in_currency) THEN
    PERFORM raise_problem('invalid', '{"errors": {"amount.currency": ["is not an ISO 4217 currency"]}}');
  ELSIF scheduled_for <= tenant_today() THEN
    PERFORM raise_problem('invalid', '{"errors": {"scheduled_for": ["must be a later day than today"]}}');
  ELSIF effective_date > tenant_today() THEN
    PERFORM raise_problem('invalid', '{"errors": {"effective_date": ["must not be after today"]}}');
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('{{schema}} payout ' || in_currency || ' ' || book.id, 0));
  SELECT s.debits - s.credits - s.pending_credits INTO available
  FROM accounts a
  CROSS JOIN LATERAL sums_now(ARRAY[a.id]) s
  WHERE a.book_id = book.id AND a.purpose = 'processor_clearing' AND a.currency = in_currency;
  IF coalesce(available, 0) < amount THEN
    PERFORM raise_problem('insufficient_funds', jsonb_build_object('available', greatest(coalesce(available, 0), 0), 'currency', in_currency,
      'message', format('%s has less than that to be paid out.', book.name)));
  END IF;
  RETURN book.name;
END $$;

-- Holds a payout that is on its way, until the commit. Problems: not_posted (it waits for its day), already_voided,
-- already_reversed.
CREATE OR REPLACE FUNCTION lock_payout(payout uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  PERFORM lock_transaction(NULL, payout, 'reversal');
END $$;

-- What ends a payout, through whichever door, moves the whole of that very payout while it is on its way: it is held, in the
-- order of the ids, so that it cannot be reversed meanwhile. What the caller does not see is refused later (check_causes).
-- Problems: rule_violation, not_posted, already_voided, already_reversed.
CREATE OR REPLACE FUNCTION lock_ended_payouts(scope jsonb, headers jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  ended record;
  payout transactions;
BEGIN
  FOR ended IN
    SELECT (h.header ->> 'caused_by')::uuid AS id, h.place::integer AS place, h.header
    FROM jsonb_array_elements(headers) WITH ORDINALITY AS h (header, place)
    WHERE h.header ->> 'type' = 'payout' AND h.header ->> 'category' IN ('settled', 'returned') AND h.header ->> 'caused_by' IS NOT NULL
    ORDER BY 1, 2
  LOOP
    SELECT * INTO payout FROM transactions t
    WHERE t.id = ended.id AND t.type = 'payout' AND t.category IS NULL AND transaction_in_scope(t.id, scope)
    FOR NO KEY UPDATE;
    CONTINUE WHEN NOT FOUND;
    IF payout.status <> 'posted' THEN
      PERFORM refuse_entry(CASE payout.status WHEN 'pending' THEN 'not_posted' WHEN 'voided' THEN 'already_voided' ELSE 'already_reversed' END,
        ended.place, headers, '{}');
    ELSIF (payout.to_type::text, payout.to_id, payout.posted_amount::bigint, payout.currency::text) IS DISTINCT FROM
      (ended.header ->> 'to_type', (ended.header ->> 'to_id')::uuid, (ended.header ->> 'amount')::bigint, ended.header ->> 'currency') THEN
      PERFORM refuse_entry('rule_violation', ended.place, headers,
        '{"reason": "a payout ends whole: to the same party, with the same amount and currency"}');
    END IF;
  END LOOP;
END $$;

-- A payout that has ended, or is about to, is not reversed under its end, which would leave money in transit that is nowhere.
CREATE OR REPLACE FUNCTION guard_payout() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  ended text := (SELECT c.category FROM transactions c
    WHERE c.caused_by = NEW.id AND c.type = 'payout' AND c.category IN ('settled', 'returned') AND c.status IN ('pending', 'posted'));
BEGIN
  IF ended IS NOT NULL THEN
    PERFORM raise_problem(CASE ended WHEN 'settled' THEN 'already_settled' ELSE 'already_returned' END);
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER guard_payout BEFORE UPDATE OF status ON transactions
  FOR EACH ROW WHEN (NEW.status = 'reversed' AND NEW.type = 'payout' AND NEW.category IS NULL) EXECUTE FUNCTION guard_payout();

-- Has scheduled payouts sent when their day begins in the tenant's zone; what could not be sent then is tried every hour.
CREATE OR REPLACE FUNCTION send_payouts_later() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  INSERT INTO jobs (operation, unique_key, run_at)
  SELECT 'payout.send_due', 'payout.send_due ' || due.time, due.time
  FROM (
    SELECT greatest(min(t.effective_date)::timestamp AT TIME ZONE min(z.time_zone), date_trunc('hour', now()) + interval '1 hour') AS time
    FROM transactions t
    CROSS JOIN tenant z
    WHERE t.status = 'pending' AND t.type = 'payout' AND t.source = 'payout') due
  WHERE due.time IS NOT NULL
  ON CONFLICT (unique_key) WHERE state IN ('queued', 'running') DO NOTHING;
END $$;

-- Sends the scheduled payouts whose day has come, each for itself: a closed account or period holds up its own payout only.
-- Returns {sent, held_up}.
CREATE OR REPLACE FUNCTION send_due_payouts() RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  due uuid;
  sent integer := 0;
  held_up integer := 0;
BEGIN
  FOREACH due IN ARRAY lock_holds(ARRAY(
    SELECT t.id FROM transactions t
    WHERE t.status = 'pending' AND t.type = 'payout' AND t.source = 'payout' AND t.effective_date <= tenant_today()
    ORDER BY t.effective_date, t.id LIMIT 1000))
  LOOP
    BEGIN
      PERFORM step_transaction(NULL, due, 'post', '{"on_closed_period": "next_open"}');
      sent := sent + 1;
    EXCEPTION WHEN SQLSTATE 'SCP01' THEN
      held_up := held_up + 1;
    END;
  END LOOP;
  PERFORM send_payouts_later();
  RETURN jsonb_build_object('sent', sent, 'held_up', held_up);
END $$;

GRANT EXECUTE ON FUNCTION reserve_payout(jsonb, transaction_end, uuid, text, bigint, date, date), lock_payout(uuid), send_payouts_later(),
  send_due_payouts() TO {{role}};
