-- The catalog of tenants. Everything here is owned by scp_owner; the gateway reads it, tenants do not.

-- One row: whether this control plane belongs to the master secret at hand. A wrong secret would derive wrong passwords.
CREATE TABLE platform.installation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  secret_check text NOT NULL,
  installed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE platform.clusters (
  name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]*$'),
  url text NOT NULL CONSTRAINT clusters_url_without_credentials CHECK (url !~ '^[a-z]+://[^/]*@'),
  location_hint text,
  -- Neon allows 500 roles per branch.
  tenant_limit integer NOT NULL DEFAULT 450 CHECK (tenant_limit > 0)
);

CREATE TABLE platform.tenants (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  slug text NOT NULL CONSTRAINT tenants_slug_key UNIQUE,
  name text NOT NULL CHECK (name <> ''),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  cluster text NOT NULL REFERENCES platform.clusters (name),
  schema_name text NOT NULL CONSTRAINT tenants_schema_name_key UNIQUE,
  role_name text NOT NULL CONSTRAINT tenants_role_name_key UNIQUE,
  key_version integer NOT NULL DEFAULT 1 CHECK (key_version > 0),
  schema_version integer NOT NULL DEFAULT 0,
  functions_hash text,
  fingerprint text,
  created_at timestamptz NOT NULL DEFAULT now(),
  migrated_at timestamptz
);
CREATE INDEX tenants_cluster_idx ON platform.tenants (cluster);

CREATE TABLE platform.domains (
  host text PRIMARY KEY CHECK (host = lower(host)),
  tenant_id uuid NOT NULL REFERENCES platform.tenants (id) ON DELETE CASCADE
);
CREATE INDEX domains_tenant_id_idx ON platform.domains (tenant_id);

-- What a tenant's catalog must look like at a release: observed once on a throw-away schema, kept for comparison.
CREATE TABLE platform.releases (
  schema_version integer NOT NULL,
  functions_hash text NOT NULL,
  fingerprint text NOT NULL,
  description text[] NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (schema_version, functions_hash)
);

GRANT USAGE ON SCHEMA platform TO scp_gateway, scp_tenant;
GRANT SELECT ON platform.clusters, platform.tenants, platform.domains TO scp_gateway;
