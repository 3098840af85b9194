-- Counted on the dashboard, filtered in the list.
CREATE INDEX merchants_by_status ON merchants (status, id);
