-- Why a party was last moved, and parties put aside: gone from lists, with all that they did still there.
ALTER TABLE merchant_orgs
  ADD COLUMN status_reason text,
  ADD COLUMN archived_at timestamptz,
  ADD CONSTRAINT merchant_orgs_archived_at_rest CHECK (archived_at IS NULL OR status IN ('onboarding', 'closed'));
ALTER TABLE merchants
  ADD COLUMN status_reason text,
  ADD COLUMN archived_at timestamptz,
  ADD CONSTRAINT merchants_archived_at_rest CHECK (archived_at IS NULL OR status IN ('onboarding', 'closed'));
