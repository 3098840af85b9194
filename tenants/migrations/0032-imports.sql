-- Imports of CSV files. The file lies in parts; what it reads as, and what is wrong with it, is worked out by a job into
-- tables of its own; one transaction then makes the rows of all of it, or of nothing. What is imported belongs to the place:
-- the whole tenant, one MerchantOrg, or one merchant.
CREATE TABLE imports (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  kind text NOT NULL,
  merchant_org_id uuid REFERENCES merchant_orgs,
  merchant_id uuid REFERENCES merchants,
  status text NOT NULL DEFAULT 'uploading',
  file_name text,
  part_count integer NOT NULL DEFAULT 0,
  -- The heads of the file, and which field is read from which of them.
  columns text[] NOT NULL DEFAULT '{}',
  mapping jsonb,
  row_count integer,
  bad_row_count integer,
  -- Why nothing was imported.
  problem text,
  job_id uuid,
  created_by jsonb NOT NULL,
  checked_at timestamptz,
  finished_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT imports_one_place CHECK (num_nonnulls(merchant_org_id, merchant_id) <= 1)
);

-- The text of the file. It goes when the import ends.
CREATE TABLE import_parts (
  import_id uuid NOT NULL REFERENCES imports,
  position integer NOT NULL,
  csv text NOT NULL,
  PRIMARY KEY (import_id, position)
);

-- What becomes of each line: the row's id, and its columns until it is made.
CREATE TABLE import_rows (
  import_id uuid NOT NULL REFERENCES imports,
  line integer NOT NULL,
  row_id uuid NOT NULL DEFAULT uuidv7(),
  fields jsonb NOT NULL,
  PRIMARY KEY (import_id, line)
);

-- What is wrong, where and why.
CREATE TABLE import_errors (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  import_id uuid NOT NULL REFERENCES imports,
  line integer NOT NULL,
  field text,
  column_name text,
  message text NOT NULL,
  value text
);
CREATE INDEX import_errors_by_line ON import_errors (import_id, line, id);

INSERT INTO state_moves (machine, action, from_state, to_state) VALUES
  ('import', 'create', '', 'uploading'),
  ('import', 'upload', 'uploading', 'uploaded'),
  ('import', 'map', 'bad', 'uploaded'),
  ('import', 'map', 'ready', 'uploaded'),
  ('import', 'map', 'failed', 'uploaded'),
  ('import', 'check', 'uploaded', 'checking'),
  ('import', 'check', 'bad', 'checking'),
  ('import', 'check', 'ready', 'checking'),
  ('import', 'check', 'failed', 'checking'),
  ('import', 'pass', 'checking', 'ready'),
  ('import', 'refuse', 'checking', 'bad'),
  ('import', 'apply', 'ready', 'applying'),
  ('import', 'finish', 'applying', 'done'),
  ('import', 'fail', 'applying', 'failed'),
  ('import', 'cancel', 'uploading', 'cancelled'),
  ('import', 'cancel', 'uploaded', 'cancelled'),
  ('import', 'cancel', 'checking', 'cancelled'),
  ('import', 'cancel', 'bad', 'cancelled'),
  ('import', 'cancel', 'ready', 'cancelled'),
  ('import', 'cancel', 'applying', 'cancelled'),
  ('import', 'cancel', 'failed', 'cancelled');
