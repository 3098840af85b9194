import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { derivePassword } from '../../tenants/credentials.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import { freshDatabase, newSlug, type TestDatabase } from './database.ts';

let database: TestDatabase;
let own: TenantRecord;
let other: TenantRecord;
let client: pg.Client;
let gateway: pg.Client;

beforeAll(async () => {
  database = await freshDatabase();
  const { admin, masterSecret } = database;
  const create = async () =>
    (await provisionTenant(admin, { slug: newSlug('iso'), name: 'A', ownerEmail: 'o@acme.test', masterSecret })).tenant;
  own = await create();
  other = await create();
  client = await database.connectAs(own);
  const url = new URL(database.url);
  url.username = 'scp_gateway';
  url.password = derivePassword(masterSecret, 'gateway', 1);
  gateway = new pg.Client({ connectionString: url.href });
  await gateway.connect();
});
afterAll(async () => {
  await client.end();
  await gateway.end();
  await database.drop();
});

/** A statement with the other tenant's and the own names filled in. */
function about(statement: string): string {
  return statement.replaceAll('OTHER', other.schema).replaceAll('OWN', own.schema);
}

describe("as a tenant's own role", () => {
  test('its own tables are there without naming the schema, under its limits', async () => {
    expect((await client.query('SELECT slug FROM tenant')).rows).toEqual([{ slug: own.slug }]);
    const { rows } = await client.query(
      `SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS statement,
              current_setting('transaction_timeout') AS transaction, current_setting('lock_timeout') AS lock,
              current_setting('idle_in_transaction_session_timeout') AS idle`,
    );
    expect(rows).toEqual([{ path: own.schema, statement: '15s', transaction: '30s', lock: '5s', idle: '10s' }]);
  });

  test.each([
    'SELECT * FROM OTHER.users',
    'INSERT INTO OTHER.jobs DEFAULT VALUES',
    'SELECT OTHER.sweep_expired()',
    'SELECT * FROM platform.tenants',
    'SELECT * FROM platform.clusters',
    'SELECT * FROM platform.wakes',
    'SELECT * FROM platform.installation',
    'SELECT platform.schema_fingerprint(current_user, current_user)',
    'SELECT platform.current_tenant_id()',
    'CREATE TABLE public.stray (a integer)',
    'CREATE TABLE OWN.stray (a integer)',
    'CREATE TEMPORARY TABLE stray (a integer)',
    'CREATE SCHEMA stray',
    'CREATE ROLE stray',
    'SET ROLE scp_owner',
    'SET ROLE scp_tenant',
    'SET ROLE scp_gateway',
    'SET ROLE OTHER',
    'SET SESSION AUTHORIZATION OTHER',
    'SELECT * FROM pg_authid',
    `SELECT pg_read_file('postgresql.conf')`,
    `COPY (SELECT 1) TO PROGRAM 'true'`,
    'ALTER ROLE OTHER NOLOGIN',
    'ALTER ROLE OWN CONNECTION LIMIT -1',
    'GRANT OWN TO scp_gateway',
    'INSERT INTO transaction_lines DEFAULT VALUES',
    `UPDATE transaction_lines SET amount = 1`,
    'DELETE FROM transactions',
    'TRUNCATE audit_events',
    'DROP TABLE users',
    'DROP SCHEMA OWN CASCADE',
    'UPDATE schema_migrations SET version = 9',
  ])('%s is refused', async (statement) => {
    // 42501 insufficient privilege, which is also what "must be owner" and "must be member" are.
    await expect(client.query(about(statement))).rejects.toMatchObject({ code: '42501' });
  });

  test('a search path aimed at another tenant finds nothing', async () => {
    await client.query('BEGIN');
    await client.query(about('SET LOCAL search_path = OTHER'));
    await expect(client.query('SELECT * FROM users')).rejects.toMatchObject({ code: '42P01' });
    await client.query('ROLLBACK');
  });

  // A pooler makes its clients wait instead.
  if (inject('poolerPort') === undefined) {
    test('more than twelve connections are refused', async () => {
      const more = await Promise.allSettled(Array.from({ length: 14 }, () => database.connectAs(own)));
      const refused = more.filter((each) => each.status === 'rejected');
      expect(refused.length).toBeGreaterThanOrEqual(3);
      for (const each of refused) expect(each.reason).toMatchObject({ code: '53300' });
      await Promise.all(more.map((each) => each.status === 'fulfilled' && each.value.end()));
    });
  }
});

describe('as the gateway', () => {
  test('the catalog can be read', async () => {
    for (const table of ['tenants', 'domains', 'clusters', 'wakes']) {
      await gateway.query(`SELECT * FROM platform.${table}`);
    }
  });

  test.each([
    'SELECT * FROM platform.installation',
    'SELECT * FROM platform.releases',
    'SELECT * FROM OTHER.users',
    'SELECT platform.wake(now())',
    'SET ROLE OTHER',
  ])('%s is refused', async (statement) => {
    await expect(gateway.query(about(statement))).rejects.toMatchObject({ code: '42501' });
  });

  test('nothing can be written, even where the session asks for it', async () => {
    await gateway.query('SET default_transaction_read_only = off');
    const statement = `UPDATE platform.tenants SET status = 'suspended'`;
    await expect(gateway.query(statement)).rejects.toMatchObject({ code: '42501' });
  });
});
