-- Who MerchantOrgs and merchants are to those who deal with them, and what went before they were live.
ALTER TABLE merchant_orgs
  ADD COLUMN billing_address text,
  ADD COLUMN website text;
-- `hours` is when a merchant is open, as those of a provider: {weekday: 1 (Monday) … 7, opens, closes}, local to it.
ALTER TABLE merchants
  ADD COLUMN website text,
  ADD COLUMN description text,
  ADD COLUMN hours jsonb NOT NULL DEFAULT '[]';

-- People to ask for, in order. They are replaced together.
CREATE TABLE contacts (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_org_id uuid REFERENCES merchant_orgs,
  merchant_id uuid REFERENCES merchants,
  position integer NOT NULL,
  name text NOT NULL,
  role text,
  email text,
  phone text,
  CONSTRAINT contacts_of_one_party CHECK (num_nonnulls(merchant_org_id, merchant_id) = 1)
);
CREATE INDEX contacts_by_merchant_org ON contacts (merchant_org_id, position) WHERE merchant_org_id IS NOT NULL;
CREATE INDEX contacts_by_merchant ON contacts (merchant_id, position) WHERE merchant_id IS NOT NULL;

-- Who agreed to which version of the terms. Written once, never changed.
CREATE TABLE terms_acceptances (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_org_id uuid REFERENCES merchant_orgs,
  merchant_id uuid REFERENCES merchants,
  terms_version text NOT NULL,
  -- The person who agreed, and who noted it down.
  accepted_by text NOT NULL,
  recorded_by text NOT NULL,
  accepted_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT terms_acceptances_of_one_party CHECK (num_nonnulls(merchant_org_id, merchant_id) = 1)
);
CREATE INDEX terms_acceptances_by_merchant_org ON terms_acceptances (merchant_org_id) WHERE merchant_org_id IS NOT NULL;
CREATE INDEX terms_acceptances_by_merchant ON terms_acceptances (merchant_id) WHERE merchant_id IS NOT NULL;

-- What need not be done before a party goes live, and why. Taken back by deleting it.
CREATE TABLE onboarding_waivers (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_org_id uuid REFERENCES merchant_orgs,
  merchant_id uuid REFERENCES merchants,
  item text NOT NULL,
  reason text NOT NULL,
  waived_by text NOT NULL,
  waived_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT onboarding_waivers_of_one_party CHECK (num_nonnulls(merchant_org_id, merchant_id) = 1),
  CONSTRAINT onboarding_waivers_of_merchant_org_once UNIQUE (merchant_org_id, item),
  CONSTRAINT onboarding_waivers_of_merchant_once UNIQUE (merchant_id, item)
);
CREATE INDEX merchant_orgs_by_status ON merchant_orgs (status, id);
