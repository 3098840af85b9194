-- The verification of the seal: recomputes everything and says what does not fit. Each function looks at a part that one
-- statement can bear, and returns findings [{what, id, block, problem, message}]; `problem` is changed, missing or added.

CREATE OR REPLACE FUNCTION finding(what text, id text, block integer, problem text, message text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('what', what, 'id', id, 'block', block, 'problem', problem, 'message', message);

-- One block by itself, with the one before it, with its leaves and with its anchor.
CREATE OR REPLACE FUNCTION verify_chain_link(b seal_blocks) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  before seal_blocks;
  leaves record;
  anchored bytea;
BEGIN
  SELECT * INTO before FROM seal_blocks p WHERE p.number = b.number - 1;
  IF b.hash IS DISTINCT FROM block_hash(b) OR b.format <> 1 THEN
    RETURN NEXT finding('block', b.number::text, b.number, 'changed', format('Block %s is not what its hash says.', b.number));
  END IF;
  IF b.previous_hash <> coalesce(before.hash, no_hash())
    OR (b.from_epoch, b.from_xid) IS DISTINCT FROM (coalesce(before.to_epoch, 0::smallint), coalesce(before.to_xid, '0'::xid8)) THEN
    RETURN NEXT finding('block', b.number::text, b.number, 'changed', format('Block %s does not follow the block before it.', b.number));
  END IF;
  SELECT sha256(string_agg(l.hash, '' ORDER BY l.place)) AS root, array_agg(l.place ORDER BY l.place) AS places,
    count(*) FILTER (WHERE l.kind = 'journal') AS journals, count(*) FILTER (WHERE l.kind = 'event') AS events
  INTO leaves
  FROM seal_leaves l WHERE l.block = b.number;
  IF (leaves.root, leaves.journals, leaves.events) IS DISTINCT FROM (b.root, b.journals::bigint, b.events::bigint)
    OR leaves.places IS DISTINCT FROM ARRAY(SELECT generate_series(1, b.journals + b.events)) THEN
    RETURN NEXT finding('block', b.number::text, b.number, 'changed', format('The leaves of block %s were changed.', b.number));
  END IF;
  SELECT a.hash INTO anchored FROM platform.anchors_between(b.number, b.number) a;
  IF anchored IS DISTINCT FROM b.hash THEN
    RETURN NEXT finding('anchor', b.number::text, b.number, CASE WHEN anchored IS NULL THEN 'missing' ELSE 'changed' END,
      CASE WHEN anchored IS NULL THEN format('Block %s has no anchor.', b.number)
        ELSE format('Block %s differs from its anchor: the chain or the anchor was rewritten.', b.number) END);
  END IF;
END $$;

-- What lies in the range of a block, against what was sealed there.
CREATE OR REPLACE FUNCTION verify_entries(b seal_blocks) RETURNS SETOF jsonb
LANGUAGE sql STABLE AS $$
  WITH entry AS MATERIALIZED (
    SELECT e.* FROM entries_between(b.from_epoch, b.from_xid, b.to_epoch, b.to_xid) e),
  compared AS (
    SELECT coalesce(e.kind, l.kind) AS kind, coalesce(e.id, l.id) AS id,
      CASE
        WHEN e.id IS NULL THEN 'missing'
        WHEN l.id IS NULL THEN 'added'
        WHEN num_nonnulls(l.salt, l.texts_hash) <> 1 OR (l.salt IS NULL) <> (l.erased_by IS NOT NULL)
          OR l.hash IS DISTINCT FROM leaf_hash(e.fixed, CASE WHEN l.salt IS NULL THEN l.texts_hash ELSE texts_hash(l.salt, e.texts) END)
          OR l.salt IS NULL AND NOT e.is_erased
          OR l.salt IS NULL AND NOT EXISTS (SELECT FROM audit_events a WHERE a.id = l.erased_by AND a.action LIKE '%.erase') THEN 'changed'
      END AS problem
    FROM entry e
    FULL JOIN (SELECT s.* FROM seal_leaves s WHERE s.block = b.number) l ON l.kind = e.kind AND l.id = e.id),
  -- The status of a transaction follows from its journals.
  moved AS (
    SELECT t.id
    FROM (SELECT DISTINCT e.transaction_id AS id FROM entry e WHERE e.kind = 'journal') d
    JOIN transactions t ON t.id = d.id
    CROSS JOIN LATERAL (
      SELECT bool_or(j.kind = 'reversal') AS reversed, bool_or(j.kind = 'post') AS posted, bool_or(j.kind = 'release') AS released
      FROM transaction_journals j WHERE j.transaction_id = t.id) s
    WHERE t.status IS DISTINCT FROM CASE WHEN s.reversed THEN 'reversed' WHEN s.posted THEN 'posted' WHEN s.released THEN 'voided'
        ELSE 'pending' END::transaction_status
      OR NOT s.posted AND t.posted_amount IS NOT NULL
      OR t.reason IS NOT NULL AND t.status NOT IN ('voided', 'reversed')),
  uneven AS (
    SELECT DISTINCT l.journal_id AS id
    FROM entry e
    JOIN transaction_lines l ON l.journal_id = e.id
    WHERE e.kind = 'journal'
    GROUP BY l.journal_id, l.currency
    HAVING sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END) <> 0)
  (SELECT finding(c.kind::text, c.id::text, b.number, c.problem, format('%s %s in block %s %s.',
      CASE c.kind WHEN 'journal' THEN 'Journal' ELSE 'Audit event' END, c.id, b.number,
      CASE c.problem WHEN 'missing' THEN 'is missing' WHEN 'added' THEN 'was added after the block was sealed'
        ELSE 'was changed, or what belongs to it' END))
    FROM compared c WHERE c.problem IS NOT NULL ORDER BY c.kind, c.id LIMIT 100)
  UNION ALL
  (SELECT finding('transaction', m.id::text, b.number, 'changed', format('Transaction %s is not in the state that its journals say.', m.id))
    FROM moved m ORDER BY m.id LIMIT 100)
  UNION ALL
  (SELECT finding('journal', u.id::text, b.number, 'changed', format('Journal %s does not balance.', u.id))
    FROM uneven u ORDER BY u.id LIMIT 100)
