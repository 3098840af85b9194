-- Single sign-on by OpenID Connect: the providers of the tenant, who came through them, and what is under way.
CREATE TABLE sso_connections (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  name text NOT NULL CONSTRAINT sso_connections_name_unique UNIQUE,
  issuer text NOT NULL,
  client_id text NOT NULL,
  -- Null for a client that has none: PKCE alone proves it.
  sealed_client_secret text,
  scopes text[] NOT NULL,
  email_domains text[] NOT NULL,
  creates_users boolean NOT NULL,
  forbids_passwords boolean NOT NULL,
  trusts_amr boolean NOT NULL,
  is_enabled boolean NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Who has this value in this claim gets this role there. Without claim and value it is the role of those whom no other fits.
CREATE TABLE sso_role_mappings (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  sso_connection_id uuid NOT NULL REFERENCES sso_connections ON DELETE CASCADE,
  claim text,
  value text,
  role_id uuid NOT NULL CONSTRAINT sso_role_mappings_role_exists REFERENCES roles,
  merchant_org_id uuid CONSTRAINT sso_role_mappings_merchant_org_exists REFERENCES merchant_orgs,
  merchant_id uuid CONSTRAINT sso_role_mappings_merchant_exists REFERENCES merchants,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((claim IS NULL) = (value IS NULL)),
  CONSTRAINT sso_role_mappings_one_scope CHECK (merchant_org_id IS NULL OR merchant_id IS NULL),
  CONSTRAINT sso_role_mappings_unique
    UNIQUE NULLS NOT DISTINCT (sso_connection_id, claim, value, role_id, merchant_org_id, merchant_id)
);
CREATE UNIQUE INDEX sso_role_mappings_one_default ON sso_role_mappings (sso_connection_id) WHERE claim IS NULL;
CREATE INDEX sso_role_mappings_by_role ON sso_role_mappings (role_id);

-- Whom a provider means by a subject. The issuer is part of it: another issuer's subjects are other people.
CREATE TABLE sso_identities (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  sso_connection_id uuid NOT NULL REFERENCES sso_connections ON DELETE CASCADE,
  issuer text NOT NULL,
  subject text NOT NULL,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT sso_identities_subject_unique UNIQUE (sso_connection_id, issuer, subject),
  CONSTRAINT sso_identities_user_unique UNIQUE (sso_connection_id, issuer, user_id)
);
CREATE INDEX sso_identities_by_user ON sso_identities (user_id);

-- A sign-in under way, by the hash of what the browser's cookie holds. `user_id`: come back, and asked for a code.
CREATE TABLE sso_flows (
  token_hash text PRIMARY KEY,
  sso_connection_id uuid NOT NULL REFERENCES sso_connections ON DELETE CASCADE,
  return_to text NOT NULL,
  user_id uuid REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sso_flows_by_expiry ON sso_flows (expires_at);

-- Given by single sign-on, and kept in line by it; given by hand otherwise.
ALTER TABLE role_assignments ADD COLUMN sso_connection_id uuid REFERENCES sso_connections ON DELETE CASCADE;

-- A provider that is trusted in this has vouched for a second factor.
ALTER TABLE sessions ADD COLUMN has_vouched_factor boolean NOT NULL DEFAULT false;
