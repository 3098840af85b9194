import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TenantError } from './error.ts';

/** One SQL file with the placeholders `{{schema}}` and `{{role}}` still in it. */
export type SqlFile = { name: string; sha256: string; sql: string };

/** A numbered, forward-only file of tenants/migrations. */
export type Migration = SqlFile & { version: number };

/** What a tenant's schema is made of: at `version`, with the repeatable functions of `functionsHash`. */
export type Release = { version: number; functionsHash: string; migrations: Migration[]; functions: SqlFile[] };

/** Limits of a tenant's role, set on the role itself since nothing is ever SET on a session. */
export const ROLE_SETTINGS = `ALTER ROLE {{role}} CONNECTION LIMIT 12;
ALTER ROLE {{role}} SET search_path = {{schema}};
ALTER ROLE {{role}} SET statement_timeout = '15s';
ALTER ROLE {{role}} SET transaction_timeout = '30s';
ALTER ROLE {{role}} SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE {{role}} SET lock_timeout = '5s'`;

const MIGRATION_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;
// One line that ends or begins a transaction would take a tenant's creation apart.
const TRANSACTION_CONTROL = /^\s*(?:BEGIN|COMMIT|ROLLBACK|START\s+TRANSACTION)\s*(?:WORK|TRANSACTION)?\s*;/im;

/**
 * Reads tenants/migrations and tenants/functions.
 * @param options.directory another folder that holds `migrations` and `functions`
 * @param options.upTo leaves out the migrations after this number (an earlier release, for tests of N−1)
 */
export function loadRelease(options: { directory?: string; upTo?: number } = {}): Release {
  const directory = options.directory ?? fileURLToPath(new URL('.', import.meta.url));
  const migrations = readSqlFiles(join(directory, 'migrations'))
    .map((file) => ({ ...file, version: migrationVersion(file.name) }))
    .filter((file) => file.version <= (options.upTo ?? Number.POSITIVE_INFINITY));
  migrations.forEach((file, index) => {
    if (file.version !== index + 1) throw new TenantError('failed', `${file.name}: migration ${index + 1} is missing.`);
  });
  const functions = readSqlFiles(join(directory, 'functions'));
  for (const { name, sql } of [...migrations, ...functions]) {
    if (TRANSACTION_CONTROL.test(withoutBodies(sql))) {
      throw new TenantError('failed', `${name} begins or ends a transaction.`);
    }
  }
  const sources = [ROLE_SETTINGS, ...functions.map((file) => `${file.name}:${file.sha256}`)];
  return { version: migrations.length, functionsHash: sha256(sources.join('\n')), migrations, functions };
}

/** Whether the release's SQL has this word: a tenant of that name could not be told from it in a fingerprint. */
export function mentions(release: Release, name: string): boolean {
  const word = new RegExp(`\\b${name}\\b`);
  return [...release.migrations, ...release.functions].some((file) => word.test(file.sql));
}

function readSqlFiles(directory: string): SqlFile[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(directory, name), 'utf8');
      return { name, sha256: sha256(sql), sql };
    });
}

function migrationVersion(name: string): number {
  const match = MIGRATION_NAME.exec(name);
  if (!match) throw new TenantError('failed', `${name} is not named like 0001-what-it-does.sql.`);
  return Number(match[1]);
}

/** The statements without what stands between dollar quotes, where BEGIN is plpgsql's. */
function withoutBodies(sql: string): string {
  return sql.replace(/\$([a-z_]*)\$[\s\S]*?\$\1\$/gi, '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
