-- The audit trail's search: one document per event, made after the fact in the order of recording and up to the horizon;
-- what lies above is worked out when it is asked for (docs/decisions/0022).

CREATE OR REPLACE FUNCTION is_uuid(given text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN given ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

-- The merchants that an event is about: itself, what it changed, and whose books it posted to.
CREATE OR REPLACE FUNCTION event_merchants(of_epoch smallint, of_xid xid8, named text[]) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
  WITH given AS MATERIALIZED (
    SELECT DISTINCT n.name::uuid AS id FROM unnest(named) AS n (name)
    WHERE is_uuid(n.name)),
  book AS (
    SELECT j.book_id AS id FROM transaction_journals j WHERE j.epoch = of_epoch AND j.xid = of_xid
    UNION SELECT j.book_id FROM given g JOIN transaction_journals j ON j.transaction_id = g.id
    UNION SELECT a.book_id FROM given g JOIN accounts a ON a.id = g.id
    UNION SELECT a.book_id FROM given g JOIN statement_sources s ON s.id = g.id JOIN accounts a ON a.id = s.account_id
    UNION SELECT a.book_id FROM given g JOIN statements t ON t.id = g.id JOIN statement_sources s ON s.id = t.source_id
      JOIN accounts a ON a.id = s.account_id
    UNION SELECT g.id FROM given g)
  SELECT coalesce(array_agg(DISTINCT m.id), '{}')
  FROM (
    SELECT b.merchant_id AS id FROM book k JOIN books b ON b.id = k.id WHERE b.merchant_id IS NOT NULL
    UNION ALL SELECT m.id FROM given g JOIN merchants m ON m.id = g.id) m
$$;

-- What an event is found by. A table of one row, so that it is planned together with whatever asks for many.
CREATE OR REPLACE FUNCTION audit_entry(wanted uuid) RETURNS TABLE (recorded_at timestamptz, document tsvector)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT e.recorded_at,
    array_to_tsvector(search_words(concat_ws(' ', e.action, e.actor_name, e.impersonator ->> 'name', e.delegator ->> 'name',
        CASE WHEN NOT is_uuid(e.resource_id) THEN e.resource_id END, e.details::text, left(c.texts, 20000)))
      || array_remove(ARRAY['@actor_type=' || e.actor_type, '@actor=' || left(e.actor_id, 500), '@actor=' || left(e.impersonator ->> 'id', 500),
        '@actor=' || left(e.delegator ->> 'id', 500), '@action=' || e.action, '@resource_type=' || e.resource_type,
        '@resource_id=' || left(e.resource_id, 500), '@resource_id=' || left(e.details ->> 'about', 500), '@outcome=' || e.outcome, '@address=' || left(e.address, 100),
        '@id=' || left(e.request_id, 500), CASE e.actor_name WHEN '[erased]' THEN '@erased=true' END], NULL)
      || ARRAY(SELECT '@id=' || r.id FROM unnest(c.row_ids) AS r (id))
      || ARRAY(SELECT '@merchant=' || m.id FROM unnest(event_merchants(e.epoch, e.xid, e.resource_id || c.row_ids || c.named)) AS m (id)))
  FROM audit_events e
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT c.row_id), '{}') AS row_ids, string_agg(concat_ws(' ', c.before, c.after), ' ' ORDER BY c.position) AS texts,
      coalesce(array_agg(DISTINCT n.id) FILTER (WHERE n.id IS NOT NULL), '{}') AS named
    FROM audit_changes c
    CROSS JOIN LATERAL unnest(ARRAY[c.before ->> 'merchant_id', c.after ->> 'merchant_id', c.after ->> 'book_id', c.after ->> 'account_id',
      c.after ->> 'source_id', c.after ->> 'statement_id']) AS n (id)
    WHERE c.event_id = e.id) c
  WHERE e.id = wanted
$$;

-- The events that are not in the search table yet, as they will be. Collected first, since no plan can know how few they are.
CREATE OR REPLACE FUNCTION audit_tail() RETURNS TABLE (event_id uuid, recorded_at timestamptz, document tsvector)
-- No plan can know either that nearly all events lie below the cursor, and would read them all.
LANGUAGE plpgsql STABLE ROWS 100 SET enable_seqscan = off AS $$
DECLARE
  -- Read before, in the same snapshot: joined with it, the index is walked from its beginning.
  state audit_search_state := (SELECT s FROM audit_search_state s);
  ids uuid[] := ARRAY(SELECT e.id FROM audit_events e WHERE (e.epoch, e.xid) >= (state.epoch, state.horizon));
