-- Who did what: one event per outermost operation, written first in the operation's own transaction
-- (functions/10-work.sql). Events and changes are append-only; nobody but those functions writes them.
CREATE TABLE audit_events (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  actor_type text NOT NULL CHECK (actor_type IN ('end_customer', 'staff', 'ai_agent', 'system')),
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  impersonator jsonb,
  delegator jsonb,
  action text NOT NULL,
  resource_type text,
  resource_id text,
  outcome text NOT NULL CHECK (outcome IN ('success', 'denied', 'failure')),
  door text NOT NULL,
  address text,
  user_agent text,
  request_id text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}'
);

-- What an event changed, row by row: only the columns that differ, secrets redacted.
CREATE TABLE audit_changes (
  event_id uuid NOT NULL REFERENCES audit_events,
  position integer NOT NULL,
  table_name text NOT NULL,
  row_id text NOT NULL,
  verb text NOT NULL CHECK (verb IN ('insert', 'update', 'delete')),
  before jsonb,
  after jsonb,
  PRIMARY KEY (event_id, position)
);

-- Denials within one minute, so that a flood leaves a count and a few events instead of a flood of events. The subject
-- is what was tried: the account of a sign-in, the object of an operation, or nothing.
CREATE TABLE denial_counts (
  actor_id text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  minute timestamptz NOT NULL,
  count integer NOT NULL,
  PRIMARY KEY (actor_id, action, subject, minute)
);

-- One row per Idempotency-Key and actor; kept 24 hours. A null response is a secret that is never replayed.
CREATE TABLE idempotency_keys (
  actor_id text NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  operation text NOT NULL,
  request_hash text NOT NULL,
  event_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  status smallint,
  response text,
  PRIMARY KEY (actor_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Work to do later or again, claimed by the runner with FOR UPDATE SKIP LOCKED.
CREATE TABLE jobs (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  operation text NOT NULL,
  input jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'dead')),
  run_at timestamptz NOT NULL DEFAULT now(),
  locked_until timestamptz,
  attempts smallint NOT NULL DEFAULT 0,
  max_attempts smallint NOT NULL DEFAULT 8,
  every interval,
  unique_key text,
  progress jsonb,
  result jsonb,
  problem jsonb,
  created_by text NOT NULL DEFAULT 'system',
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX jobs_unique_key ON jobs (unique_key) WHERE state IN ('queued', 'running');

-- Side effects that leave the database: written with the change, carried out by the job outbox.deliver.
CREATE TABLE outbox (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  topic text NOT NULL,
  payload jsonb NOT NULL,
  event_id uuid NOT NULL REFERENCES audit_events,
  created_at timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz
);
CREATE INDEX outbox_undelivered ON outbox (created_at) WHERE delivered_at IS NULL;

-- Where mail lands while the tenant has no e-mail provider: one row per outbox row, however often it is delivered.
CREATE TABLE mailbox (
  id uuid PRIMARY KEY,
  recipient text NOT NULL,
  subject text NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
