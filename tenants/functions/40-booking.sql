-- When providers work and what of that is free. Hours are local to the merchant; Postgres knows when its clocks change.

-- The hours of a provider as instants, on the days from `first_day` to `last_day`.
CREATE OR REPLACE FUNCTION opening_times(hours jsonb, zone text, first_day date, last_day date) RETURNS SETOF tstzrange
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT tstzrange(t.opens, t.closes)
  FROM generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') AS d (day)
  JOIN jsonb_to_recordset(hours) AS h (weekday integer, opens time, closes time) ON h.weekday = extract(isodow FROM d.day)
  CROSS JOIN LATERAL (SELECT (d.day + h.opens) AT TIME ZONE zone AS opens, (d.day + h.closes) AT TIME ZONE zone AS closes) t
  -- A clock that is put forward may leave nothing of them.
  WHERE t.opens < t.closes;
END;

-- The hours on those days less the absences.
CREATE OR REPLACE FUNCTION working_times(provider providers, zone text, first_day date, last_day date) RETURNS tstzmultirange
LANGUAGE sql STABLE
RETURN coalesce((SELECT range_agg(o.times) FROM opening_times(provider.hours, zone, first_day, last_day) AS o (times)), '{}')
  - coalesce((SELECT range_agg(tstzrange(a.starts_at, a.ends_at)) FROM provider_absences a
    WHERE a.provider_id = provider.id AND a.ends_at > first_day::timestamp AT TIME ZONE zone), '{}');

-- Whether a visit lies within the working times of a provider.
CREATE OR REPLACE FUNCTION is_working(provider providers, zone text, visit tstzrange) RETURNS boolean
LANGUAGE sql STABLE
RETURN visit <@ working_times(provider, zone, (lower(visit) AT TIME ZONE zone)::date, (upper(visit) AT TIME ZONE zone)::date);

-- Every time at which a visit of so many minutes could begin, in steps from each opening on. One appointment is left out of
-- account: the one that is to be moved.
CREATE OR REPLACE FUNCTION free_slots(provider providers, zone text, first_day date, last_day date, visit_minutes integer,
  buffer_minutes integer, step_minutes integer, earliest timestamptz, latest timestamptz, moving uuid)
RETURNS TABLE (starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT slot.starts_at, slot.starts_at + make_interval(mins => visit_minutes)
  FROM (
    SELECT working_times(provider, zone, first_day, last_day) AS working,
      (SELECT coalesce(range_agg(a.busy), '{}') FROM appointments a
        WHERE uuid_span(a.provider_id, a.provider_id, '[]') && uuid_span(provider.id, provider.id, '[]')
          AND a.busy && tstzrange(first_day::timestamp AT TIME ZONE zone, (last_day + 1)::timestamp AT TIME ZONE zone)
          AND a.status IN ('booked', 'checked_in', 'completed') AND a.id IS DISTINCT FROM moving) AS taken) day
  CROSS JOIN LATERAL (
    SELECT generate_series(lower(o.times), upper(o.times) - make_interval(mins => visit_minutes), make_interval(mins => step_minutes))
    FROM opening_times(provider.hours, zone, first_day, last_day) AS o (times)) AS slot (starts_at)
  WHERE slot.starts_at BETWEEN earliest AND latest
    AND tstzrange(slot.starts_at, slot.starts_at + make_interval(mins => visit_minutes)) <@ day.working
    AND NOT tstzrange(slot.starts_at, slot.starts_at + make_interval(mins => visit_minutes + buffer_minutes)) && day.taken;
END;

-- As code before version 40 asks.
CREATE OR REPLACE FUNCTION free_slots(provider providers, zone text, first_day date, last_day date, visit_minutes integer,
  buffer_minutes integer, step_minutes integer, earliest timestamptz, latest timestamptz)
RETURNS TABLE (starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT f.starts_at, f.ends_at
  FROM free_slots(provider, zone, first_day, last_day, visit_minutes, buffer_minutes, step_minutes, earliest, latest, NULL::uuid) f;
END;
