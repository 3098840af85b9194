-- What a tenant, a MerchantOrg or a merchant sets for itself. The keys, and what may be set where, are the code's; the
-- value that holds for a merchant is its own, else its MerchantOrg's, else the tenant's, else the code's.
CREATE TABLE settings (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  level text NOT NULL CHECK (level IN ('tenant', 'merchant_org', 'merchant')),
  -- The tenant, MerchantOrg or merchant; none of them is ever deleted.
  owner_id uuid NOT NULL,
  key text NOT NULL,
  value jsonb NOT NULL CHECK (value <> 'null'),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT settings_once UNIQUE (owner_id, key)
);
