import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrateFleet } from '../../tenants/migrate.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { loadRelease } from '../../tenants/release.ts';
import { verifyFleet } from '../../tenants/verify.ts';
import { freshDatabase, newSlug, type TestDatabase, tracesOf } from './database.ts';
import type { FaultPlan } from './fault-child.ts';
import { type ReleaseFixture, writeRelease } from './fixture.ts';

const CHILD = fileURLToPath(new URL('fault-child.ts', import.meta.url));
const MOMENTS = ['before', 'during', 'after'] as const;

let database: TestDatabase;
let fixture: ReleaseFixture;

beforeAll(async () => {
  database = await freshDatabase();
  fixture = writeRelease();
});
afterAll(async () => {
  fixture.remove();
  await database.drop();
});

/** Runs the child to its end. True when it was killed, false when it finished first. */
async function runAndKill(plan: Pick<FaultPlan, 'work' | 'statement' | 'moment'>): Promise<boolean> {
  const { url, masterSecret, admin } = database;
  const argument: FaultPlan = { url, masterSecret, directory: fixture.directory, ...plan };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(argument)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = await once(child, 'exit');
  if (signal !== 'SIGKILL') expect(code).toBe(0);
  // What the server is still busy with ends by itself; a rerun would wait for it.
  for (let busy = 1; busy > 0; await sleep(5)) {
    const { rows } = await admin.query<{ busy: number }>(
      `SELECT count(*)::integer AS busy
         FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    busy = rows[0]?.busy ?? 0;
  }
  return signal === 'SIGKILL';
}

describe('kill -9', () => {
  test.each(MOMENTS)('of provisioning %s any statement leaves nothing or the whole tenant', async (moment) => {
    const release = loadRelease(fixture);
    let kills = 0;
    for (let statement = 1; ; statement++) {
      const slug = newSlug('kill');
      if (!(await runAndKill({ work: { kind: 'provision', slug }, statement, moment }))) break;
      kills += 1;
      const traces = await tracesOf(database.admin, slug);
      expect([
        { tenants: 0, schemas: 0, roles: 0 },
        { tenants: 1, schemas: 1, roles: 1 },
      ]).toContainEqual(traces);
      if (traces?.tenants === 1) continue;
      const { masterSecret } = database;
      await provisionTenant(database.admin, { slug, name: 'A', ownerEmail: 'o@acme.test', masterSecret, release });
    }
    expect(kills).toBeGreaterThan(6);
    expect((await verifyFleet(database.admin)).drifted).toEqual([]);
  });

  test('of a fleet migration anywhere is made good by running it again', async () => {
    const { admin, connect, masterSecret } = database;
    const older = loadRelease({ ...fixture, upTo: 2 });
    for (let count = 0; count < 6; count++) {
      const slug = newSlug('fleet');
      await provisionTenant(admin, { slug, name: 'A', ownerEmail: 'o@acme.test', masterSecret, release: older });
    }
    const atOlder = async () =>
      (await admin.query('SELECT FROM platform.tenants WHERE schema_version = 2')).rowCount ?? 0;

    let kills = 0;
    for (
      let statement = 2;
      await runAndKill({ work: { kind: 'migrate' }, statement, moment: 'during' });
      statement += 5
    ) {
      kills += 1;
      expect((await verifyFleet(admin)).drifted).toEqual([]);
    }
    expect(kills).toBeGreaterThan(2);
    expect(await atOlder()).toBe(0);
    expect(await migrateFleet({ connect, release: loadRelease(fixture) })).toMatchObject({ migrated: [], failed: [] });
    expect((await verifyFleet(admin)).drifted).toEqual([]);
  });
});
