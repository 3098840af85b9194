-- Mail may hold links that stand for a person. Until it is delivered its text is sealed (server/operations/jobs.ts), and after
-- `expires_at` nobody needs it any more.
ALTER TABLE outbox ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + interval '14 days';
ALTER TABLE mailbox ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + interval '14 days';

-- What was delivered keeps no text; what was mailed so far may hold links of long ago.
UPDATE outbox SET payload = payload - 'body' WHERE delivered_at IS NOT NULL;
DELETE FROM mailbox;

-- It has no version to count up.
DROP TRIGGER IF EXISTS bump_version ON reconciliation_matches;
