import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret } from '../../tenants/credentials.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { loadRelease, type Release } from '../../tenants/release.ts';
import { SCHEMA_VERSION } from '../../tenants/version.ts';
import { freshDatabase, newSlug, type TestDatabase, tracesOf } from './database.ts';
import { type ReleaseFixture, writeRelease } from './fixture.ts';

let database: TestDatabase;
let fixture: ReleaseFixture;
let release: Release;
const owner = { name: 'Acme', ownerEmail: 'owner@acme.test' };

beforeAll(async () => {
  database = await freshDatabase();
  fixture = writeRelease();
  release = loadRelease(fixture);
});
afterAll(async () => {
  fixture.remove();
  await database.drop();
});

describe('the release of this code', () => {
  test('ends at the version that the worker expects', () => {
    expect(loadRelease().version).toBe(SCHEMA_VERSION);
  });

  test('makes a tenant whose owner is invited and whose API key is kept as a hash', async () => {
    const { admin, masterSecret } = database;
    const slug = newSlug();
    const result = await provisionTenant(admin, { ...owner, slug, masterSecret, withApiKey: true, currency: 'EUR' });
    expect(result.tenant).toMatchObject({ slug, name: 'Acme', status: 'active', schema_version: SCHEMA_VERSION });
    const { schema } = result.tenant;
    const invitations = await admin.query(`SELECT token_hash FROM ${schema}.invitations`);
    expect(invitations.rows).toEqual([{ token_hash: hashSecret(result.invitationToken) }]);
    const keys = await admin.query(`SELECT prefix, key_hash FROM ${schema}.api_keys`);
    expect(keys.rows).toEqual([{ prefix: result.apiKey?.slice(0, 12), key_hash: hashSecret(result.apiKey ?? '') }]);
    expect((await admin.query(`SELECT currency FROM ${schema}.tenant`)).rows).toEqual([{ currency: 'EUR' }]);
  });
});

describe('provisioning', () => {
  test.each([
    `Robert'); DROP SCHEMA platform CASCADE; --`,
    '$$ $1 {{schema}} {{role}} $& $`',
    '<script>alert(1)</script>',
    '"; \\ \' %s %I \r\n\t',
    'ＡＣＭＥ 🏢 عربي',
  ])('keeps the hostile name %j a name', async (name) => {
    const { admin, masterSecret } = database;
    const slug = newSlug();
    const { tenant } = await provisionTenant(admin, { ...owner, name, slug, masterSecret, release });
    expect(tenant.name).toBe(name);
    expect((await admin.query(`SELECT body FROM ${tenant.schema}.notes`)).rows).toEqual([{ body: name }]);
  });

  test.each([
    [{ slug: 'www' }, 'reserved'],
    [{ slug: 'No' }, 'slug'],
    [{ name: '   ' }, 'name'],
    [{ name: 'a\0b' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ ownerEmail: 'nobody' }, 'e-mail'],
    [{ currency: 'usd' }, 'currency'],
    [{ timeZone: 'Mars/Olympus' }, 'time zone'],
    [{ locale: '!!' }, 'locale'],
  ])('refuses %j without touching the database', async (change, message) => {
    const { admin, masterSecret } = database;
    const creation = provisionTenant(admin, { ...owner, slug: newSlug(), masterSecret, release, ...change });
    await expect(creation).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining(message) });
  });

  test('of a slug that is taken is a conflict and changes nothing', async () => {
    const { admin, masterSecret } = database;
    const slug = newSlug();
    const { tenant } = await provisionTenant(admin, { ...owner, slug, masterSecret, release });
    const again = provisionTenant(admin, { ...owner, name: 'Another', slug, masterSecret, release });
    await expect(again).rejects.toMatchObject({ kind: 'conflict' });
    expect((await admin.query('SELECT id, name FROM platform.tenants WHERE slug = $1', [slug])).rows).toEqual([
      { id: tenant.id, name: 'Acme' },
    ]);
  });

  test('of one slug from many places at once succeeds once', async () => {
    const { connect, masterSecret } = database;
    const slug = newSlug();
    const clients = await Promise.all(Array.from({ length: 6 }, connect));
    const outcomes = await Promise.allSettled(
      clients.map((client) => provisionTenant(client, { ...owner, slug, masterSecret, release })),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ kind: 'conflict' });
    }
    expect(await tracesOf(database.admin, slug)).toEqual({ tenants: 1, schemas: 1, roles: 1 });
  });

  test('of different slugs at once succeeds for all', async () => {
    const { connect, masterSecret } = database;
    const clients = await Promise.all(Array.from({ length: 6 }, connect));
    const made = await Promise.all(
      clients.map((client) => provisionTenant(client, { ...owner, slug: newSlug(), masterSecret, release })),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect(new Set(made.map((each) => each.tenant.id)).size).toBe(6);
  });

  test('over a role that something else left behind is a conflict and leaves nothing', async () => {
    const { admin, masterSecret } = database;
    const slug = newSlug();
    const role = `tenant_${slug.replace('-', '_')}`;
    await admin.query(`CREATE ROLE ${role}`);
    const creation = provisionTenant(admin, { ...owner, slug, masterSecret, release });
    await expect(creation).rejects.toMatchObject({ kind: 'conflict' });
    expect(await tracesOf(admin, slug)).toEqual({ tenants: 0, schemas: 0, roles: 1 });
    await admin.query(`DROP ROLE ${role}`);
  });

  test('stops at the number of tenants a cluster may have', async () => {
    const { admin, masterSecret } = database;
    await admin.query('UPDATE platform.clusters SET tenant_limit = 1');
    const slug = newSlug();
    await expect(provisionTenant(admin, { ...owner, slug, masterSecret, release })).rejects.toThrow(
      'number of tenants',
    );
    await admin.query('UPDATE platform.clusters SET tenant_limit = 5000');
    expect(await tracesOf(admin, slug)).toEqual({ tenants: 0, schemas: 0, roles: 0 });
  });

  test('refuses a slug whose schema name is a word of the schema itself', async () => {
    const { admin, masterSecret } = database;
    const slug = newSlug('word');
    const named = writeRelease();
    named.write('functions/20-word.sql', `CREATE OR REPLACE VIEW tenant_${slug.replace('-', '_')} AS SELECT 1 AS one;`);
    const creation = provisionTenant(admin, { ...owner, slug, masterSecret, release: loadRelease(named) });
    named.remove();
    await expect(creation).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('a release', () => {
  test.each(['migrations/0004-commits.sql', 'functions/20-commits.sql'] as const)(
    'whose %s ends the transaction is refused before it is used',
    (path) => {
      const committing = writeRelease();
      committing.write(path, 'CREATE TABLE a (b integer);\nCOMMIT;\nBEGIN;');
      expect(() => loadRelease(committing)).toThrow('commits.sql begins or ends a transaction');
      committing.remove();
    },
  );

  test('with a gap in its numbers is refused', () => {
    const gap = writeRelease();
    gap.write('migrations/0005-gap.sql', 'SELECT 1;');
    expect(() => loadRelease(gap)).toThrow('migration 4 is missing');
    gap.remove();
  });
});
