-- What the audit trail is searched by, filled from it off the writing path; erasures; and rules that watch it
-- (docs/decisions/0022). Search, state and signals are derived: dropping and filling them again loses nothing of record.

-- How far the search has come, in the order of recording. One row.
CREATE TABLE audit_search_state (
  epoch smallint NOT NULL,
  horizon xid8 NOT NULL
);
CREATE UNIQUE INDEX audit_search_state_is_one_row ON audit_search_state ((true));
INSERT INTO audit_search_state (epoch, horizon) VALUES (0, '0');

-- Words of an event, and what it is filtered by as `@name=value`.
CREATE TABLE audit_search (
  event_id uuid PRIMARY KEY,
  recorded_at timestamptz NOT NULL,
  document tsvector NOT NULL
);
CREATE INDEX audit_search_by_document ON audit_search USING gin (document) WITH (fastupdate = off);
CREATE INDEX audit_search_by_time ON audit_search (recorded_at, event_id);
-- Which value is common decides how a list is read.
ALTER TABLE audit_search ALTER COLUMN document SET STATISTICS 1000;

-- Every unit of work paid for these; the search answers instead.
DROP INDEX audit_events_by_resource, audit_events_by_actor, audit_events_by_action;

-- Who asked for the erasure of what, written by request_erasure() under an event of its own; carried out by erase_sealed().
CREATE TABLE audit_erasures (
  id uuid PRIMARY KEY,
  event_id uuid NOT NULL REFERENCES audit_events,
  -- Events from this place on are not part of it.
  epoch smallint NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  actor_id text,
  resource_type text,
  resource_id text,
  reason text NOT NULL,
  erased integer NOT NULL DEFAULT 0,
  requested_at timestamptz NOT NULL DEFAULT now(),
  done_at timestamptz,
  CONSTRAINT audit_erasures_subject CHECK (
    (actor_id IS NULL) <> (resource_id IS NULL) AND (resource_id IS NULL) = (resource_type IS NULL))
);
CREATE INDEX audit_erasures_pending ON audit_erasures (id) WHERE done_at IS NULL;

-- Lists that somebody looks at again. They belong to one actor each.
CREATE TABLE saved_searches (
  id uuid PRIMARY KEY,
  owner_id text NOT NULL,
  name text NOT NULL,
  filters jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT saved_searches_name UNIQUE (owner_id, name)
);

-- What counts as suspicious. An alert is due when the signals of one subject within one window weigh the threshold.
CREATE TABLE alert_rules (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  kind text NOT NULL CONSTRAINT alert_rules_kind UNIQUE CHECK (kind IN
    ('odd_hours', 'address_change', 'mass_export', 'first_money', 'failed_sign_ins', 'privilege_change')),
  name text NOT NULL,
  is_enabled boolean NOT NULL DEFAULT true,
  threshold integer NOT NULL CHECK (threshold BETWEEN 1 AND 10000),
  window_minutes integer NOT NULL CHECK (window_minutes BETWEEN 1 AND 10080),
  -- odd_hours: from this hour of the tenant's day to that one, which may lie past midnight.
  from_hour smallint CHECK (from_hour BETWEEN 0 AND 23),
  to_hour smallint CHECK (to_hour BETWEEN 0 AND 23),
  -- address_change: nobody travels between networks faster than this.
  within_minutes integer CHECK (within_minutes BETWEEN 1 AND 1440),
  -- first_money: what moves money, as patterns of LIKE.
  actions text[],
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO alert_rules (kind, name, threshold, window_minutes, from_hour, to_hour, within_minutes, actions) VALUES
  ('odd_hours', 'Work at unusual hours', 1, 1440, 0, 5, NULL, NULL),
  ('address_change', 'Two places at once', 1, 60, NULL, NULL, 10, NULL),
  ('mass_export', 'Many exports', 5, 60, NULL, NULL, NULL, NULL),
  ('first_money', 'First money moved', 1, 1440, NULL, NULL, NULL, '{transaction.%,payout.%}'),
  ('failed_sign_ins', 'Many failed sign-ins', 5, 15, NULL, NULL, NULL, NULL),
  ('privilege_change', 'Rights were changed', 1, 60, NULL, NULL, NULL, NULL);

-- Events that a rule found, by whom they are about and when. Kept by the watch, whose cursor makes each count once.
CREATE TABLE alert_signals (
  rule_id uuid NOT NULL,
  subject text NOT NULL,
  window_start timestamptz NOT NULL,
  weight integer NOT NULL,
  event_ids uuid[] NOT NULL,
  PRIMARY KEY (rule_id, subject, window_start)
);
CREATE TABLE alerts (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  rule_id uuid NOT NULL REFERENCES alert_rules,
  subject text NOT NULL,
  window_start timestamptz NOT NULL,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'acknowledged')),
  note text,
  acknowledged_by text,
  acknowledged_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT alerts_once UNIQUE (rule_id, subject, window_start)
);
CREATE INDEX alerts_by_creation ON alerts (created_at, id);

-- Where an actor was last, and whether it ever moved money.
CREATE TABLE watched_actors (
  actor_id text PRIMARY KEY,
  network text,
  seen_at timestamptz,
  event_id uuid,
  has_moved_money boolean NOT NULL DEFAULT false
);
-- How far the watch has come. What happened before there were rules raises nothing.
CREATE TABLE watch_state (
  epoch smallint NOT NULL,
  horizon xid8 NOT NULL
);
CREATE UNIQUE INDEX watch_state_is_one_row ON watch_state ((true));
INSERT INTO watch_state (epoch, horizon) SELECT s.epoch, pg_current_xact_id() FROM ledger_state s;
INSERT INTO watched_actors (actor_id, has_moved_money)
SELECT DISTINCT e.actor_id, true FROM audit_events e
WHERE e.outcome = 'success' AND (e.action LIKE 'transaction.%' OR e.action LIKE 'payout.%') AND e.action NOT LIKE '%.export';

-- A new tenant gets it with its defaults.
INSERT INTO jobs (operation, every, unique_key) SELECT 'alert.watch', '5 minutes', 'alert.watch every' FROM tenant;
