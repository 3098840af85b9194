-- The seal: journals with their lines and transactions, and audit events with their changes, in blocks that each hold the
-- hash of the block before (docs/decisions/0014-seal.md). Written by functions only (functions/29-seal.sql).
CREATE TYPE seal_kind AS ENUM ('journal', 'event');

CREATE TABLE seal_blocks (
  number integer PRIMARY KEY,
  -- Which canonical form its rows are hashed in.
  format smallint NOT NULL,
  previous_hash bytea NOT NULL,
  from_epoch smallint NOT NULL,
  from_xid xid8 NOT NULL,
  to_epoch smallint NOT NULL,
  to_xid xid8 NOT NULL,
  journals integer NOT NULL,
  events integer NOT NULL,
  -- The hash of the hashes of its leaves, in their order.
  root bytea NOT NULL,
  -- When the last of what it holds was recorded.
  sealed_until timestamptz NOT NULL,
  sealed_at timestamptz NOT NULL,
  hash bytea NOT NULL
);

-- One per journal and event. What people wrote is hashed with a salt of its own: who erases it erases the salt too, and
-- leaves the hash of both, so that the chain holds and nobody can guess what it was.
CREATE TABLE seal_leaves (
  block integer NOT NULL,
  place integer NOT NULL,
  kind seal_kind NOT NULL,
  id uuid NOT NULL,
  hash bytea NOT NULL,
  salt bytea,
  texts_hash bytea,
  -- The audit event of the erasure.
  erased_by uuid,
  PRIMARY KEY (block, place),
  CONSTRAINT seal_leaves_salt_or_hash CHECK (
    (salt IS NULL) = (texts_hash IS NOT NULL) AND (salt IS NULL) = (erased_by IS NOT NULL))
);

-- What each look at the whole chain found.
CREATE TABLE ledger_verifications (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  verified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_block integer NOT NULL,
  head_hash bytea,
  journals bigint NOT NULL,
  events bigint NOT NULL,
  erased bigint NOT NULL,
  problems integer NOT NULL,
  -- The first of them: [{what, id, block, problem, message}].
  findings jsonb NOT NULL
);

-- Events take their place in the same order as journals.
ALTER TABLE audit_events ADD COLUMN epoch smallint NOT NULL DEFAULT 0;
CREATE INDEX audit_events_by_record ON audit_events (epoch, xid);

-- A new tenant gets it with its defaults. At some time of the day, so that a fleet does not verify all at once.
INSERT INTO jobs (operation, every, unique_key, run_at)
SELECT 'ledger.check', '1 day', 'ledger.check every', now() + random() * interval '1 day' FROM tenant;
