-- The secret of a key is replaced while the one before still works for a while.
ALTER TABLE api_keys
  ADD COLUMN previous_key_hash text CONSTRAINT api_keys_previous_key_hash UNIQUE,
  ADD COLUMN previous_prefix text,
  ADD COLUMN previous_ends_at timestamptz,
  -- When its owners were told that it ends soon.
  ADD COLUMN expiry_warned_at timestamptz;

-- The last use of each secret. Beside the keys themselves, whose changes make every home read them again.
CREATE TABLE api_key_uses (
  api_key_id uuid NOT NULL REFERENCES api_keys ON DELETE CASCADE,
  prefix text NOT NULL,
  last_used_at timestamptz NOT NULL DEFAULT now(),
  address text NOT NULL,
  PRIMARY KEY (api_key_id, prefix)
);

INSERT INTO jobs (operation, input, run_at, unique_key)
SELECT 'api_key.warn', jsonb_build_object('id', id, 'expires_at', to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
  greatest(now(), expires_at - interval '7 days'), 'api_key.warn ' || id
FROM api_keys WHERE revoked_at IS NULL AND expires_at > now();
