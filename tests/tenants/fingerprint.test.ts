import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { provisionTenant } from '../../tenants/provision.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import { loadRelease } from '../../tenants/release.ts';
import { resumeTenant } from '../../tenants/status.ts';
import { verifyFleet } from '../../tenants/verify.ts';
import { freshDatabase, newSlug, type TestDatabase } from './database.ts';
import { writeRelease } from './fixture.ts';

let database: TestDatabase;
let tenant: TenantRecord;

async function fingerprint(of: TenantRecord): Promise<string> {
  const { rows } = await database.admin.query('SELECT platform.schema_fingerprint($1, $2) AS print', [
    of.schema,
    of.role,
  ]);
  return rows[0].print;
}

beforeAll(async () => {
  database = await freshDatabase();
  const { admin, masterSecret } = database;
  const options = { name: 'A', ownerEmail: 'o@acme.test', masterSecret };
  // The real release, so that nothing it holds goes unseen; a slug that is part of other names, so that nothing is mixed up.
  tenant = (await provisionTenant(admin, { ...options, slug: newSlug('user') })).tenant;
});
afterAll(() => database.drop());

describe('a fingerprint', () => {
  test('is the same for tenants of all names', async () => {
    const { admin, masterSecret } = database;
    for (const stem of ['a', 'audit-events', 'x'.repeat(29)]) {
      const slug = newSlug(stem);
      const other = await provisionTenant(admin, { slug, name: stem, ownerEmail: 'o@acme.test', masterSecret });
      expect(await fingerprint(other.tenant)).toBe(await fingerprint(tenant));
    }
  });

  test.each([
    'CREATE TABLE s.stray (a integer)',
    'ALTER TABLE s.jobs ADD COLUMN stray integer',
    'ALTER TABLE s.jobs ALTER COLUMN operation DROP NOT NULL',
    `ALTER TABLE s.jobs ALTER COLUMN operation SET DEFAULT 'x'`,
    'ALTER TABLE s.jobs ADD CONSTRAINT stray CHECK (true)',
    'ALTER TABLE s.transaction_lines DISABLE TRIGGER USER',
    'ALTER TABLE s.jobs ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE s.jobs OWNER TO CURRENT_USER',
    'ALTER TABLE s.jobs SET (fillfactor = 50)',
    'CREATE INDEX stray ON s.jobs (operation)',
    'CREATE VIEW s.stray AS SELECT 1 AS one',
    'CREATE SEQUENCE s.stray',
    `CREATE TYPE s.stray AS ENUM ('a')`,
    'CREATE DOMAIN s.stray AS integer CHECK (VALUE > 0)',
    'CREATE STATISTICS s.stray ON operation, id FROM s.jobs',
    `CREATE OR REPLACE FUNCTION s.rfc3339(instant timestamptz) RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL'`,
    'GRANT INSERT ON s.transaction_lines TO r',
    'GRANT UPDATE (memo) ON s.transaction_lines TO r',
    'REVOKE SELECT ON s.jobs FROM r',
    'GRANT SELECT ON s.jobs TO PUBLIC',
    'GRANT CREATE ON SCHEMA s TO r',
    'ALTER DEFAULT PRIVILEGES FOR ROLE scp_owner IN SCHEMA s GRANT SELECT ON TABLES TO PUBLIC',
    'GRANT scp_owner TO r',
    'ALTER ROLE r BYPASSRLS',
    'ALTER ROLE r SET statement_timeout = 0',
  ])('changes with %s', async (statement) => {
    const { admin } = database;
    const before = await fingerprint(tenant);
    await admin.query('BEGIN');
    try {
      await admin.query(statement.replaceAll(/\bs\b/g, tenant.schema).replaceAll(/\br\b/g, tenant.role));
      const after = await fingerprint(tenant);
      expect(after).not.toBe(before);
    } finally {
      await admin.query('ROLLBACK');
    }
    expect(await fingerprint(tenant)).toBe(before);
  });

  test('does not change with data', async () => {
    const before = await fingerprint(tenant);
    const client = await database.connectAs(tenant);
    await client.query('SELECT count(*) FROM jobs');
    await client.end();
    await database.admin.query(`ANALYZE ${tenant.schema}.jobs`);
    expect(await fingerprint(tenant)).toBe(before);
  });

  test('shows drift in words, and a drifted tenant is not resumed', async () => {
    const { admin, masterSecret } = database;
    const fixture = writeRelease();
    const release = loadRelease(fixture);
    fixture.remove();
    const slug = newSlug('drift');
    const made = await provisionTenant(admin, { slug, name: 'A', ownerEmail: 'o@acme.test', masterSecret, release });
    expect(await verifyFleet(admin, { slug })).toEqual({ verified: 1, drifted: [] });
    await admin.query(`DROP INDEX ${made.tenant.schema}.notes_author_id_idx`);
    const { drifted } = await verifyFleet(admin);
    expect(drifted).toEqual([{ slug, reason: expect.stringMatching(/^missing: index .*notes_author_id_idx/) }]);
    await expect(resumeTenant(admin, slug)).rejects.toMatchObject({ kind: 'failed' });
    await expect(verifyFleet(admin, { slug: 'nobody' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
