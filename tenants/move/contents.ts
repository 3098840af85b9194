import type pg from 'pg';

/** Tables whose rows stay where they are, each with why. Every other table of a tenant's schema is carried. */
export const LEFT_BEHIND: Readonly<Record<string, string>> = {
  schema_migrations: 'The restore writes it itself, by running the migrations.',
  sessions: 'Nobody is signed in by a file: people sign in again.',
  idempotency_keys: 'They protect a request that is under way, for a day.',
  denial_counts: 'They count within the minute.',
  spent_challenges: 'They are of no use after minutes, and belong to a host.',
  sso_flows: 'A sign-in under way ends with the host that it began at.',
  isolation_canaries: 'They say on which server a tenant is.',
};

/** A value that is sealed under the master secret and the tenant's id, and for whom it was sealed. */
export type SealedValue = { table: string; column: string; subject: string; value: string; update: string };

/** Everything that is sealed in a tenant's schema: sealed anew where the master secret or the id is another. */
export const SEALED_VALUES: readonly SealedValue[] = [
  {
    table: 'second_factors',
    column: 'sealed_secret',
    subject: 'id::text',
    value: 'sealed_secret',
    update: 'sealed_secret = $2',
  },
  {
    table: 'sso_connections',
    column: 'sealed_client_secret',
    subject: `'sso ' || id`,
    value: 'sealed_client_secret',
    update: 'sealed_client_secret = $2',
  },
  {
    table: 'outbox',
    column: 'payload',
    subject: `'mail ' || (payload ->> 'recipient')`,
    value: `payload ->> 'sealed_body'`,
    update: `payload = jsonb_set(payload, '{sealed_body}', to_jsonb($2::text))`,
  },
];

/** A table as it is carried: generated columns are made anew. */
export type CarriedTable = { name: string; columns: string[] };

/** The tables of a schema that are carried, by name, from the catalog: a new table is carried without being asked. */
export async function carriedTables(admin: pg.Client, schema: string): Promise<CarriedTable[]> {
  const { rows } = await admin.query<CarriedTable>(
    `SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_class AS c
       JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($2::text[])
      GROUP BY c.relname
      ORDER BY c.relname::text COLLATE "C"`,
    [schema, Object.keys(LEFT_BEHIND)],
  );
  return rows;
}

/** How values are written and read as text, whatever the server's own settings are. */
export const PLAIN_TEXT = `SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC';
SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL client_encoding = 'UTF8'`;
