import pg from 'pg';
import type { Migration, Release } from './release.ts';
import { ROLE_SETTINGS } from './release.ts';

/** The schema and the role of one tenant. */
export type TenantNames = { schema: string; role: string };

/** Puts a tenant's names into SQL that was written with placeholders. */
export function withNames(sql: string, names: TenantNames): string {
  return sql
    .replaceAll('{{schema}}', () => pg.escapeIdentifier(names.schema))
    .replaceAll('{{role}}', () => pg.escapeIdentifier(names.role));
}

/** From here on, statements of the transaction act as the owner of all schemas, in this tenant's schema. */
export function actAsOwner(names: TenantNames): string {
  // Function bodies are checked when the release's reference is built; once is enough.
  return withNames(
    `SET LOCAL ROLE scp_owner;
SET LOCAL search_path = {{schema}};
SET LOCAL check_function_bodies = off`,
    names,
  );
}

/** Back to the administrator. */
export const ACT_AS_ADMIN = 'SET LOCAL ROLE NONE; SET LOCAL search_path = pg_catalog';

/** An empty schema and a role that can log in with the password of the verifier. */
export function createSchemaAndRole(names: TenantNames, verifier: string): string {
  return withNames(
    `CREATE ROLE {{role}} LOGIN PASSWORD ${pg.escapeLiteral(verifier)};
${ROLE_SETTINGS};
CREATE SCHEMA {{schema}} AUTHORIZATION scp_owner;
${actAsOwner(names)};
CREATE TABLE schema_migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  sha256 text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`,
    names,
  );
}

/** The migrations, each with its record. */
export function applyMigrations(migrations: Migration[], names: TenantNames): string {
  return migrations
    .map(({ sql, version, name, sha256 }) => {
      const record = [version, pg.escapeLiteral(name), pg.escapeLiteral(sha256)].join(', ');
      return `${withNames(sql, names)}\n;\nINSERT INTO schema_migrations (version, name, sha256) VALUES (${record})`;
    })
    .join(';\n');
}

/** All repeatable files. Rights are taken away first, so that what the files grant is all there is. */
export function applyFunctions(release: Release, names: TenantNames): string {
  const revoke = withNames(
    `REVOKE ALL ON ALL TABLES IN SCHEMA {{schema}} FROM {{role}};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA {{schema}} FROM {{role}};
REVOKE ALL ON ALL ROUTINES IN SCHEMA {{schema}} FROM {{role}}`,
    names,
  );
  return [revoke, ...release.functions.map((file) => withNames(file.sql, names))].join('\n;\n');
}

/** Lets the role use the few functions of the control plane that are for tenants; it may not become the group. */
export function joinTenants(names: TenantNames): string {
  return withNames('GRANT scp_tenant TO {{role}} WITH INHERIT TRUE, SET FALSE', names);
}

/** Everything that makes a tenant's schema and role at a release, in one string of statements. */
export function createTenant(release: Release, names: TenantNames, verifier: string): string {
  return [
    createSchemaAndRole(names, verifier),
    applyMigrations(release.migrations, names),
    applyFunctions(release, names),
    'SET LOCAL ROLE NONE',
    // Last, because concurrent creations wait for each other from here to the commit.
    joinTenants(names),
  ].join(';\n');
}
