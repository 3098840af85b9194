import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIGRATIONS: Record<string, string> = {
  '0001-notes.sql': `CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TABLE notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  body text NOT NULL CHECK (length(body) < 100),
  colour colour NOT NULL DEFAULT 'red'
);`,
  '0002-authors.sql': `CREATE TABLE authors (id uuid PRIMARY KEY DEFAULT uuidv7(), name text NOT NULL);
ALTER TABLE notes ADD COLUMN author_id uuid REFERENCES authors;`,
  '0003-note-index.sql': 'CREATE INDEX notes_author_id_idx ON notes (author_id);',
};

const FUNCTIONS: Record<string, string> = {
  '10-notes.sql': `CREATE OR REPLACE FUNCTION install_defaults(input jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  INSERT INTO notes (body) VALUES (input ->> 'name');
END $$;
CREATE OR REPLACE FUNCTION count_notes() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, {{schema}}, pg_temp AS 'SELECT count(*) FROM notes';
CREATE OR REPLACE VIEW red_notes AS SELECT id, body FROM notes WHERE colour = 'red';`,
  'zz-grants.sql': `GRANT USAGE ON SCHEMA {{schema}} TO {{role}};
GRANT SELECT, INSERT ON notes TO {{role}};
GRANT EXECUTE ON FUNCTION count_notes() TO {{role}};`,
};

/** A small release on disk: three migrations and two repeatable files. */
export type ReleaseFixture = {
  directory: string;
  write: (path: `${'migrations' | 'functions'}/${string}`, sql: string) => void;
  remove: () => void;
};

/** Writes the small release into a temporary folder, for `loadRelease({ directory })`. */
export function writeRelease(): ReleaseFixture {
  const directory = mkdtempSync(join(tmpdir(), 'scp-release-'));
  const write = (path: string, sql: string) => writeFileSync(join(directory, path), sql);
  for (const folder of ['migrations', 'functions']) mkdirSync(join(directory, folder));
  for (const [name, sql] of Object.entries(MIGRATIONS)) write(`migrations/${name}`, sql);
  for (const [name, sql] of Object.entries(FUNCTIONS)) write(`functions/${name}`, sql);
  return { directory, write, remove: () => rmSync(directory, { recursive: true }) };
}
