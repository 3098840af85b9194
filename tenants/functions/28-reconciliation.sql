-- Reconciliation: statements, and what of them is matched with the ledger. Called inside an operation's unit of work, by
-- operations that have looked whether their caller may see the statement. Whatever changes a statement locks its row first.

-- Locks a statement that may still change. Problems: not_found, already_signed_off.
CREATE OR REPLACE FUNCTION lock_open_statement(wanted uuid) RETURNS statements
LANGUAGE plpgsql AS $$
DECLARE
  locked statements;
BEGIN
  SELECT * INTO locked FROM statements s WHERE s.id = wanted FOR UPDATE;
  IF locked.id IS NULL THEN
    PERFORM raise_problem('not_found');
  ELSIF locked.status = 'signed_off' THEN
    PERFORM raise_problem('already_signed_off', jsonb_build_object('signed_off_at', rfc3339(locked.signed_off_at)));
  END IF;
  RETURN locked;
END $$;

-- Imports a file {id, source_id, file_name, file_hash, period_from?, period_to?, opening_balance?, closing_balance?} with its
-- lines [{position, date, amount, description, reference, fingerprint}]. Lines that an earlier file had are skipped; then the
-- opening balance is moved behind them. One import of a source at a time.
-- Problems: already_imported (this very file, or nothing new in it), invalid (balances, a line that has changed).
CREATE OR REPLACE FUNCTION import_statement(input jsonb, lines jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  source uuid := (input ->> 'source_id')::uuid;
  earlier uuid;
  changed jsonb;
  total record;
  opening bigint := (input ->> 'opening_balance')::bigint;
  closing bigint := (input ->> 'closing_balance')::bigint;
BEGIN
  PERFORM FROM statement_sources s WHERE s.id = source FOR UPDATE;
  SELECT s.id INTO earlier FROM statements s WHERE s.source_id = source AND s.file_hash = input ->> 'file_hash';
  IF FOUND THEN
    PERFORM raise_problem('already_imported', jsonb_build_object('statement_id', earlier));
  END IF;

  SELECT jsonb_object_agg('rows.' || n.position, '["was imported before with another date or amount"]'::jsonb)
  INTO changed
  FROM jsonb_to_recordset(lines) AS n (position integer, date date, amount bigint, fingerprint text)
  JOIN statement_lines l ON l.source_id = source AND l.fingerprint = n.fingerprint
  WHERE (l.date, l.amount) <> (n.date, n.amount);
  IF changed IS NOT NULL THEN
    PERFORM raise_problem('invalid', jsonb_build_object('errors', changed, 'message', 'Lines have changed since they were imported.'));
  END IF;

  SELECT count(*) AS all_lines, sum(n.amount) AS all_amount, min(n.date) AS first_day, max(n.date) AS last_day,
    count(*) FILTER (WHERE l.id IS NULL) AS new_lines, coalesce(sum(n.amount) FILTER (WHERE l.id IS NULL), 0) AS new_amount,
    min(l.statement_id::text)::uuid AS seen_in
  INTO total
  FROM jsonb_to_recordset(lines) AS n (date date, amount bigint, fingerprint text)
  LEFT JOIN statement_lines l ON l.source_id = source AND l.fingerprint = n.fingerprint;
  IF total.new_lines = 0 THEN
    PERFORM raise_problem('already_imported', jsonb_build_object('statement_id', total.seen_in,
      'message', 'Every line of this file was imported before.'));
  END IF;
  IF opening + total.all_amount <> closing THEN
    PERFORM raise_problem('invalid', jsonb_build_object('expected_closing_balance', opening + total.all_amount,
      'errors', '{"closing_balance": ["is not the opening balance and the lines together"]}'::jsonb));
  END IF;
  IF (input ->> 'period_from')::date > total.first_day OR (input ->> 'period_to')::date < total.last_day THEN
    PERFORM raise_problem('invalid', jsonb_build_object('errors', jsonb_build_object(
      CASE WHEN (input ->> 'period_from')::date > total.first_day THEN 'period_from' ELSE 'period_to' END,
      jsonb_build_array(format('must cover the lines, which are of %s to %s', total.first_day, total.last_day)))));
  END IF;
  -- What is not said follows from the lines, or from the statement before.
  closing := coalesce(closing, opening + total.all_amount, total.new_amount + coalesce((
    SELECT s.closing_balance FROM statements s WHERE s.source_id = source ORDER BY s.period_to DESC, s.id DESC LIMIT 1), 0));

  INSERT INTO statements (id, source_id, file_name, file_hash, period_from, period_to, opening_balance, closing_balance, line_count,
    skipped_count)
  VALUES ((input ->> 'id')::uuid, source, input ->> 'file_name', input ->> 'file_hash',
    coalesce((input ->> 'period_from')::date, total.first_day), coalesce((input ->> 'period_to')::date, total.last_day),
    closing - total.new_amount, closing, total.new_lines, total.all_lines - total.new_lines);
  INSERT INTO statement_lines (statement_id, source_id, position, date, amount, description, reference, fingerprint)
  SELECT (input ->> 'id')::uuid, source, n.position, n.date, n.amount, n.description, n.reference, n.fingerprint
  FROM jsonb_to_recordset(lines) AS n (position integer, date date, amount bigint, description text, reference text, fingerprint text)
  ORDER BY n.position
  ON CONFLICT ON CONSTRAINT statement_lines_once_per_source DO NOTHING;
END $$;

-- Takes back an import of which nothing is matched. Problems: conflict, already_signed_off.
CREATE OR REPLACE FUNCTION discard_statement(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  PERFORM lock_open_statement(wanted);
  IF EXISTS (SELECT FROM reconciliation_matches m WHERE m.statement_id = wanted) THEN
    PERFORM raise_problem('conflict', '{"message": "Lines of this statement are matched. Undo the matches first."}');
  END IF;
  DELETE FROM statements s WHERE s.id = wanted;
END $$;

-- The lines of an account in a range of days that no statement has, or none up to (through_day, through_id). Amounts are
-- signed: what debits the account is positive. Inlined into the query that calls it.
CREATE OR REPLACE FUNCTION open_ledger_lines(account uuid, from_day date, to_day date, through_day date, through_id uuid)
RETURNS TABLE (journal_id uuid, "position" smallint, effective_date date, amount bigint, memo text)
LANGUAGE sql STABLE AS $$
  SELECT l.journal_id, l.position, l.effective_date, CASE l.side WHEN 'debit' THEN l.amount::bigint ELSE -l.amount::bigint END, l.memo
  FROM transaction_lines l
  WHERE l.account_id = account AND l.effective_date BETWEEN from_day AND to_day AND l.kind IN ('post', 'reversal')
    AND (
      SELECT m.match_id
      FROM matched_ledger_lines m
      JOIN statements s ON s.id = m.statement_id
      WHERE m.journal_id = l.journal_id AND m.position = l.position
        AND (through_id IS NULL OR (s.period_to, s.id) <= (through_day, through_id))) IS NULL
$$;

-- Records matches of one statement: [{id, rule, score?, statement_line_ids, ledger_lines: [{journal_id, position}],
-- difference?, difference_transaction_id?}]. Returns how many lines of the statement they match.
-- Problems: already_signed_off, invalid (lines that are not there), sums_differ; a line that is matched already violates
-- matched_statement_lines_once or matched_ledger_lines_once.
CREATE OR REPLACE FUNCTION record_matches(wanted uuid, matches jsonb, actor jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  statement statements := lock_open_statement(wanted);
  account uuid;
  wrong record;
  matched record;
BEGIN
  SELECT s.account_id INTO account FROM statement_sources s WHERE s.id = statement.source_id;
  SELECT own.found < jsonb_array_length(m.item -> 'statement_line_ids') AS has_strange_statement_line,
    ledger.found < jsonb_array_length(m.item -> 'ledger_lines') AS has_strange_ledger_line, own.amount, ledger.amount AS ledger_amount
  INTO wrong
  FROM jsonb_array_elements(matches) WITH ORDINALITY AS m (item, place)
  -- One look-up by key per line, whatever the planner believes of the tables' sizes.
  CROSS JOIN LATERAL (
    SELECT count(l.amount) AS found, coalesce(sum(l.amount), 0) AS amount
    FROM jsonb_array_elements_text(m.item -> 'statement_line_ids') AS i (id)
    CROSS JOIN LATERAL (
      SELECT n.amount FROM statement_lines n WHERE n.id = i.id::uuid AND n.statement_id = statement.id LIMIT 1) l) own
  CROSS JOIN LATERAL (
    SELECT count(l.amount) AS found, coalesce(sum(l.amount), 0) AS amount
    FROM jsonb_to_recordset(m.item -> 'ledger_lines') AS i (journal_id uuid, "position" smallint)
    CROSS JOIN LATERAL (
      SELECT CASE n.side WHEN 'debit' THEN n.amount::bigint ELSE -n.amount::bigint END AS amount
      FROM transaction_lines n
      WHERE n.journal_id = i.journal_id AND n.position = i.position AND n.account_id = account AND n.kind IN ('post', 'reversal')
      LIMIT 1) l) ledger
  WHERE own.found < jsonb_array_length(m.item -> 'statement_line_ids')
    OR ledger.found < jsonb_array_length(m.item -> 'ledger_lines') OR own.amount <> ledger.amount
  ORDER BY m.place
  LIMIT 1;
  IF wrong.has_strange_statement_line THEN
    PERFORM raise_problem('invalid', '{"errors": {"statement_line_ids": ["must be lines of this statement"]}}');
  ELSIF wrong.has_strange_ledger_line THEN
    PERFORM raise_problem('invalid', '{"errors": {"ledger_lines": ["must be posted lines of the account of this source"]}}');
  ELSIF wrong.amount <> wrong.ledger_amount THEN
    PERFORM raise_problem('sums_differ', jsonb_build_object('statement_amount', wrong.amount, 'ledger_amount', wrong.ledger_amount,
      'difference', wrong.amount - wrong.ledger_amount));
  END IF;

  INSERT INTO reconciliation_matches (id, statement_id, rule, score, amount, statement_line_ids, ledger_lines, difference,
    difference_transaction_id, matched_by)
  SELECT m.id, statement.id, m.rule, m.score,
    (SELECT coalesce(sum(l.amount), 0)
     FROM unnest(m.statement_line_ids) AS i (id)
     CROSS JOIN LATERAL (SELECT n.amount FROM statement_lines n WHERE n.id = i.id LIMIT 1) l),
    m.statement_line_ids, m.ledger_lines, coalesce(m.difference, 0), m.difference_transaction_id, actor
  FROM jsonb_to_recordset(matches) AS m (id uuid, rule text, score real, statement_line_ids uuid[], ledger_lines jsonb,
    difference bigint, difference_transaction_id uuid);
  -- In one order for all callers, who wait for each other on the unique indexes.
  INSERT INTO matched_statement_lines (statement_line_id, match_id)
  SELECT i.id, m.id
  FROM jsonb_to_recordset(matches) AS m (id uuid, statement_line_ids uuid[])
  CROSS JOIN LATERAL unnest(m.statement_line_ids) AS i (id)
  ORDER BY i.id;
  INSERT INTO matched_ledger_lines (journal_id, position, match_id, statement_id, effective_date, amount)
  SELECT i.journal_id, i.position, m.id, statement.id, l.effective_date, l.amount
  FROM jsonb_to_recordset(matches) AS m (id uuid, ledger_lines jsonb)
  CROSS JOIN LATERAL jsonb_to_recordset(m.ledger_lines) AS i (journal_id uuid, "position" smallint)
  CROSS JOIN LATERAL (
    SELECT n.effective_date, CASE n.side WHEN 'debit' THEN n.amount::bigint ELSE -n.amount::bigint END AS amount
    FROM transaction_lines n
    WHERE n.journal_id = i.journal_id AND n.position = i.position
    LIMIT 1) l
  ORDER BY i.journal_id, i.position;

  SELECT coalesce(sum(cardinality(r.statement_line_ids)), 0) AS lines, coalesce(sum(r.amount), 0) AS amount INTO matched
  FROM jsonb_to_recordset(matches) AS m (id uuid)
  CROSS JOIN LATERAL (SELECT * FROM reconciliation_matches n WHERE n.id = m.id LIMIT 1) r;
  UPDATE statements s
  SET matched_count = s.matched_count + matched.lines, matched_amount = s.matched_amount + matched.amount
  WHERE s.id = statement.id;
  RETURN matched.lines;
END $$;

-- Undoes a match. Problems: not_found, already_signed_off.
CREATE OR REPLACE FUNCTION remove_match(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  gone reconciliation_matches;
BEGIN
  PERFORM lock_open_statement((SELECT m.statement_id FROM reconciliation_matches m WHERE m.id = wanted));
  DELETE FROM reconciliation_matches m WHERE m.id = wanted RETURNING * INTO gone;
  IF gone.id IS NULL THEN
    PERFORM raise_problem('not_found');
  END IF;
  UPDATE statements s
  SET matched_count = s.matched_count - cardinality(gone.statement_line_ids), matched_amount = s.matched_amount - gone.amount
  WHERE s.id = gone.statement_id;
END $$;

-- closing_balance = ledger_balance − outstanding + cleared_ahead + unmatched + difference, all at the end of the period:
--   outstanding    ledger lines since the source's first day that no statement up to this one has
--   cleared_ahead  ledger lines of later days that a statement up to this one has
--   unmatched      statement lines up to this one that the ledger has not
--   difference     what is left: the first opening balance is not the ledger's, or a statement between is missing
-- A statement that is signed off tells what it told then.
CREATE OR REPLACE FUNCTION reconciliation_report(wanted uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  statement statements;
  source statement_sources;
  chain record;
  cleared record;
  sums record;
  outstanding bigint;
BEGIN
  SELECT * INTO STRICT statement FROM statements s WHERE s.id = wanted;
  IF statement.report IS NOT NULL THEN
    RETURN statement.report;
  END IF;
  SELECT * INTO STRICT source FROM statement_sources s WHERE s.id = statement.source_id;
  SELECT min(s.period_from) AS first_day, sum(s.closing_balance - s.opening_balance - s.matched_amount)::bigint AS unmatched,
    (array_agg(s.opening_balance ORDER BY s.period_to, s.id))[1] AS first_opening
  INTO chain
  FROM statements s
  WHERE s.source_id = source.id AND (s.period_to, s.id) <= (statement.period_to, statement.id);
  SELECT coalesce(sum(m.amount) FILTER (WHERE m.effective_date < chain.first_day), 0)::bigint AS before,
    coalesce(sum(m.amount) FILTER (WHERE m.effective_date BETWEEN chain.first_day AND statement.period_to), 0)::bigint AS within,
    coalesce(sum(m.amount) FILTER (WHERE m.effective_date > statement.period_to), 0)::bigint AS ahead
  INTO cleared
  FROM statements s
  JOIN matched_ledger_lines m ON m.statement_id = s.id
  WHERE s.source_id = source.id AND (s.period_to, s.id) <= (statement.period_to, statement.id);
  SELECT t.debits - t.credits AS balance, f.debits - f.credits AS forward INTO sums
  FROM sums_on(ARRAY[source.account_id], statement.period_to) t
  CROSS JOIN sums_on(ARRAY[source.account_id], chain.first_day - 1) f;
  outstanding := sums.balance - sums.forward - cleared.within;

  RETURN jsonb_build_object('statement_id', statement.id, 'source_id', source.id, 'account_id', source.account_id,
    'currency', (SELECT a.currency FROM accounts a WHERE a.id = source.account_id),
    'period_from', statement.period_from, 'period_to', statement.period_to,
    'opening_balance', statement.opening_balance, 'closing_balance', statement.closing_balance,
    'line_count', statement.line_count, 'matched_count', statement.matched_count, 'matched_amount', statement.matched_amount,
    'unmatched_amount', statement.closing_balance - statement.opening_balance - statement.matched_amount,
    'ledger_balance', sums.balance, 'outstanding', outstanding, 'cleared_ahead', cleared.ahead, 'unmatched', chain.unmatched,
    'difference', statement.closing_balance - (sums.balance - outstanding + cleared.ahead + chain.unmatched),
    'first_opening_balance', chain.first_opening, 'ledger_brought_forward', sums.forward - cleared.before,
    'outstanding_lines', coalesce((
      SELECT jsonb_agg(to_jsonb(o) ORDER BY o.effective_date DESC, o.journal_id DESC, o.position)
      FROM (
        SELECT l.*, t.id AS transaction_id, t.description, t.external_id
        FROM open_ledger_lines(source.account_id, greatest(chain.first_day, statement.period_from - 180), statement.period_to,
          statement.period_to, statement.id) l
        JOIN transaction_journals j ON j.id = l.journal_id
        JOIN transactions t ON t.id = j.transaction_id
        ORDER BY l.effective_date DESC, l.journal_id DESC, l.position
        LIMIT 200) o), '[]'),
    'unmatched_lines', coalesce((
      SELECT jsonb_agg(to_jsonb(u) ORDER BY u.date, u.id)
      FROM (
        SELECT l.id, l.date, l.amount, l.description, l.reference
        FROM statement_lines l
        WHERE l.statement_id = statement.id
          AND (SELECT m.match_id FROM matched_statement_lines m WHERE m.statement_line_id = l.id) IS NULL
        ORDER BY l.date, l.id
        LIMIT 200) u), '[]'));
END $$;

-- Signs a statement off and keeps its report. Problems: already_signed_off, not_reconciled (lines are open, an earlier
-- statement is, or there is a difference that no note explains).
CREATE OR REPLACE FUNCTION sign_off_statement(wanted uuid, note text, actor jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  statement statements;
  final jsonb;
BEGIN
  -- One statement of a source at a time, so that a later one is not signed off meanwhile.
  PERFORM FROM statement_sources s WHERE s.id = (SELECT t.source_id FROM statements t WHERE t.id = wanted) FOR UPDATE;
  statement := lock_open_statement(wanted);
  IF statement.matched_count < statement.line_count THEN
    PERFORM raise_problem('not_reconciled', jsonb_build_object('unmatched_count', statement.line_count - statement.matched_count,
      'message', format('%s of %s lines are not matched yet.', statement.line_count - statement.matched_count, statement.line_count)));
  ELSIF EXISTS (
    SELECT FROM statements s
    WHERE s.source_id = statement.source_id AND s.status = 'open' AND (s.period_to, s.id) < (statement.period_to, statement.id)) THEN
    PERFORM raise_problem('not_reconciled', '{"message": "An earlier statement of this source is not signed off yet."}');
  END IF;
  final := reconciliation_report(wanted);
  IF (final -> 'difference')::bigint <> 0 AND sign_off_statement.note IS NULL THEN
    PERFORM raise_problem('not_reconciled', jsonb_build_object('difference', final -> 'difference',
      'errors', '{"note": ["must explain the difference"]}'::jsonb, 'message', 'There is a difference that no note explains.'));
  END IF;
  UPDATE statements s
  SET status = 'signed_off', report = final, signed_off_at = now(), signed_off_by = actor, note = sign_off_statement.note
  WHERE s.id = wanted;
END $$;

-- Opens a statement again, by another person than signed it off, the last one first. Problems: not_signed_off,
-- second_person_needed, conflict.
CREATE OR REPLACE FUNCTION reopen_statement(wanted uuid, reason text, actor jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  statement statements;
BEGIN
  PERFORM FROM statement_sources s WHERE s.id = (SELECT t.source_id FROM statements t WHERE t.id = wanted) FOR UPDATE;
  SELECT * INTO STRICT statement FROM statements s WHERE s.id = wanted FOR UPDATE;
  IF statement.status = 'open' THEN
    PERFORM raise_problem('not_signed_off');
  ELSIF statement.signed_off_by ->> 'id' = actor ->> 'id' THEN
    PERFORM raise_problem('second_person_needed', '{"message": "Who signed a statement off does not open it again: ask somebody else."}');
  ELSIF EXISTS (
    SELECT FROM statements s
    WHERE s.source_id = statement.source_id AND s.status = 'signed_off' AND (s.period_to, s.id) > (statement.period_to, statement.id)) THEN
    PERFORM raise_problem('conflict', '{"message": "A later statement of this source is signed off. Open that one first."}');
  END IF;
  UPDATE statements s
  SET status = 'open', report = NULL, signed_off_at = NULL, signed_off_by = NULL, note = NULL,
      reopened_by = actor, reopened_reason = reason
  WHERE s.id = wanted;
END $$;

GRANT EXECUTE ON FUNCTION import_statement(jsonb, jsonb), discard_statement(uuid), record_matches(uuid, jsonb, jsonb),
  open_ledger_lines(uuid, date, date, date, uuid), remove_match(uuid), reconciliation_report(uuid),
  sign_off_statement(uuid, text, jsonb), reopen_statement(uuid, text, jsonb) TO {{role}};
