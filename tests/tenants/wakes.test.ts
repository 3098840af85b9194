import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { provisionTenant } from '../../tenants/provision.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import { freshDatabase, newSlug, type TestDatabase } from './database.ts';

let database: TestDatabase;
let tenant: TenantRecord;
let one: pg.Client;
let two: pg.Client;

beforeAll(async () => {
  database = await freshDatabase();
  const { admin, masterSecret } = database;
  const create = async () =>
    (await provisionTenant(admin, { slug: newSlug('wake'), name: 'A', ownerEmail: 'o@acme.test', masterSecret }))
      .tenant;
  tenant = await create();
  await create();
  one = await database.connectAs(tenant);
  two = await database.connectAs(tenant);
});
afterAll(async () => {
  await one.end();
  await two.end();
  await database.drop();
});
beforeEach(async () => {
  await database.admin.query('DELETE FROM platform.wakes WHERE tenant_id = $1', [tenant.id]);
});

async function wakes(): Promise<string[]> {
  const { rows } = await database.admin.query<{ due: string }>(
    `SELECT to_char(due_at AT TIME ZONE 'UTC', 'HH24:MI') AS due FROM platform.wakes WHERE tenant_id = $1 ORDER BY due_at`,
    [tenant.id],
  );
  return rows.map((row) => row.due);
}

function wake(client: pg.Client, time: string) {
  return client.query('SELECT platform.wake($1)', [`2030-01-01T${time}Z`]);
}

describe('wakes', () => {
  test('the earliest counts, and a later one writes nothing', async () => {
    await wake(one, '09:00');
    await wake(one, '10:00');
    expect(await wakes()).toEqual(['09:00']);
    await wake(one, '08:00');
    expect((await wakes())[0]).toBe('08:00');
  });

  test('are asked for by many transactions at once without waiting for each other', async () => {
    await one.query('BEGIN');
    await wake(one, '09:00');
    await two.query('BEGIN');
    await two.query(`SET LOCAL statement_timeout = '1s'`);
    await wake(two, '09:00');
    await two.query('COMMIT');
    await one.query('ROLLBACK');
    expect(await wakes()).toEqual(['09:00']);
  });

  test('are not lost to a rest that comes between asking and committing', async () => {
    await wake(one, '09:00');
    await two.query('BEGIN');
    await wake(two, '10:00');
    expect((await one.query('SELECT platform.begin_rest() AS free')).rows).toEqual([{ free: false }]);
    await expect(one.query('SELECT platform.rest(NULL)')).rejects.toMatchObject({ code: '55000' });
    await two.query('COMMIT');
    expect(await wakes()).toEqual(['09:00']);
  });

  test('end with the next due time, or with none, when nobody asks', async () => {
    await wake(one, '09:00');
    await wake(one, '08:00');
    await one.query(`SELECT platform.rest('2030-01-01T12:00Z')`);
    expect(await wakes()).toEqual(['12:00']);
    await one.query('SELECT platform.rest(NULL)');
    expect(await wakes()).toEqual([]);
  });

  test("of one tenant are not another's", async () => {
    const before = await database.admin.query('SELECT count(*) FROM platform.wakes');
    await wake(one, '09:00');
    await one.query('SELECT platform.rest(NULL)');
    expect((await database.admin.query('SELECT count(*) FROM platform.wakes')).rows).toEqual(before.rows);
  });

  test('a new tenant is woken for the jobs of its defaults', async () => {
    const { rows } = await database.admin.query(
      'SELECT count(DISTINCT tenant_id)::integer AS woken FROM platform.wakes WHERE due_at <= now()',
    );
    expect(rows).toEqual([{ woken: 1 }]);
  });
});
