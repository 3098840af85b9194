import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrateFleet } from '../../tenants/migrate.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import { loadRelease } from '../../tenants/release.ts';
import { verifyFleet } from '../../tenants/verify.ts';
import { freshDatabase, newSlug, type TestDatabase } from './database.ts';
import { type ReleaseFixture, writeRelease } from './fixture.ts';

let database: TestDatabase;
let fixture: ReleaseFixture;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  fixture = writeRelease();
});
afterEach(async () => {
  fixture.remove();
  const { rows } = await database.admin.query('SELECT schema_name FROM platform.tenants');
  for (const { schema_name } of rows) {
    await database.admin.query(
      `DROP SCHEMA ${schema_name} CASCADE; DROP OWNED BY ${schema_name}; DROP ROLE ${schema_name}`,
    );
  }
  await database.admin.query('DELETE FROM platform.tenants; DELETE FROM platform.releases');
});

/** Tenants at version 2 of the fixture, whose last version is 3. */
async function tenantsAtOlder(count: number): Promise<TenantRecord[]> {
  const { admin, masterSecret } = database;
  const release = loadRelease({ ...fixture, upTo: 2 });
  const made: TenantRecord[] = [];
  while (made.length < count) {
    const slug = newSlug('fleet');
    made.push(
      (await provisionTenant(admin, { slug, name: 'A', ownerEmail: 'o@acme.test', masterSecret, release })).tenant,
    );
  }
  return made;
}

function migrate(options: { slug?: string; parallel?: number; upTo?: number } = {}) {
  const { upTo, ...rest } = options;
  return migrateFleet({ connect: database.connect, release: loadRelease({ ...fixture, upTo }), ...rest });
}

/** Statements that a piece of work sends. */
async function countStatements(work: (connect: TestDatabase['connect']) => Promise<unknown>): Promise<number> {
  let count = 0;
  await work(async () => {
    const client = await database.connect();
    const query: (...args: unknown[]) => unknown = client.query.bind(client);
    const counting = (...args: unknown[]) => {
      count += 1;
      return query(...args);
    };
    Object.defineProperty(client, 'query', { value: counting });
    return client;
  });
  return count;
}

