-- What is set somewhere: for the tenant (both ids null), for a MerchantOrg, or for a merchant. What is set nowhere has its
-- default in the code, which also knows the keys.
CREATE TABLE settings (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_org_id uuid REFERENCES merchant_orgs,
  merchant_id uuid REFERENCES merchants,
  key text NOT NULL,
  value jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT settings_one_level CHECK (merchant_org_id IS NULL OR merchant_id IS NULL),
  UNIQUE NULLS NOT DISTINCT (merchant_org_id, merchant_id, key)
);
CREATE INDEX settings_by_merchant ON settings (merchant_id) WHERE merchant_id IS NOT NULL;
