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

-- A passkey (WebAuthn) belongs to the host that it was made on: browsers offer it there and nowhere else.
CREATE TABLE passkeys (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  name text NOT NULL,
  host text NOT NULL,
  credential_id text NOT NULL CONSTRAINT passkeys_credential UNIQUE,
  public_key text NOT NULL,
  counter bigint NOT NULL,
  transports text[] NOT NULL,
  last_used_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- Challenges that were answered, by their SHA-256, until they would have run out by themselves.
CREATE TABLE spent_challenges (
  hash text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);

-- Which passkey a session was opened with: that is two factors, until the passkey is gone.
ALTER TABLE sessions ADD COLUMN passkey_id uuid REFERENCES passkeys ON DELETE SET NULL;
CREATE INDEX sessions_by_passkey ON sessions (passkey_id) WHERE passkey_id IS NOT NULL;
