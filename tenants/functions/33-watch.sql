-- Suspicious activity: rules look at each event once, in the order of its recording, and leave signals. Alerts are made of
-- them by the operation alert.raise (docs/decisions/0022).

-- Where an address is, as far as it tells: its network. Null when it is none.
CREATE OR REPLACE FUNCTION network_of(address text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (
  SELECT network(set_masklen(n.ip, CASE family(n.ip) WHEN 4 THEN 24 ELSE 48 END))::text
  -- The cast is outside of CASE: a known argument would be cast while planning, whatever the condition says.
  FROM (SELECT CASE WHEN pg_input_is_valid(address, 'inet') THEN address END::inet AS ip) n);

-- How many denials an event of a flood stands for: those since the one before it (work_deny).
CREATE OR REPLACE FUNCTION denials_of(details jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN (details -> 'count')::integer > 8 THEN (details -> 'count')::integer / 2
  WHEN (details -> 'count')::integer > 5 THEN (details -> 'count')::integer - 5 ELSE 1 END;

-- Whom an event is about: the person behind an impersonation rather than the one who is viewed as.
CREATE OR REPLACE FUNCTION doer_of(e audit_events) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(e.impersonator ->> 'id', e.actor_id);

-- Events between two places, with the one of the same person before each, where it is known.
CREATE OR REPLACE FUNCTION moves_between(from_epoch smallint, from_xid xid8, to_epoch smallint, to_xid xid8)
RETURNS TABLE (id uuid, actor_id text, recorded_at timestamptz, network text, network_before text, seen_before timestamptz, id_before uuid)
LANGUAGE sql STABLE AS $$
  SELECT n.id, n.actor_id, n.recorded_at, n.network, coalesce(lag(n.network) OVER w, k.network),
    coalesce(lag(n.recorded_at) OVER w, k.seen_at), coalesce(lag(n.id) OVER w, k.event_id)
  FROM (
    SELECT e.id, doer_of(e) AS actor_id, e.recorded_at, network_of(e.address) AS network
    FROM audit_events e
    WHERE (e.epoch, e.xid) >= (from_epoch, from_xid) AND (e.epoch, e.xid) < (to_epoch, to_xid)
      AND e.actor_type = 'staff' AND e.outcome = 'success') n
  LEFT JOIN watched_actors k ON k.actor_id = n.actor_id
  WHERE n.network IS NOT NULL
  WINDOW w AS (PARTITION BY n.actor_id ORDER BY n.recorded_at, n.id)
$$;

-- What the rules that are on say of the events between two places: rule, whom it is about, which event, and how much it weighs.
CREATE OR REPLACE FUNCTION signals_between(from_epoch smallint, from_xid xid8, to_epoch smallint, to_xid xid8)
RETURNS TABLE (rule_id uuid, window_minutes integer, subject text, recorded_at timestamptz, weight integer, event_ids uuid[])
LANGUAGE sql STABLE AS $$
  WITH fresh AS MATERIALIZED (
    SELECT e.*, doer_of(e) AS doer, extract(hour FROM e.recorded_at AT TIME ZONE t.time_zone) AS hour
    FROM audit_events e CROSS JOIN tenant t
    WHERE (e.epoch, e.xid) >= (from_epoch, from_xid) AND (e.epoch, e.xid) < (to_epoch, to_xid)
      AND e.door NOT IN ('job', 'command')),
  rule AS (SELECT * FROM alert_rules r WHERE r.is_enabled)
  SELECT r.id, r.window_minutes, f.doer, f.recorded_at, 1, ARRAY[f.id]
  FROM rule r JOIN fresh f ON f.actor_type = 'staff' AND f.outcome = 'success'
    AND CASE WHEN r.from_hour <= r.to_hour THEN f.hour >= r.from_hour AND f.hour < r.to_hour ELSE f.hour >= r.from_hour OR f.hour < r.to_hour END
  WHERE r.kind = 'odd_hours'
  UNION ALL
  SELECT r.id, r.window_minutes, m.actor_id, m.recorded_at, 1, ARRAY[m.id_before, m.id]
  FROM rule r JOIN moves_between(from_epoch, from_xid, to_epoch, to_xid) m ON m.network <> m.network_before
    AND m.recorded_at < m.seen_before + make_interval(mins => r.within_minutes)
  WHERE r.kind = 'address_change'
  UNION ALL
  -- An export has an event when it begins and one when it ended.
  SELECT r.id, r.window_minutes, f.doer, f.recorded_at, 1, ARRAY[f.id]
  FROM rule r JOIN fresh f ON f.action LIKE '%.export' AND f.outcome = 'success' AND f.details ->> 'summary' LIKE '% began'
  WHERE r.kind = 'mass_export'
  UNION ALL
  (SELECT DISTINCT ON (f.doer) r.id, r.window_minutes, f.doer, f.recorded_at, 1, ARRAY[f.id]
  FROM rule r JOIN fresh f ON f.action LIKE ANY (r.actions) AND f.action NOT LIKE '%.export' AND f.outcome = 'success' AND NOT f.details ? 'is_read'
  WHERE r.kind = 'first_money'
    AND NOT EXISTS (SELECT FROM watched_actors k WHERE k.actor_id = f.doer AND k.has_moved_money)
  ORDER BY f.doer, f.recorded_at, f.id)
  UNION ALL
  SELECT r.id, r.window_minutes, coalesce(f.resource_id, f.doer), f.recorded_at, denials_of(f.details), ARRAY[f.id]
  FROM rule r JOIN fresh f ON f.outcome <> 'success' AND (f.action IN ('session.create', 'passkey.sign_in')
    OR f.action IN ('sso.finish', 'sso.confirm') AND f.resource_id IS NOT NULL)
  WHERE r.kind = 'failed_sign_ins'
  UNION ALL
  SELECT r.id, r.window_minutes, f.doer, f.recorded_at, 1, ARRAY[f.id]
  -- Who comes through a provider gets the roles that its connection maps: it was the mapping that changed rights.
  FROM rule r JOIN fresh f ON f.action <> 'sso.finish' AND EXISTS (SELECT FROM audit_changes c WHERE c.event_id = f.id
    AND (c.table_name IN ('roles', 'role_assignments', 'sso_connections', 'sso_role_mappings')
      OR c.table_name = 'api_keys' AND c.verb = 'insert'))
  WHERE r.kind = 'privilege_change'
$$;

-- Looks at what was recorded since the last time and cannot grow any more, at most so many events. One caller at a time.
-- Returns {seen, due, has_more}: `due` are alerts to raise.
CREATE OR REPLACE FUNCTION watch_events(events_at_once integer DEFAULT 5000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
DECLARE
  state watch_state;
  upto record;
  has_more boolean;
  seen integer;
BEGIN
  SELECT * INTO STRICT state FROM watch_state FOR UPDATE;
  SELECT l.epoch, pg_snapshot_xmin(pg_current_snapshot()) AS xid INTO upto FROM ledger_state l;
  SELECT e.epoch, e.xid INTO upto
  FROM (SELECT upto.epoch, upto.xid) u (epoch, xid)
  LEFT JOIN LATERAL (
    SELECT a.epoch, a.xid FROM audit_events a
    WHERE (a.epoch, a.xid) >= (state.epoch, state.horizon) AND (a.epoch, a.xid) < (u.epoch, u.xid)
    ORDER BY a.epoch, a.xid OFFSET events_at_once LIMIT 1) n ON true
  CROSS JOIN LATERAL (SELECT coalesce(n.epoch, u.epoch), coalesce(n.xid, u.xid)) e (epoch, xid);
  has_more := (upto.epoch, upto.xid) < (SELECT l.epoch, pg_snapshot_xmin(pg_current_snapshot()) FROM ledger_state l);

  INSERT INTO alert_signals AS k (rule_id, subject, window_start, weight, event_ids)
  SELECT s.rule_id, left(s.subject, 500), date_bin(make_interval(mins => s.window_minutes), s.recorded_at, t.midnight), sum(s.weight),
    (array_agg(DISTINCT i.id))[1:200]
  FROM signals_between(state.epoch, state.horizon, upto.epoch, upto.xid) s
  CROSS JOIN (SELECT timestamp '2000-01-01' AT TIME ZONE time_zone AS midnight FROM tenant) t
  CROSS JOIN LATERAL unnest(s.event_ids) AS i (id)
  GROUP BY s.rule_id, left(s.subject, 500), date_bin(make_interval(mins => s.window_minutes), s.recorded_at, t.midnight)
  ON CONFLICT (rule_id, subject, window_start)
  DO UPDATE SET weight = k.weight + excluded.weight, event_ids = (k.event_ids || excluded.event_ids)[1:200];

  INSERT INTO watched_actors AS k (actor_id, network, seen_at, event_id)
  SELECT DISTINCT ON (m.actor_id) m.actor_id, m.network, m.recorded_at, m.id
  FROM moves_between(state.epoch, state.horizon, upto.epoch, upto.xid) m
  ORDER BY m.actor_id, m.recorded_at DESC, m.id DESC
  ON CONFLICT (actor_id) DO UPDATE SET network = excluded.network, seen_at = excluded.seen_at, event_id = excluded.event_id;
  INSERT INTO watched_actors AS k (actor_id, has_moved_money)
  SELECT DISTINCT doer_of(e), true
  FROM alert_rules r
  JOIN audit_events e ON e.action LIKE ANY (r.actions) AND e.action NOT LIKE '%.export' AND e.outcome = 'success' AND NOT e.details ? 'is_read'
    AND (e.epoch, e.xid) >= (state.epoch, state.horizon) AND (e.epoch, e.xid) < (upto.epoch, upto.xid)
  WHERE r.kind = 'first_money'
  ON CONFLICT (actor_id) DO UPDATE SET has_moved_money = true WHERE NOT k.has_moved_money;

  SELECT count(*) INTO seen FROM audit_events e
  WHERE (e.epoch, e.xid) >= (state.epoch, state.horizon) AND (e.epoch, e.xid) < (upto.epoch, upto.xid);
  UPDATE watch_state SET epoch = upto.epoch, horizon = upto.xid;
  DELETE FROM alert_signals s WHERE s.window_start < now() - interval '30 days'
    AND NOT EXISTS (SELECT FROM alerts a WHERE (a.rule_id, a.subject, a.window_start) = (s.rule_id, s.subject, s.window_start));
  RETURN jsonb_build_object('seen', seen, 'due', (SELECT count(*) FROM due_alerts()), 'has_more', has_more);
END $$;

-- Signals that weigh enough and have no alert yet.
CREATE OR REPLACE FUNCTION due_alerts() RETURNS TABLE (rule_id uuid, rule text, subject text, window_start timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT r.id, r.name, s.subject, s.window_start
  FROM alert_rules r
  JOIN alert_signals s ON s.rule_id = r.id AND s.weight >= r.threshold
  WHERE r.is_enabled
    AND NOT EXISTS (SELECT FROM alerts a WHERE (a.rule_id, a.subject, a.window_start) = (s.rule_id, s.subject, s.window_start))
$$;

GRANT EXECUTE ON FUNCTION due_alerts(), watch_events(integer) TO {{role}};
