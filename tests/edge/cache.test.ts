import { afterAll, beforeAll, expect, test } from 'vitest';
import { Front } from '../../server/front.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { resolveHost } from '../../tenants/resolve.ts';
import { resumeTenant, suspendTenant } from '../../tenants/status.ts';
import { freshDatabase, newSlug, type TestDatabase } from '../tenants/database.ts';

const slug = newSlug('cache');
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  const { admin, masterSecret } = database;
  await provisionTenant(admin, { slug, name: 'Acme', ownerEmail: 'owner@acme.test', masterSecret });
});
afterAll(() => database.drop());

/** A front on the real catalog, with a clock to be moved by hand, and a catalog that can be made to fail. */
function frontWithClock() {
  const clock = { now: Date.now(), lookups: 0, failing: null as (() => Promise<never>) | null };
  const front = new Front(
    {
      directory: () => ({
        resolve: (host) => {
          clock.lookups += 1;
          if (clock.failing) return clock.failing();
          return resolveHost(
            async (text, values) => (await database.admin.query(text, [...values])).rows,
            'localhost',
            host,
          );
        },
        ping: async () => {},
      }),
      home: (record) => ({ fetch: async () => Response.json({ slug: record.slug }) }),
      assets: { fetch: async () => new Response(null, { status: 404 }) },
    },
    () => clock.now,
  );
  const statusAt = async (host: string) => (await front.fetch(new Request(`http://${host}/api/accounts`))).status;
  return { clock, statusAt };
}

test('a suspension holds within 30 s, and so does its end', async () => {
  const { clock, statusAt } = frontWithClock();
  const host = `${slug}.localhost`;
  expect(await statusAt(host)).toBe(200);
  await suspendTenant(database.admin, slug);
  clock.now += 29_999;
  expect(await statusAt(host)).toBe(200);
  clock.now += 1;
  expect(await statusAt(host)).toBe(403);
  await resumeTenant(database.admin, slug);
  clock.now += 30_000;
  expect(await statusAt(host)).toBe(200);
});

test('hosts are looked up once in 30 s, the unknown like the known', async () => {
  const { clock, statusAt } = frontWithClock();
  for (let count = 0; count < 20; count += 1) {
    expect(await statusAt(`${slug}.localhost`)).toBe(200);
    expect(await statusAt('nobody-here.localhost')).toBe(404);
  }
  expect(clock.lookups).toBe(2);
});

test('a host that is longer than any name is not looked up', async () => {
  const { clock, statusAt } = frontWithClock();
  expect(await statusAt(`${'long-name.'.repeat(200)}test`)).toBe(404);
  expect(clock.lookups).toBe(0);
});

const isAway = () => Promise.reject(new Error('away'));
const saysNothing = () => new Promise<never>(() => {});

test('a tenant known to the front is served through an outage of the catalog, for minutes and not for ever', async () => {
  const { clock, statusAt } = frontWithClock();
  const host = `${slug}.localhost`;
  const start = clock.now;
  expect(await statusAt(host)).toBe(200);
  clock.failing = isAway;
  expect(await statusAt('nobody-here.localhost'), 'who is not known is asked for').toBe(503);
  clock.now = start + 31_000;
  expect(await statusAt(host)).toBe(200);
  const { lookups } = clock;
  expect([await statusAt(host), clock.lookups], 'the catalog is given a pause').toEqual([200, lookups]);
  clock.now = start + 29_000 + 5 * 60_000;
  expect(await statusAt(host)).toBe(200);
  clock.now = start + 30_000 + 5 * 60_000;
  expect(await statusAt(host)).toBe(503);
});

test('a catalog that says nothing holds up a known tenant for a second, and the suspension it tells after is seen', async () => {
  const { clock, statusAt } = frontWithClock();
  const host = `${slug}.localhost`;
  expect(await statusAt(host)).toBe(200);
  clock.failing = saysNothing;
  clock.now += 31_000;
  const start = performance.now();
  expect(await statusAt(host)).toBe(200);
  expect(performance.now() - start).toBeLessThan(5_000);
  clock.failing = null;
  await suspendTenant(database.admin, slug);
  clock.now += 5_000;
  expect(await statusAt(host)).toBe(403);
  await resumeTenant(database.admin, slug);
});
