-- What a tenant uses and how much of it it may (docs/decisions/0040). API calls and worker time are counted by its homes and
-- come here in batches; the rest is measured from what lies in the schema, at most once a minute.

-- A day of the tenant and the one after it, as instants.
CREATE OR REPLACE FUNCTION usage_day(days_ago integer DEFAULT 0, OUT day date, OUT starts_at timestamptz, OUT ends_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT d.day, d.day::timestamp AT TIME ZONE t.time_zone, (d.day + 1)::timestamp AT TIME ZONE t.time_zone
  FROM tenant t CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE t.time_zone)::date - days_ago) d (day)
$$;

-- Every measure with what is used of it now, and its limits. Rows and bytes are what lies there; the others are the day's.
CREATE OR REPLACE FUNCTION usage_standing()
RETURNS TABLE (measure text, is_daily boolean, used bigint, soft_limit bigint, hard_limit bigint, since timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT m.measure, m.is_daily, coalesce(u.amount, 0), q.soft_limit, q.hard_limit,
    CASE WHEN m.is_daily THEN d.starts_at ELSE date_trunc('month', d.day::timestamp) AT TIME ZONE t.time_zone END
  FROM (VALUES (1, 'rows', false), (2, 'bytes', false), (3, 'api_calls', true), (4, 'worker_time', true), (5, 'messages', true),
    (6, 'jobs', true)) AS m (position, measure, is_daily)
  CROSS JOIN tenant t
  CROSS JOIN usage_day() d
  LEFT JOIN LATERAL (
    SELECT n.amount FROM usage_days n
    WHERE n.measure = m.measure AND (n.day = d.day OR NOT m.is_daily)
    ORDER BY n.day DESC LIMIT 1) u ON true
  LEFT JOIN quotas q ON q.measure = m.measure
  ORDER BY m.position
$$;

-- Rows as the statistics of Postgres have them, so that it costs the same however many there are. They lag by a second, and
-- after a crash of the server tell what the last ANALYZE saw. Mails and jobs of the day before are counted to its end.
CREATE OR REPLACE FUNCTION measure_usage() RETURNS void
LANGUAGE sql AS $$
  INSERT INTO usage_days AS u (day, measure, amount)
  SELECT d.day, m.measure, m.amount
  FROM usage_day() d
  CROSS JOIN LATERAL (
    SELECT sum(greatest(pg_stat_get_live_tuples(c.oid), c.reltuples::bigint, 0)) AS row_count, sum(pg_total_relation_size(c.oid)) AS size
    FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = (SELECT own.relnamespace FROM pg_class own WHERE own.oid = 'tenant'::regclass)) s
  CROSS JOIN LATERAL (VALUES ('rows', s.row_count::bigint), ('bytes', s.size::bigint)) AS m (measure, amount)
  UNION ALL
  SELECT d.day, m.measure, m.amount
  FROM generate_series(0, 1) AS ago (days)
  CROSS JOIN LATERAL usage_day(ago.days) d
  CROSS JOIN LATERAL (
    SELECT 'messages', count(*) FROM outbox o WHERE o.topic = 'mail' AND o.created_at >= d.starts_at AND o.created_at < d.ends_at
    UNION ALL
    SELECT 'jobs', count(*) FROM jobs j WHERE j.finished_at >= d.starts_at AND j.finished_at < d.ends_at) AS m (measure, amount)
  WHERE m.amount > 0
  ON CONFLICT (day, measure) DO UPDATE SET amount = excluded.amount WHERE u.amount <> excluded.amount;

  -- Once per period, and heavier at the hard limit, so that a threshold of 2 tells of that alone. alert.watch raises it.
  INSERT INTO alert_signals AS k (rule_id, subject, window_start, weight, event_ids)
  SELECT r.id, replace(s.measure, '_', ' '), s.since, CASE WHEN s.used >= s.hard_limit THEN 2 ELSE 1 END, '{}'
  FROM usage_standing() s JOIN alert_rules r ON r.kind = 'quota' AND r.is_enabled
  WHERE s.used >= least(s.soft_limit, s.hard_limit)
  ON CONFLICT (rule_id, subject, window_start) DO UPDATE SET weight = excluded.weight WHERE k.weight < excluded.weight;
$$;

-- Adds what a home has counted, measures the rest when that is due, and answers how things stand:
-- {ends_in: seconds of the day that are left, measures: [{measure, is_daily, used, soft_limit, hard_limit}]}.
CREATE OR REPLACE FUNCTION count_usage(calls bigint, worker_ms bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  INSERT INTO usage_days AS u (day, measure, amount)
  SELECT d.day, m.measure, m.amount
  FROM usage_day() d CROSS JOIN (VALUES ('api_calls', calls), ('worker_time', worker_ms)) AS m (measure, amount)
  WHERE m.amount > 0
  ON CONFLICT (day, measure) DO UPDATE SET amount = u.amount + excluded.amount;
  UPDATE usage_state SET measured_at = now() WHERE measured_at < now() - interval '1 minute';
  IF FOUND THEN PERFORM measure_usage(); END IF;
  RETURN (
    SELECT jsonb_build_object('ends_in', ceil(extract(epoch FROM d.ends_at - now())), 'measures', (
      SELECT jsonb_agg(to_jsonb(s) - 'since') FROM usage_standing() s))
    FROM usage_day() d);
END $$;
GRANT EXECUTE ON FUNCTION count_usage(bigint, bigint), usage_standing(), usage_day(integer) TO {{role}};

-- For whoever operates the platform, as owner: the tenant's own role may not. Both limits null take the quota away.
CREATE OR REPLACE FUNCTION set_quota(measured text, soft bigint, hard bigint, request_id text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  PERFORM work_begin(jsonb_build_object('operation', 'quota.set',
    'summary', format(CASE WHEN num_nonnulls(soft, hard) = 0 THEN 'Took away the quota of %s' ELSE 'Set the quota of %s' END,
      replace(measured, '_', ' ')),
    'actor', '{"type": "system", "id": "platform", "name": "Platform operator"}'::jsonb,
    'resource', '{"type": "quota"}'::jsonb,
    'request', jsonb_build_object('id', request_id, 'door', 'command')));
  IF num_nonnulls(soft, hard) = 0 THEN
    DELETE FROM quotas q WHERE q.measure = measured;
  ELSE
    INSERT INTO quotas AS q (measure, soft_limit, hard_limit) VALUES (measured, soft, hard)
    ON CONFLICT (measure) DO UPDATE SET soft_limit = excluded.soft_limit, hard_limit = excluded.hard_limit
    WHERE (q.soft_limit, q.hard_limit) IS DISTINCT FROM (excluded.soft_limit, excluded.hard_limit);
  END IF;
END $$;
