-- Feature flags. `variants` is a list of {name, value}; `rollout` and the `serve` of each rule are lists of
-- {variant, percent} that add up to 100. Nothing is ever deleted, so that the sum of all versions only rises: by it a
-- home knows whether what it remembers is still so.
CREATE TABLE feature_flags (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  key text NOT NULL CONSTRAINT feature_flags_key UNIQUE,
  name text NOT NULL,
  description text,
  type text NOT NULL CHECK (type IN ('boolean', 'string', 'number', 'object')),
  variants jsonb NOT NULL,
  off_variant text NOT NULL,
  rollout jsonb NOT NULL,
  rules jsonb NOT NULL DEFAULT '[]',
  is_enabled boolean NOT NULL DEFAULT true,
  -- The product asks for it by its key.
  is_built_in boolean NOT NULL DEFAULT false,
  -- Whom a percentage takes in differs from flag to flag, and never changes for one.
  salt uuid NOT NULL DEFAULT gen_random_uuid(),
  archived_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT feature_flags_built_in_stays CHECK (NOT is_built_in OR archived_at IS NULL)
);

-- The variant that a merchant has whatever the rules say; null once it was taken back.
CREATE TABLE feature_flag_overrides (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  flag_id uuid NOT NULL REFERENCES feature_flags,
  merchant_id uuid NOT NULL REFERENCES merchants,
  variant text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT feature_flag_overrides_once UNIQUE (merchant_id, flag_id)
);
CREATE INDEX feature_flag_overrides_by_flag ON feature_flag_overrides (flag_id);

-- What happened to a row, for its history.
CREATE INDEX audit_changes_of_flags ON audit_changes (row_id) WHERE table_name = 'feature_flags';

INSERT INTO feature_flags (key, name, description, type, variants, off_variant, rollout, is_built_in) VALUES
  ('portal.audit-live', 'Follow the audit log live', 'Whether the audit log can show new events by itself. Off, nobody''s browser asks for them every few seconds.',
    'boolean', '[{"name": "on", "value": true}, {"name": "off", "value": false}]', 'off', '[{"variant": "on", "percent": 100}]', true);

-- Whom people turn to, and the colour of the portal.
ALTER TABLE tenant ADD COLUMN support_phone text, ADD COLUMN support_url text, ADD COLUMN brand_colour text;
