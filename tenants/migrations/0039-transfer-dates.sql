-- A transfer of a merchant may wait for its day, and then for a second person first (docs/decisions/0041). What was there so far
-- took effect at once.
DROP TRIGGER IF EXISTS refuse_change ON merchant_transfers;
ALTER TABLE merchant_transfers
  ADD COLUMN status text NOT NULL DEFAULT 'done',
  -- {type, id, name}; null of what was done before this was kept.
  ADD COLUMN created_by jsonb,
  ADD COLUMN approved_by jsonb,
  ADD COLUMN approved_at timestamptz,
  ADD COLUMN ended_at timestamptz,
  -- What forbade it, or the words of who cancelled it.
  ADD COLUMN ended_because text,
  -- What it changed when it was carried out; the preview stays what was reviewed.
  ADD COLUMN outcome jsonb,
  ADD COLUMN version integer NOT NULL DEFAULT 1,
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
UPDATE merchant_transfers SET ended_at = created_at, updated_at = created_at, outcome = preview;
ALTER TABLE merchant_transfers
  ALTER COLUMN status SET DEFAULT 'proposed',
  ADD CONSTRAINT merchant_transfers_second_person CHECK (approved_by ->> 'id' <> created_by ->> 'id'),
  ADD CONSTRAINT merchant_transfers_scheduled_approved CHECK (status <> 'scheduled' OR num_nonnulls(created_by, approved_by, approved_at) = 3),
  ADD CONSTRAINT merchant_transfers_ended CHECK ((status IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
  ADD CONSTRAINT merchant_transfers_outcome CHECK ((status = 'done') = (outcome IS NOT NULL)),
  ADD CONSTRAINT merchant_transfers_ended_why CHECK ((status IN ('failed', 'cancelled')) = (ended_because IS NOT NULL));

CREATE UNIQUE INDEX merchant_transfers_one_open ON merchant_transfers (merchant_id) WHERE status IN ('proposed', 'scheduled');
-- What waits is few among many: the sweep finds it by its day.
CREATE INDEX merchant_transfers_by_day ON merchant_transfers (effective_date, id) WHERE status IN ('proposed', 'scheduled');

INSERT INTO state_moves (machine, action, from_state, to_state) VALUES
  ('merchant_transfer', 'create', '', 'proposed'),
  ('merchant_transfer', 'approve', 'proposed', 'scheduled'),
  ('merchant_transfer', 'carry_out', 'proposed', 'done'),
  ('merchant_transfer', 'carry_out', 'scheduled', 'done'),
  ('merchant_transfer', 'fail', 'proposed', 'failed'),
  ('merchant_transfer', 'fail', 'scheduled', 'failed'),
  ('merchant_transfer', 'cancel', 'proposed', 'cancelled'),
  ('merchant_transfer', 'cancel', 'scheduled', 'cancelled');

-- They take a day now; who names none gets today.
DROP FUNCTION IF EXISTS transfer_preview(uuid, uuid), transfer_merchant(uuid, uuid, text, text);
