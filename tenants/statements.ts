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

/** An empty schema, and a role that logs in with the password of the verifier. */
function createSchemaAndRole(names: TenantNames, verifier: string): string {
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

/** Statements with the name of the file that they are from. */
export type Step = { name: string; sql: string };

/** The migrations, each with its record. */
export function migrationSteps(migrations: Migration[], names: TenantNames): Step[] {
  return migrations.map(({ sql, version, name, sha256 }) => {
    const record = [version, pg.escapeLiteral(name), pg.escapeLiteral(sha256)].join(', ');
    const remember = `INSERT INTO schema_migrations (version, name, sha256) VALUES (${record})`;
    return { name, sql: `${withNames(sql, names)}\n;\n${remember}` };
  });
}

/** All repeatable files. */
export function functionSteps(release: Release, names: TenantNames): Step[] {
  return release.functions.map(({ name, sql }) => ({ name, sql: withNames(sql, names) }));
}

/** Takes the role's rights away, so that what the repeatable files then grant is all there is. */
export function revokeStep(names: TenantNames): Step {
  const sql = withNames(
    `REVOKE ALL ON ALL TABLES IN SCHEMA {{schema}} FROM {{role}};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA {{schema}} FROM {{role}};
REVOKE ALL ON ALL ROUTINES IN SCHEMA {{schema}} FROM {{role}}`,
    names,
  );
  return { name: 'revoke', sql };
}

/** Everything that makes a tenant's schema and role at a release. */
export function creationSteps(release: Release, names: TenantNames, verifier: string): Step[] {
  // The role may use the few functions of the control plane that are for tenants; it may not become the group.
  // This comes last, because concurrent creations wait for each other from here to the commit.
  const join = withNames('GRANT scp_tenant TO {{role}} WITH INHERIT TRUE, SET FALSE', names);
  return [
    { name: 'schema and role', sql: createSchemaAndRole(names, verifier) },
    ...migrationSteps(release.migrations, names),
    ...functionSteps(release, names),
    { name: 'rights', sql: `SET LOCAL ROLE NONE;\n${join}` },
  ];
}

/** All steps in one string, for one trip to the server. */
export function inOneTrip(steps: Step[]): string {
  return steps.map((step) => step.sql).join('\n;\n');
}