describe('a fleet migration', () => {
  test('brings every tenant to the release, in parallel, and reports each', async () => {
    const tenants = await tenantsAtOlder(5);
    const seen: string[] = [];
    const result = await migrateFleet({
      connect: database.connect,
      release: loadRelease(fixture),
      parallel: 3,
      onProgress: ({ slug, total }) => seen.push(`${slug} of ${total}`),
    });
    const slugs = tenants.map((tenant) => tenant.slug).sort();
    expect({ ...result, migrated: result.migrated.sort() }).toEqual({ version: 3, migrated: slugs, failed: [] });
    expect(seen.sort()).toEqual(slugs.map((slug) => `${slug} of 5`));
    const prints = await database.admin.query('SELECT DISTINCT schema_version, fingerprint FROM platform.tenants');
    expect(prints.rows).toHaveLength(1);
  });

  test('with nothing to do is one query', async () => {
    await tenantsAtOlder(2);
    await migrate();
    const release = loadRelease(fixture);
    expect(await countStatements((connect) => migrateFleet({ connect, release }))).toBe(1);
  });

  test('of one tenant leaves the others', async () => {
    const [first, second] = await tenantsAtOlder(2);
    expect((await migrate({ slug: first?.slug })).migrated).toEqual([first?.slug]);
    expect((await migrate({ slug: first?.slug })).migrated).toEqual([]);
    await expect(migrate({ slug: 'nobody' })).rejects.toMatchObject({ kind: 'not_found' });
    expect((await migrate()).migrated).toEqual([second?.slug]);
  });

  test('applies changed functions and takes back rights that they no longer give', async () => {
    const [tenant] = await tenantsAtOlder(1);
    await migrate();
    fixture.write(
      'functions/zz-grants.sql',
      'GRANT USAGE ON SCHEMA {{schema}} TO {{role}}; GRANT SELECT ON notes TO {{role}};',
    );
    expect((await migrate()).migrated).toEqual([tenant?.slug]);
    const { rows } = await database.admin.query(
      `SELECT has_table_privilege($1, $2, 'SELECT') AS reads, has_table_privilege($1, $2, 'INSERT') AS writes`,
      [tenant?.role, `${tenant?.schema}.notes`],
    );
    expect(rows).toEqual([{ reads: true, writes: false }]);
  });

  test('reports a step that was recorded but not done, and keeps that tenant as it was', async () => {
    const [skipped, sound] = await tenantsAtOlder(2);
    const last = loadRelease(fixture).migrations[2];
    await database.admin.query(
      `INSERT INTO ${skipped?.schema}.schema_migrations (version, name, sha256) VALUES (3, $1, $2)`,
      [last?.name, last?.sha256],
    );
    const result = await migrate();
    expect(result.migrated).toEqual([sound?.slug]);
    expect(result.failed).toEqual([
      { slug: skipped?.slug, reason: expect.stringContaining('missing: index CREATE INDEX notes_author_id_idx') },
    ]);
    const { rows } = await database.admin.query('SELECT schema_version FROM platform.tenants WHERE slug = $1', [
      skipped?.slug,
    ]);
    expect(rows).toEqual([{ schema_version: 2 }]);
    expect((await migrate()).failed).toHaveLength(1);
  });

  test('refuses a migration that was changed after it was applied', async () => {
    await tenantsAtOlder(1);
    fixture.write(
      'migrations/0002-authors.sql',
      'CREATE TABLE authors (id uuid); ALTER TABLE notes ADD COLUMN author_id uuid;',
    );
    const { failed } = await migrate();
    expect(failed[0]?.reason).toContain('0002-authors.sql was changed after it was applied');
  });

  test('of a release that cannot be built names the file and touches no tenant', async () => {
    await tenantsAtOlder(1);
    fixture.write('migrations/0004-wrong.sql', 'ALTER TABLE nothing ADD COLUMN a integer;');
    await expect(migrate()).rejects.toThrow('0004-wrong.sql: relation "nothing" does not exist');
    expect((await migrate({ upTo: 3 })).failed).toEqual([]);
  });

  test('refuses a gap in what was applied, and a schema newer than the code', async () => {
    const [gap, newer] = await tenantsAtOlder(2);
    await migrate({ slug: newer?.slug });
    await database.admin.query(`DELETE FROM ${gap?.schema}.schema_migrations WHERE version = 1`);
    expect((await migrate({ slug: gap?.slug })).failed[0]?.reason).toContain('Migration 1 was skipped');
    expect((await migrate({ slug: newer?.slug, upTo: 2 })).failed[0]?.reason).toContain('newer than this code');
  });

  test('that fails changes nothing of the tenant and does not stop the others', async () => {
    const [full, empty] = await tenantsAtOlder(2);
    await database.admin.query(`DELETE FROM ${empty?.schema}.notes`);
    fixture.write('migrations/0004-rank.sql', 'ALTER TABLE notes ADD COLUMN rank integer NOT NULL;');
    const result = await migrate({ parallel: 1 });
    expect(result.migrated).toEqual([empty?.slug]);
    expect(result.failed).toEqual([{ slug: full?.slug, reason: expect.stringContaining('rank') }]);
    expect((await verifyFleet(database.admin)).drifted).toEqual([]);
  });

  test('waits for a busy table and tries again', async () => {
    const [tenant] = await tenantsAtOlder(1);
    const other = await database.connect();
    await other.query('BEGIN');
    await other.query(`LOCK TABLE ${tenant?.schema}.notes IN ROW EXCLUSIVE MODE`);
    const migration = migrate();
    setTimeout(() => other.query('COMMIT'), 5500);
    expect((await migration).migrated).toEqual([tenant?.slug]);
    await other.end();
  });

  test('twice at the same time does everything once', async () => {
    await tenantsAtOlder(4);
    const results = await Promise.all([migrate({ parallel: 2 }), migrate({ parallel: 2 })]);
    expect(results.flatMap((result) => result.failed)).toEqual([]);
    const counts = await database.admin.query('SELECT DISTINCT schema_version FROM platform.tenants');
    expect(counts.rows).toEqual([{ schema_version: 3 }]);
  });
});
