import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../../scripts/local/postgres.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { installControlPlane, withoutCredentials } from '../../tenants/control-plane.ts';
import { dropTenant } from '../../tenants/drop.ts';
import { migrateFleet } from '../../tenants/migrate.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { resumeTenant, suspendTenant } from '../../tenants/status.ts';
import { verifyFleet } from '../../tenants/verify.ts';
import { freshDatabase, type TestDatabase } from './database.ts';

describe('installing the control plane', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  test('again changes nothing', async () => {
    const { admin, url, masterSecret } = database;
    const state = async () => (await admin.query('SELECT * FROM platform.schema_migrations')).rows;
    const before = await state();
    expect(await installControlPlane(admin, { databaseUrl: url, masterSecret })).toEqual([]);
    expect(await state()).toEqual(before);
  });

  test('takes the rights of PUBLIC away and stores no credentials', async () => {
    const { admin, url } = database;
    const { rows } = await admin.query(
      `SELECT has_database_privilege('public', current_database(), 'CONNECT') AS connects,
              has_database_privilege('public', current_database(), 'TEMPORARY') AS temporary,
              has_schema_privilege('public', 'public', 'USAGE') AS uses,
              (SELECT c.url FROM platform.clusters AS c) AS url`,
    );
    expect(rows).toEqual([{ connects: false, temporary: false, uses: false, url: withoutCredentials(url) }]);
    const insert = `INSERT INTO platform.clusters (name, url) VALUES ('leaky', 'postgres://user:word@host/db')`;
    await expect(admin.query(insert)).rejects.toMatchObject({ constraint: 'clusters_url_without_credentials' });
  });

  test('follows the server to another address', async () => {
    const { admin, url, masterSecret } = database;
    await installControlPlane(admin, {
      databaseUrl: 'postgres://a:b@elsewhere.test:6543/scp?sslmode=require',
      masterSecret,
    });
    const { rows } = await admin.query('SELECT url FROM platform.clusters');
    expect(rows).toEqual([{ url: 'postgres://elsewhere.test:6543/scp?sslmode=require' }]);
    await installControlPlane(admin, { databaseUrl: url, masterSecret });
  });

  test('refuses another master secret and a changed migration', async () => {
    const { admin, url, masterSecret } = database;
    const other = { databaseUrl: url, masterSecret: '00'.repeat(32) };
    await expect(installControlPlane(admin, other)).rejects.toThrow('MASTER_SECRET is not the one');
    await admin.query(`UPDATE platform.schema_migrations SET sha256 = 'x' WHERE version = 1`);
    const same = { databaseUrl: url, masterSecret };
    await expect(installControlPlane(admin, same)).rejects.toThrow('was changed after it had been applied');
  });

  test('in many databases of one server at once succeeds in all', async () => {
    const databases = await Promise.all(Array.from({ length: 4 }, freshDatabase));
    await Promise.all(databases.map((each) => each.drop()));
  });
});

describe('an administrator who is no superuser', () => {
  const masterSecret = inject('masterSecret');
  const folder = mkdtempSync(join(tmpdir(), 'scp-control-plane-'));
  let server: PostgresServer;
  let superuser: pg.Client;

  beforeAll(async () => {
    server = await startPostgres({ dataDir: folder, settings: { fsync: 'off' } });
    superuser = await connectAdmin(server.url);
  });
  afterAll(async () => {
    await superuser.end();
    await server.stop('fast');
    rmSync(folder, { recursive: true, force: true });
  });

  /** A database and a role that may create roles, and either owns the database or may only create schemas in it. */
  async function databaseOf(name: string, isOwner: boolean): Promise<string> {
    await superuser.query(`CREATE ROLE ${name} LOGIN CREATEROLE PASSWORD 'word'`);
    await superuser.query(`CREATE DATABASE ${name} ${isOwner ? `OWNER ${name}` : ''}`);
    await superuser.query(`GRANT CREATE ON DATABASE ${name} TO ${name}`);
    const url = new URL(server.url);
    url.username = name;
    url.password = 'word';
    url.pathname = `/${name}`;
    return url.href;
  }

  test('who owns the database can do all of it', async () => {
    const databaseUrl = await databaseOf('project_owner', true);
    const connect = () => connectAdmin(databaseUrl);
    const admin = await connect();
    expect(await installControlPlane(admin, { databaseUrl, masterSecret })).toEqual([]);
    expect(await installControlPlane(admin, { databaseUrl, masterSecret })).toEqual([]);
    const options = { slug: 'acme', name: 'Acme', ownerEmail: 'owner@acme.test', masterSecret };
    await provisionTenant(admin, options);
    await suspendTenant(admin, 'acme');
    await resumeTenant(admin, 'acme');
    await admin.query('UPDATE platform.tenants SET functions_hash = NULL');
    expect(await migrateFleet({ connect })).toMatchObject({ migrated: ['acme'], failed: [] });
    expect(await verifyFleet(admin)).toEqual({ verified: 1, drifted: [] });
    await dropTenant(admin, 'acme');
    await admin.end();
    await superuser.query('DROP DATABASE project_owner');
    await superuser.query('DROP ROLE scp_owner, scp_tenant, scp_gateway');
  });

  test('who may only create schemas can do it too, and is told what PUBLIC keeps', async () => {
    const databaseUrl = await databaseOf('schema_creator', false);
    const admin = await connectAdmin(databaseUrl);
    const warnings = await installControlPlane(admin, { databaseUrl, masterSecret });
    expect(warnings).toEqual([expect.stringContaining('PUBLIC keeps TEMPORARY on database schema_creator')]);
    await provisionTenant(admin, { slug: 'beta', name: 'Beta', ownerEmail: 'owner@acme.test', masterSecret });
    await dropTenant(admin, 'beta');
    await admin.end();
  });
});
