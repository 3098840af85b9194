-- What a tenant uses, per day of its own zone, and how much of it it may use (docs/decisions/0040). Only functions write here.
CREATE TABLE usage_days (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  day date NOT NULL,
  measure text NOT NULL CHECK (measure IN ('rows', 'bytes', 'api_calls', 'worker_time', 'messages', 'jobs')),
  amount bigint NOT NULL CHECK (amount >= 0),
  CONSTRAINT usage_days_once UNIQUE (day, measure)
);
-- When rows, bytes, messages and jobs were last measured. One row.
CREATE TABLE usage_state (
  measured_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX usage_state_is_one_row ON usage_state ((true));
INSERT INTO usage_state (measured_at) VALUES ('-infinity');

-- Set by whoever operates the platform (npm run tenant:quota), never by the tenant. No row, no limit.
CREATE TABLE quotas (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  measure text NOT NULL CONSTRAINT quotas_once UNIQUE CHECK (measure IN ('rows', 'bytes', 'api_calls', 'worker_time', 'messages', 'jobs')),
  soft_limit bigint CHECK (soft_limit > 0),
  hard_limit bigint CHECK (hard_limit > 0),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT quotas_limits CHECK (num_nonnulls(soft_limit, hard_limit) > 0 AND soft_limit <= hard_limit)
);

CREATE INDEX outbox_by_creation ON outbox (created_at);
CREATE INDEX jobs_by_end ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- An alert of this kind is about a measure, and its signals have no events.
ALTER TABLE alert_rules DROP CONSTRAINT alert_rules_kind_check;
ALTER TABLE alert_rules ADD CONSTRAINT alert_rules_kind_check CHECK (kind IN
  ('odd_hours', 'address_change', 'mass_export', 'first_money', 'failed_sign_ins', 'privilege_change', 'quota'));
INSERT INTO alert_rules (kind, name, threshold, window_minutes) VALUES ('quota', 'A quota is used up', 1, 1440);

-- A new tenant gets it with its defaults.
INSERT INTO jobs (operation, every, unique_key) SELECT 'usage.measure', '1 hour', 'usage.measure every' FROM tenant;
