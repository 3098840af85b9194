-- What the isolation probe writes and reads back, and what each probe found (docs/decisions/0023).
CREATE TABLE isolation_canaries (
  tenant_id uuid PRIMARY KEY,
  token uuid NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE isolation_probes (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  probed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- How often its own home, and the home of another tenant in between, said whose they are.
  own_reads integer NOT NULL,
  neighbour_reads integer NOT NULL,
  -- Schemas of other tenants that were tried and refused.
  refused_schemas integer NOT NULL,
  findings text[] NOT NULL
);

-- A new tenant gets it with its defaults.
INSERT INTO jobs (operation, every, unique_key, run_at)
SELECT 'isolation.probe', '15 minutes', 'isolation.probe every', now() + random() * interval '15 minutes' FROM tenant;
