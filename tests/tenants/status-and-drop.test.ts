import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropTenant } from '../../tenants/drop.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { loadRelease, type Release } from '../../tenants/release.ts';
import { requireTenant, resumeTenant, suspendTenant } from '../../tenants/status.ts';
import { freshDatabase, newSlug, type TestDatabase, tracesOf } from './database.ts';
import { writeRelease } from './fixture.ts';

let database: TestDatabase;
let release: Release;

beforeAll(async () => {
  database = await freshDatabase();
  const fixture = writeRelease();
  release = loadRelease(fixture);
  fixture.remove();
});
afterAll(() => database.drop());

async function create() {
  const { admin, masterSecret } = database;
  const options = { name: 'A', ownerEmail: 'o@acme.test', masterSecret, release };
  return (await provisionTenant(admin, { ...options, slug: newSlug('drop') })).tenant;
}

describe('suspending and resuming', () => {
  test('change the status, are idempotent, and know what is not there', async () => {
    const { admin } = database;
    const { slug } = await create();
    expect((await suspendTenant(admin, slug)).status).toBe('suspended');
    expect((await suspendTenant(admin, slug)).status).toBe('suspended');
    expect((await resumeTenant(admin, slug)).status).toBe('active');
    expect((await resumeTenant(admin, slug)).status).toBe('active');
    expect((await requireTenant(admin, slug)).status).toBe('active');
    await expect(suspendTenant(admin, 'nobody')).rejects.toMatchObject({ kind: 'not_found' });
    await expect(resumeTenant(admin, 'nobody')).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('dropping', () => {
  test('ends connections and leaves no trace, and the slug is free again', async () => {
    const { admin, masterSecret } = database;
    const tenant = await create();
    const client = await database.connectAs(tenant);
    const ended = new Promise((resolve) => client.once('end', resolve));
    await dropTenant(admin, tenant.slug);
    await ended;
    expect(await tracesOf(admin, tenant.slug)).toEqual({ tenants: 0, schemas: 0, roles: 0 });
    await expect(dropTenant(admin, tenant.slug)).rejects.toMatchObject({ kind: 'not_found' });
    const options = { name: 'A', ownerEmail: 'o@acme.test', masterSecret, release };
    const again = await provisionTenant(admin, { ...options, slug: tenant.slug });
    expect(again.tenant.id).not.toBe(tenant.id);
  });

  test('of a schema with very many tables takes several transactions', async () => {
    const { admin } = database;
    const { slug, schema } = await create();
    const tables = Array.from({ length: 12 }, (_, index) => `CREATE TABLE ${schema}.part_${index} (id integer)`);
    await admin.query(tables.join(';'));
    await dropTenant(admin, slug, 5);
    expect(await tracesOf(admin, slug)).toEqual({ tenants: 0, schemas: 0, roles: 0 });
  });

  test('that was interrupted leaves a suspended tenant that cannot log in, and is finished or undone later', async () => {
    const { admin } = database;
    const { slug, schema, role } = await create();
    // What a drop has done when it is killed after its first transaction.
    await admin.query(`UPDATE platform.tenants SET status = 'suspended' WHERE slug = $1`, [slug]);
    await admin.query(`ALTER ROLE ${role} NOLOGIN`);
    await resumeTenant(admin, slug);
    const { rows } = await admin.query('SELECT rolcanlogin FROM pg_roles WHERE rolname = $1', [role]);
    expect(rows).toEqual([{ rolcanlogin: true }]);
    // And when it is killed between tables.
    await admin.query(`DROP TABLE ${schema}.notes CASCADE`);
    await expect(resumeTenant(admin, slug)).rejects.toMatchObject({ kind: 'failed' });
    await dropTenant(admin, slug);
    expect(await tracesOf(admin, slug)).toEqual({ tenants: 0, schemas: 0, roles: 0 });
  });
});
