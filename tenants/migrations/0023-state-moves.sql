-- The moves that each state machine knows. What a status may become is decided here and nowhere else (12-states.sql).
-- The empty `from_state` is that of a row that is new.
CREATE TABLE state_moves (
  machine text NOT NULL,
  action text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  PRIMARY KEY (machine, action, from_state)
);

INSERT INTO state_moves (machine, action, from_state, to_state)
SELECT machine, action, from_state, to_state
FROM unnest(ARRAY['merchant_org', 'merchant']) AS m (machine)
CROSS JOIN (VALUES
  ('create', '', 'onboarding'),
  ('activate', 'onboarding', 'active'),
  ('suspend', 'active', 'suspended'),
  ('resume', 'suspended', 'active'),
  ('close', 'onboarding', 'closed'),
  ('close', 'active', 'closed'),
  ('close', 'suspended', 'closed')) AS moves (action, from_state, to_state);