$$;

-- Verifies one block. Returns {hash, journals, events, erased, findings}.
CREATE OR REPLACE FUNCTION verify_block(wanted integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  b seal_blocks;
BEGIN
  SELECT * INTO b FROM seal_blocks s WHERE s.number = wanted;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('hash', NULL, 'journals', 0, 'events', 0, 'erased', 0, 'findings', jsonb_build_array(
      finding('block', wanted::text, wanted, 'missing', format('Block %s is missing.', wanted))));
  END IF;
  RETURN jsonb_build_object('hash', encode(b.hash, 'hex'), 'journals', b.journals, 'events', b.events,
    'erased', (SELECT count(*) FROM seal_leaves l WHERE l.block = b.number AND l.salt IS NULL),
    'findings', (SELECT coalesce(jsonb_agg(f.finding), '[]') FROM (
      SELECT verify_chain_link(b) AS finding UNION ALL SELECT verify_entries(b)) f));
END $$;

-- What no block could ever hold: leaves and anchors of blocks that are not there, rows at a place in the order that was
-- never reached.
CREATE OR REPLACE FUNCTION verify_outside() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
  WITH head AS (SELECT coalesce(max(b.number), 0) AS number FROM seal_blocks b),
  bound AS (SELECT s.epoch, pg_snapshot_xmax(pg_current_snapshot()) AS xid FROM ledger_state s),
  loose AS (
    (SELECT finding('block', l.block::text, l.block, 'missing', format('Block %s has leaves, but is not there.', l.block)) AS finding
      FROM seal_leaves l CROSS JOIN head h WHERE l.block > h.number OR l.block < 1 LIMIT 1)
    UNION ALL
    (SELECT finding('block', a.block::text, a.block, 'missing', format('Block %s was anchored, but is not there.', a.block))
      FROM head h CROSS JOIN LATERAL (
        SELECT * FROM platform.anchors_between(h.number + 1, 2147483647)
        UNION ALL SELECT * FROM platform.anchors_between(-2147483648, 0)) a LIMIT 100)
    UNION ALL
    (SELECT finding('journal', j.id::text, NULL, 'added', format('Journal %s has a place in the order that was never reached.', j.id))
      FROM bound b CROSS JOIN LATERAL (
        SELECT n.id FROM transaction_journals n WHERE (n.epoch, n.xid) < (0::smallint, '0'::xid8)
        UNION ALL SELECT n.id FROM transaction_journals n WHERE (n.epoch, n.xid) >= (b.epoch, b.xid)) j LIMIT 100)
    UNION ALL
    (SELECT finding('event', e.id::text, NULL, 'added', format('Audit event %s has a place in the order that was never reached.', e.id))
      FROM bound b CROSS JOIN LATERAL (
        SELECT n.id FROM audit_events n WHERE (n.epoch, n.xid) < (0::smallint, '0'::xid8)
        UNION ALL SELECT n.id FROM audit_events n WHERE (n.epoch, n.xid) >= (b.epoch, b.xid)) e LIMIT 100))
  SELECT coalesce(jsonb_agg(l.finding), '[]') FROM loose l
$$;

-- Rows that belong to nothing, and so to no block: transactions without journals, lines without their journal, changes
-- without their event. Looks at so many rows after an id; returns {last, findings}, last is null at the end.
CREATE OR REPLACE FUNCTION verify_loose(part text, after uuid, rows_at_once integer DEFAULT 20000) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
  WITH looked_at AS (
    (SELECT t.id FROM transactions t WHERE part = 'transaction' AND (verify_loose.after IS NULL OR t.id > verify_loose.after) ORDER BY t.id LIMIT rows_at_once)
    UNION ALL
    (SELECT l.journal_id FROM transaction_lines l WHERE part = 'line' AND (verify_loose.after IS NULL OR l.journal_id > verify_loose.after)
      ORDER BY l.journal_id LIMIT rows_at_once)
    UNION ALL
    (SELECT c.event_id FROM audit_changes c WHERE part = 'change' AND (verify_loose.after IS NULL OR c.event_id > verify_loose.after)
      ORDER BY c.event_id LIMIT rows_at_once)),
  loose AS (
    SELECT DISTINCT r.id FROM looked_at r
    WHERE NOT CASE part
      WHEN 'transaction' THEN EXISTS (SELECT FROM transaction_journals j WHERE j.transaction_id = r.id)
      WHEN 'line' THEN EXISTS (SELECT FROM transaction_journals j WHERE j.id = r.id)
      ELSE EXISTS (SELECT FROM audit_events e WHERE e.id = r.id) END
    LIMIT 100)
  SELECT jsonb_build_object(
    'last', (SELECT r.id FROM looked_at r ORDER BY r.id DESC LIMIT 1),
    'findings', (SELECT coalesce(jsonb_agg(finding(part, l.id::text, NULL, 'added', CASE part
      WHEN 'transaction' THEN format('Transaction %s has no journal.', l.id)
      WHEN 'line' THEN format('There are lines of journal %s, but the journal is not there.', l.id)
      ELSE format('There are changes of audit event %s, but the event is not there.', l.id) END)), '[]') FROM loose l))
$$;

-- What was folded, account by account, against the lines themselves: totals, months, days, also with each counterparty,
-- marks, and the exact balances of limited accounts. Returns {last, findings}, last is null at the end.
CREATE OR REPLACE FUNCTION verify_totals(after uuid, accounts_at_once integer DEFAULT 20) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
  WITH known AS (
    SELECT a.id FROM accounts a WHERE after IS NULL OR a.id > after
    UNION SELECT t.account_id FROM account_totals t WHERE after IS NULL OR t.account_id > after
    ORDER BY 1 LIMIT accounts_at_once),
  -- One pass over the lines gives the days with each counterparty, and these everything else.
  dealt_day AS MATERIALIZED (
    SELECT l.account_id, l.effective_date AS day, l.counterparty_book_id, sum(l.debit) AS debits, sum(l.credit) AS credits,
      sum(l.pending_debit) AS pending_debits, sum(l.pending_credit) AS pending_credits
    FROM known k
    CROSS JOIN ledger_state s
    JOIN line_effects l ON l.account_id = k.id AND (l.epoch, l.xid) < (s.epoch, s.horizon)
    GROUP BY l.account_id, l.effective_date, l.counterparty_book_id),
  day AS MATERIALIZED (
    SELECT d.account_id, d.day, sum(d.debits) AS debits, sum(d.credits) AS credits, sum(d.pending_debits) AS pending_debits,
      sum(d.pending_credits) AS pending_credits
    FROM dealt_day d GROUP BY d.account_id, d.day),
  posted_day AS (SELECT d.account_id, d.day, d.debits::bigint, d.credits::bigint FROM day d WHERE d.debits + d.credits > 0),
  wrong AS (
    SELECT k.id, 'total' AS what
    FROM known k
    LEFT JOIN account_totals t ON t.account_id = k.id
    LEFT JOIN (SELECT d.account_id, sum(d.debits) AS debits, sum(d.credits) AS credits, sum(d.pending_debits) AS pending_debits,
        sum(d.pending_credits) AS pending_credits FROM day d GROUP BY d.account_id) n ON n.account_id = k.id
    LEFT JOIN accounts a ON a.id = k.id
    WHERE (coalesce(t.debits, 0), coalesce(t.credits, 0), coalesce(t.pending_debits, 0), coalesce(t.pending_credits, 0))
        <> (coalesce(n.debits, 0), coalesce(n.credits, 0), coalesce(n.pending_debits, 0), coalesce(n.pending_credits, 0))
      OR t.account_id IS NOT NULL AND (t.book_id, t.currency) IS DISTINCT FROM (a.book_id, a.currency)
    UNION
    SELECT coalesce(d.account_id, n.account_id), 'day'
    FROM (SELECT d.* FROM account_days d JOIN known k ON k.id = d.account_id WHERE d.debits <> 0 OR d.credits <> 0) d
    FULL JOIN posted_day n ON n.account_id = d.account_id AND n.day = d.day
    WHERE (d.debits, d.credits) IS DISTINCT FROM (n.debits, n.credits)
    UNION
    SELECT coalesce(c.account_id, n.account_id), 'counterparty'
    FROM (SELECT c.* FROM account_counterparty_days c JOIN known k ON k.id = c.account_id WHERE c.debits <> 0 OR c.credits <> 0) c
    FULL JOIN (SELECT d.* FROM dealt_day d WHERE d.counterparty_book_id IS NOT NULL AND d.debits + d.credits > 0) n
      ON n.account_id = c.account_id AND n.counterparty_book_id = c.counterparty_book_id AND n.day = c.day
    WHERE (c.debits, c.credits) IS DISTINCT FROM (n.debits::bigint, n.credits::bigint)
    UNION
    SELECT coalesce(m.account_id, n.account_id), 'month'
    FROM (SELECT m.* FROM account_months m JOIN known k ON k.id = m.account_id WHERE m.debits <> 0 OR m.credits <> 0) m
    FULL JOIN (SELECT d.account_id, date_trunc('month', d.day)::date AS month, sum(d.debits) AS debits, sum(d.credits) AS credits
        FROM posted_day d GROUP BY 1, 2) n ON n.account_id = m.account_id AND n.month = m.month
    WHERE (m.debits, m.credits) IS DISTINCT FROM (n.debits::bigint, n.credits::bigint)
    UNION
    SELECT m.account_id, 'mark'
    FROM (
      SELECT m.*, lag(m.epoch, 1, 0::smallint) OVER w AS since_epoch, lag(m.horizon, 1, '0'::xid8) OVER w AS since,
        lag(m.debits, 1, 0::bigint) OVER w AS debits_before, lag(m.credits, 1, 0::bigint) OVER w AS credits_before,
        lag(m.pending_debits, 1, 0::bigint) OVER w AS pending_debits_before, lag(m.pending_credits, 1, 0::bigint) OVER w AS pending_credits_before
      FROM account_marks m JOIN known k ON k.id = m.account_id
      WINDOW w AS (PARTITION BY m.account_id ORDER BY m.epoch, m.horizon)) m
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(l.debit), 0) AS debits, coalesce(sum(l.credit), 0) AS credits,
        coalesce(sum(l.pending_debit), 0) AS pending_debits, coalesce(sum(l.pending_credit), 0) AS pending_credits
      FROM line_effects l
      WHERE l.account_id = m.account_id AND (l.epoch, l.xid) >= (m.since_epoch, m.since) AND (l.epoch, l.xid) < (m.epoch, m.horizon)) n
    WHERE (m.debits - m.debits_before, m.credits - m.credits_before, m.pending_debits - m.pending_debits_before,
        m.pending_credits - m.pending_credits_before) <> (n.debits, n.credits, n.pending_debits, n.pending_credits)
    UNION
    SELECT k.id, 'limit'
    FROM known k
    JOIN accounts a ON a.id = k.id AND coalesce(a.minimum_balance, a.maximum_balance) IS NOT NULL
    LEFT JOIN limited_balances b ON b.account_id = k.id
    CROSS JOIN sums_now(ARRAY[k.id]) n
    WHERE b.account_id IS NULL OR (b.debits, b.credits, b.pending_debits, b.pending_credits) <> (n.debits, n.credits, n.pending_debits, n.pending_credits))
  SELECT jsonb_build_object(
    'last', (SELECT k.id FROM known k ORDER BY k.id DESC LIMIT 1),
    'findings', (SELECT coalesce(jsonb_agg(finding(w.what, w.id::text, NULL, 'changed',
      format('The %s of account %s not what its lines add up to.', CASE w.what
        WHEN 'total' THEN 'totals' WHEN 'limit' THEN 'exact balance' WHEN 'counterparty' THEN 'dealings by counterparty' ELSE w.what || 's' END, w.id::text
        || CASE w.what WHEN 'limit' THEN ' is' ELSE ' are' END)) ORDER BY w.id, w.what), '[]') FROM wrong w))
$$;

-- Keeps what a verification found.
CREATE OR REPLACE FUNCTION keep_verification(verified jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
  INSERT INTO ledger_verifications (last_block, head_hash, journals, events, erased, problems, findings)
  SELECT (verified -> 'last_block')::integer, decode(verified ->> 'head_hash', 'hex'), (verified -> 'journals')::bigint,
    (verified -> 'events')::bigint, (verified -> 'erased')::bigint, (verified -> 'problems')::integer, verified -> 'findings'
$$;

GRANT EXECUTE ON FUNCTION verify_block(integer), verify_outside(), verify_loose(text, uuid, integer), verify_totals(uuid, integer),
  keep_verification(jsonb) TO {{role}};
