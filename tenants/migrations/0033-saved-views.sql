-- What was kept for the audit trail alone is kept for every list, with its order and its columns.
ALTER TABLE saved_searches ADD COLUMN list text NOT NULL DEFAULT 'audit';
ALTER TABLE saved_searches ADD COLUMN sort text;
ALTER TABLE saved_searches ADD COLUMN columns text[];
ALTER TABLE saved_searches DROP CONSTRAINT saved_searches_name;
ALTER TABLE saved_searches ADD CONSTRAINT saved_searches_name UNIQUE (owner_id, list, name);
