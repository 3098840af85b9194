-- The sales pipeline: whom staff want to win as MerchantOrgs and merchants, what was done about it, and what became of it.
CREATE TABLE prospects (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  name text NOT NULL,
  contact_name text,
  email text,
  phone text,
  vertical text NOT NULL DEFAULT 'other',
  source text,
  -- What is expected of them in a year, in minor units.
  value bigint NOT NULL DEFAULT 0 CHECK (value BETWEEN 0 AND 9999999999999),
  currency char(3) NOT NULL CONSTRAINT prospects_currency_exists REFERENCES currencies,
  -- In percent, where somebody knows better than the stage.
  own_probability smallint CHECK (own_probability BETWEEN 0 AND 100),
  owner_id uuid CONSTRAINT prospects_owner_exists REFERENCES users ON DELETE SET NULL,
  expected_close date,
  notes text,
  status text NOT NULL DEFAULT 'lead',
  lost_reason text CHECK (lost_reason IN ('price', 'timing', 'competitor', 'no_response', 'not_a_fit', 'other')),
  status_reason text,
  merged_into uuid REFERENCES prospects,
  merchant_org_id uuid REFERENCES merchant_orgs,
  merchant_id uuid UNIQUE REFERENCES merchants,
  -- Spelling and punctuation apart, for finding the same business twice.
  name_key text NOT NULL GENERATED ALWAYS AS (regexp_replace(lower(name), '[\s[:punct:]]+', '', 'g')) STORED,
  phone_key text GENERATED ALWAYS AS (nullif(regexp_replace(phone, '\D+', '', 'g'), '')) STORED,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT prospects_lost_for_a_reason CHECK ((status = 'lost') = (lost_reason IS NOT NULL)),
  CONSTRAINT prospects_won_is_a_merchant CHECK ((status = 'won') = (merchant_id IS NOT NULL AND merchant_org_id IS NOT NULL)),
  CONSTRAINT prospects_merged_into_another CHECK ((status = 'merged') = (merged_into IS NOT NULL) AND merged_into <> id)
);
CREATE INDEX prospects_by_status ON prospects (status, id);
CREATE INDEX prospects_by_name ON prospects (name_key);
CREATE INDEX prospects_by_email ON prospects (lower(email));
CREATE INDEX prospects_by_phone ON prospects (phone_key);
CREATE INDEX prospects_by_owner ON prospects (owner_id) WHERE owner_id IS NOT NULL;

-- Every stage that a prospect entered; the event says who moved it.
CREATE TABLE prospect_moves (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  prospect_id uuid NOT NULL REFERENCES prospects,
  event_id uuid NOT NULL,
  from_status text NOT NULL,
  to_status text NOT NULL,
  lost_reason text,
  reason text,
  moved_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX prospect_moves_by_prospect ON prospect_moves (prospect_id, moved_at);

CREATE TABLE prospect_activities (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  prospect_id uuid NOT NULL CONSTRAINT prospect_activities_prospect_exists REFERENCES prospects,
  kind text NOT NULL CHECK (kind IN ('call', 'mail', 'meeting', 'note', 'task')),
  subject text NOT NULL,
  body text,
  -- Who did it, or whose task it is.
  user_id uuid CONSTRAINT prospect_activities_user_exists REFERENCES users ON DELETE SET NULL,
  happened_at timestamptz NOT NULL DEFAULT now(),
  due_on date,
  done_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT prospect_activities_tasks_are_due CHECK ((kind = 'task') = (due_on IS NOT NULL)),
  CONSTRAINT prospect_activities_tasks_are_done CHECK (kind = 'task' OR done_at IS NULL)
);
CREATE INDEX prospect_activities_by_prospect ON prospect_activities (prospect_id, id);
CREATE INDEX prospect_activities_open ON prospect_activities (user_id, due_on) WHERE kind = 'task' AND done_at IS NULL;

INSERT INTO state_moves (machine, action, from_state, to_state) VALUES
  ('prospect', 'create', '', 'lead'),
  ('prospect', 'qualify', 'lead', 'qualified'),
  ('prospect', 'qualify', 'proposal', 'qualified'),
  ('prospect', 'propose', 'lead', 'proposal'),
  ('prospect', 'propose', 'qualified', 'proposal'),
  ('prospect', 'set_back', 'qualified', 'lead'),
  ('prospect', 'set_back', 'proposal', 'lead'),
  ('prospect', 'reopen', 'lost', 'lead'),
  ('prospect', 'win', 'lead', 'won'),
  ('prospect', 'win', 'qualified', 'won'),
  ('prospect', 'win', 'proposal', 'won'),
  ('prospect', 'lose', 'lead', 'lost'),
  ('prospect', 'lose', 'qualified', 'lost'),
  ('prospect', 'lose', 'proposal', 'lost'),
  ('prospect', 'merge', 'lead', 'merged'),
  ('prospect', 'merge', 'qualified', 'merged'),
  ('prospect', 'merge', 'proposal', 'merged'),
  ('prospect', 'merge', 'lost', 'merged');
