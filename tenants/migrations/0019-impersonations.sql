-- Who looked at the portal as somebody else, why and for how long (functions/15-impersonation.sql, docs/decisions/0025).
CREATE TABLE impersonations (
  id uuid PRIMARY KEY,
  -- No references: what was done stays on record when an account is removed.
  impersonator_id uuid NOT NULL,
  user_id uuid NOT NULL,
  -- The impersonator's own session, by its handle: whatever ends it ends this.
  session_handle uuid NOT NULL,
  -- Where the user's roles held at the start: those are told.
  merchant_org_ids uuid[] NOT NULL,
  merchant_ids uuid[] NOT NULL,
  reason text NOT NULL,
  expires_at timestamptz NOT NULL,
  stepped_up_at timestamptz,
  -- Null while it runs, and when it ended by itself.
  ended_at timestamptz,
  ended_because text CHECK (ended_because IN ('impersonator', 'staff', 'session_ended', 'account_disabled', 'rights_changed')),
  -- The impersonator has gone back to being themself.
  left_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT impersonations_of_another CHECK (impersonator_id <> user_id),
  CONSTRAINT impersonations_last_an_hour CHECK (expires_at > created_at AND expires_at <= created_at + interval '60 minutes'),
  CONSTRAINT impersonations_end_for_a_reason CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE UNIQUE INDEX impersonations_one_per_session ON impersonations (session_handle) WHERE left_at IS NULL;
CREATE INDEX impersonations_not_ended ON impersonations (expires_at) WHERE ended_at IS NULL;
CREATE INDEX impersonations_by_creation ON impersonations (created_at, id);

CREATE INDEX audit_events_by_impersonation ON audit_events ((impersonator ->> 'impersonation_id'), id) WHERE impersonator IS NOT NULL;
