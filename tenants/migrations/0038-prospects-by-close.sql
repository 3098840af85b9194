-- The board and the forecast read what is open, by the day on which it is expected to close.
CREATE INDEX prospects_open_by_close ON prospects (expected_close, id) WHERE status IN ('lead', 'qualified', 'proposal');
