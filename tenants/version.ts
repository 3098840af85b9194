/** The number of the last file in tenants/migrations: what this code expects of a tenant's schema. */
export const SCHEMA_VERSION = 42;

/** Whether this code serves a schema of that version: its own, or the one before (expand, then contract). */
export function servesVersion(schemaVersion: number): boolean {
  return schemaVersion === SCHEMA_VERSION || schemaVersion === SCHEMA_VERSION - 1;
}
