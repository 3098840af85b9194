-- Why a party was last moved, and parties put aside: gone from lists, with all that they did still there.
ALTER TABLE merchant_orgs
  ADD COLUMN status_reason text,
  ADD COLUMN archived_at timestamptz,
  ADD CONSTRAINT merchant_orgs_archived_at_rest CHECK (archived_at IS NULL OR status IN ('onboarding', 'closed'));
ALTER TABLE merchants
  ADD COLUMN status_reason text,
  ADD COLUMN archived_at timestamptz,
  ADD CONSTRAINT merchants_archived_at_rest CHECK (archived_at IS NULL OR status IN ('onboarding', 'closed'));

-- Merchants that moved to another MerchantOrg, for good: written once, never changed.
CREATE TABLE merchant_transfers (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL REFERENCES merchants,
  from_merchant_org_id uuid NOT NULL REFERENCES merchant_orgs,
  to_merchant_org_id uuid NOT NULL REFERENCES merchant_orgs,
  -- From this day on, in the tenant's time zone, what the merchant does is under the new one.
  effective_date date NOT NULL,
  reason text NOT NULL,
  -- What was reviewed, as it was.
  preview jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX merchant_transfers_by_merchant ON merchant_transfers (merchant_id, id);