BEGIN
  RETURN QUERY SELECT n.id, d.recorded_at, d.document FROM unnest(ids) AS n (id) CROSS JOIN LATERAL audit_entry(n.id) d;
END $$;

-- Whether an event matches, wherever its document is: for those that are read in another order.
CREATE OR REPLACE FUNCTION audit_matches(wanted uuid, query tsquery) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT d.document @@ query
  FROM ((SELECT s.document FROM audit_search s WHERE s.event_id = wanted) UNION ALL (SELECT n.document FROM audit_entry(wanted) n) LIMIT 1) d
$$;

-- Brings the search as far as nothing is in flight, at most so many events. One caller at a time: whoever comes meanwhile has
-- nothing to do, and nobody who writes waits for it. Returns {indexed, has_more}.
CREATE OR REPLACE FUNCTION index_audit(events_at_once integer DEFAULT 2000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  state audit_search_state;
  bound record;
  upto record;
  has_more boolean;
  ids uuid[];
BEGIN
  SELECT * INTO state FROM audit_search_state FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN '{"indexed": 0, "has_more": false}';
  END IF;
  SELECT l.epoch, pg_snapshot_xmin(pg_current_snapshot()) AS xid INTO bound FROM ledger_state l;
  SELECT e.epoch, e.xid INTO upto
  FROM audit_events e
  WHERE (e.epoch, e.xid) >= (state.epoch, state.horizon) AND (e.epoch, e.xid) < (bound.epoch, bound.xid)
  ORDER BY e.epoch, e.xid OFFSET events_at_once LIMIT 1;
  has_more := FOUND;
  -- What one transaction recorded is never divided, however much it is.
  IF has_more AND (upto.epoch, upto.xid) = (state.epoch, state.horizon) THEN
    SELECT e.epoch, e.xid INTO upto
    FROM audit_events e
    WHERE (e.epoch, e.xid) > (state.epoch, state.horizon) AND (e.epoch, e.xid) < (bound.epoch, bound.xid)
    ORDER BY e.epoch, e.xid LIMIT 1;
    has_more := FOUND;
  END IF;
  IF NOT has_more THEN
    SELECT bound.epoch, bound.xid INTO upto;
  END IF;
  ids := ARRAY(
    SELECT e.id FROM audit_events e
    WHERE (e.epoch, e.xid) >= (state.epoch, state.horizon) AND (e.epoch, e.xid) < (upto.epoch, upto.xid)
    ORDER BY e.epoch, e.xid);
  INSERT INTO audit_search (event_id, recorded_at, document)
  SELECT n.id, d.recorded_at, d.document FROM unnest(ids) AS n (id) CROSS JOIN LATERAL audit_entry(n.id) d;
  UPDATE audit_search_state SET epoch = upto.epoch, horizon = upto.xid;
  RETURN jsonb_build_object('indexed', cardinality(ids), 'has_more', has_more);
END $$;

-- Before a search: a tail that would cost more than it may is indexed at once, where writing is allowed.
CREATE OR REPLACE FUNCTION catch_up_audit(longest_tail integer DEFAULT 200) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp SET enable_seqscan = off AS $$
DECLARE
  state audit_search_state := (SELECT s FROM audit_search_state s);
BEGIN
  IF current_setting('transaction_read_only') = 'off' AND EXISTS (
      SELECT FROM audit_events e WHERE (e.epoch, e.xid) >= (state.epoch, state.horizon)
      ORDER BY e.epoch, e.xid OFFSET longest_tail LIMIT 1) THEN
    PERFORM index_audit(5000);
  END IF;
END $$;

GRANT EXECUTE ON FUNCTION is_uuid(text), event_merchants(smallint, xid8, text[]), audit_entry(uuid), audit_tail(), audit_matches(uuid, tsquery),
  index_audit(integer), catch_up_audit(integer) TO {{role}};
