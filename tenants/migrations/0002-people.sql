-- The tenant as its own staff see it. One row; the catalog of tenants lives in the control plane.
CREATE TABLE tenant (
  id uuid PRIMARY KEY,
  slug text NOT NULL,
  name text NOT NULL,
  legal_name text,
  support_email text,
  locale text NOT NULL DEFAULT 'en-US',
  time_zone text NOT NULL DEFAULT 'UTC',
  currency char(3) NOT NULL DEFAULT 'USD',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX tenant_is_one_row ON tenant ((true));

CREATE TABLE users (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  email text NOT NULL CHECK (email = lower(email)),
  name text NOT NULL,
  status text NOT NULL DEFAULT 'invited' CHECK (status IN ('invited', 'active', 'disabled')),
  password_hash text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT users_email_unique UNIQUE (email)
);

-- A built-in role has a key and takes its permissions from the code; a custom role lists them.
CREATE TABLE roles (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  key text UNIQUE,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  permissions text[] NOT NULL DEFAULT '{}',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT roles_name_unique UNIQUE (name)
);

CREATE TABLE merchant_orgs (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  name text NOT NULL,
  legal_name text,
  email text,
  phone text,
  tax_id text,
  status text NOT NULL DEFAULT 'onboarding' CHECK (status IN ('onboarding', 'active', 'suspended', 'closed')),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE merchants (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_org_id uuid NOT NULL CONSTRAINT merchants_merchant_org_exists REFERENCES merchant_orgs,
  name text NOT NULL,
  public_name text NOT NULL,
  vertical text NOT NULL,
  email text,
  phone text,
  currency char(3) NOT NULL,
  time_zone text NOT NULL,
  status text NOT NULL DEFAULT 'onboarding' CHECK (status IN ('onboarding', 'active', 'suspended', 'closed')),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX merchants_by_org ON merchants (merchant_org_id, id);

-- A role given to a user at a scope: the whole tenant (both ids null), one MerchantOrg, or one Merchant.
CREATE TABLE role_assignments (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  role_id uuid NOT NULL REFERENCES roles,
  merchant_org_id uuid REFERENCES merchant_orgs,
  merchant_id uuid REFERENCES merchants,
  expires_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT role_assignments_one_scope CHECK (merchant_org_id IS NULL OR merchant_id IS NULL)
);
CREATE INDEX role_assignments_by_user ON role_assignments (user_id);
CREATE INDEX role_assignments_by_role ON role_assignments (role_id);

CREATE TABLE api_keys (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  name text NOT NULL,
  prefix text NOT NULL,
  key_hash text NOT NULL UNIQUE,
  role_id uuid NOT NULL CONSTRAINT api_keys_role_exists REFERENCES roles,
  merchant_org_id uuid CONSTRAINT api_keys_merchant_org_exists REFERENCES merchant_orgs,
  merchant_id uuid CONSTRAINT api_keys_merchant_exists REFERENCES merchants,
  expires_at timestamptz,
  revoked_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT api_keys_one_scope CHECK (merchant_org_id IS NULL OR merchant_id IS NULL)
);

-- Counts the changes of keys and roles, so that a key that a home remembers is proved still to hold in the very
-- statement that writes (work_begin), without being read again.
CREATE TABLE access_state (
  version bigint NOT NULL
);
CREATE UNIQUE INDEX access_state_is_one_row ON access_state ((true));
INSERT INTO access_state (version) VALUES (1);

-- Ids are SHA-256 of what the cookie holds.
CREATE TABLE sessions (
  id text PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  address text,
  user_agent text
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE invitations (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  token_hash text NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
