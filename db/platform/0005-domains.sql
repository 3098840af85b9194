-- A custom domain leads to its tenant only once somebody has confirmed that its owner agrees (docs/decisions/0024).
ALTER TABLE platform.domains
  ADD COLUMN verification_token text NOT NULL DEFAULT 'scp-verify-' || replace(gen_random_uuid()::text, '-', ''),
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN verified_at timestamptz;
-- Those that were there before led to their tenants, and go on doing so.
UPDATE platform.domains SET verified_at = now();
