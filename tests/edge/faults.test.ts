import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseEndpoint } from '../../db/endpoint.ts';
import { openPool } from '../../db/pool.ts';
import { outboundOf } from '../../server/auth/outbound.ts';
import { hashPassword, verifyPassword } from '../../server/auth/password.ts';
import { sealerOf } from '../../server/auth/sealer.ts';
import { Home } from '../../server/home.ts';
import { RateLimits } from '../../server/rate-limit.ts';
import { derivePassword } from '../../tenants/credentials.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import { createWorld, type World } from '../doors/world.ts';
import { clientOf, doorOf, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let own: TestTenant;
let other: TestTenant;
let homes: Home[] = [];

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  [own, other] = [site.tenants[0]!, site.tenants[1]!];
});
afterAll(async () => {
  await Promise.all(homes.map((home) => home.close()));
  await site?.stop();
});

const countEvents = (tenant: TestTenant, action: string) =>
  tenant.rows(
    `SELECT actor_id, outcome, details ->> 'code' AS code FROM audit_events WHERE action = $1 ORDER BY id DESC`,
    [action],
  );

/** A home of the first tenant whose pool is opened by a mistake of ours. */
function homeWith(login: (record: TenantRecord) => { user: string; id: string }): Home {
  const home = new Home(own.record, {
    openPool: (record) => {
      const { user, id } = login(record);
      const password = derivePassword(site.settings.MASTER_SECRET, id, 1);
      return openPool(parseEndpoint(record.cluster.url), { user, password });
    },
    readRecord: async () => own.record,
    passwords: { hash: hashPassword, verify: verifyPassword },
    sealer: sealerOf(site.settings.MASTER_SECRET, own.record.id),
    outbound: outboundOf(site.settings),
    limits: new RateLimits(site.settings, own.record.id),
    hasMailbox: true,
    paymentProcessor: null,
    renderPage: async () => new Response(null, { status: 404 }),
    addressOf: (slug) => `https://${slug}.example.com`,
  });
  homes = [...homes, home];
  return home;
}

/** Runs what is logged as an error of ours, and answers what was. */
async function logged(work: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(String(line)));
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return lines;
}

describe('a home that was handed the pool of another tenant', () => {
  test('refuses every caller of both, reads and writes nothing, and leaves it in the trail of the login', async () => {
    const home = homeWith(() => ({ user: other.record.role, id: other.record.id }));
    const door = doorOf(home, own.origin);
    const before = [await own.contents(), await other.contents()];
    const lines = await logged(async () => {
      for (const key of [own.apiKey, other.apiKey]) {
        const client = clientOf(door, key);
        for (const answer of [
          await client.get('/api/merchants'),
          await client.post('/api/merchant-orgs', { name: 'Stray' }),
          await client.post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/list' }),
          await client.get('/healthz'),
        ]) {
          expectProblem(answer, 503, 'unavailable');
        }
      }
    });
    expect(lines.length).toBeGreaterThan(0);
    expect(lines[0]).toContain(`the home of ${own.record.role} holds a login of ${other.record.role}`);
    expect([await own.contents(), await other.contents()]).toEqual(before);
    const [event] = await countEvents(other, 'isolation.check');
    expect(event).toEqual({ actor_id: 'isolation', outcome: 'denied', code: 'isolation' });
  });

  test('cannot even open it with a record that was mixed of two: the password is of the id', async () => {
    const home = homeWith((record) => ({ user: other.record.role, id: record.id }));
    expectProblem(await clientOf(doorOf(home, own.origin), own.apiKey).get('/api/merchants'), 503, 'unavailable');
  });
});

test.each(['OTHER', 'public', 'pg_catalog', 'nowhere'])(
  'a search path that leads to %s is refused, though the login is right, and that is on record',
  async (path) => {
    const { admin } = site.database;
    const [seen] = [(await countEvents(own, 'isolation.check')).length];
    await admin.query(`ALTER ROLE ${own.record.role} SET search_path = ${path.replace('OTHER', other.record.schema)}`);
    try {
      const home = own.anotherHome();
      const before = await own.contents();
      const lines = await logged(async () => {
        const client = clientOf(doorOf(home, own.origin), own.apiKey);
        expectProblem(await client.get('/api/merchants'), 503, 'unavailable');
        expectProblem(await client.post('/api/merchant-orgs', { name: 'Stray' }), 503, 'unavailable');
      });
      expect(lines[0]).toContain('isolation:');
      expect(await own.contents()).toEqual(before);
      expect((await countEvents(own, 'isolation.check')).length).toBeGreaterThan(seen);
    } finally {
      await admin.query(`ALTER ROLE ${own.record.role} SET search_path = ${own.record.schema}`);
    }
    expect((await clientOf(doorOf(own.anotherHome(), own.origin), own.apiKey).get('/api/merchants')).status).toBe(200);
  },
);

test('a search path that goes wrong under a warm pool is noticed at the first connection that has it', async () => {
  const { admin } = site.database;
  const home = own.anotherHome();
  const client = clientOf(doorOf(home, own.origin), own.apiKey);
  expect((await client.get('/api/merchants')).status).toBe(200);
  await admin.query(`ALTER ROLE ${own.record.role} SET search_path = ${other.record.schema}`);
  try {
    await admin.query('SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE usename = $1', [
      own.record.role,
    ]);
    const lines = await logged(async () => {
      await client.get('/api/merchants');
      expectProblem(await client.get('/api/merchants'), 503, 'unavailable');
    });
    expect(lines.join('\n')).toContain('isolation:');
  } finally {
    await admin.query(`ALTER ROLE ${own.record.role} SET search_path = ${own.record.schema}`);
  }
});

describe('credentials on the host of another tenant', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(other);
  });

  test.each(['api_key', 'session'])(
    'a stolen %s opens nothing there, and the host it was tried on has it on record',
    async (type) => {
      const headers: Record<string, string> =
        type === 'api_key'
          ? { authorization: `Bearer ${other.apiKey}` }
          : { cookie: world.cookies.staff, origin: own.origin };
      const before = await own.contents();
      const thief = own.as(headers);
      for (const answer of [await thief.get('/api/users'), await thief.post('/api/merchant-orgs', { name: 'Stray' })]) {
        expectProblem(answer, 401, 'unauthenticated');
        const [event] = await own.rows(
          `SELECT action, actor_id, door, outcome, details::text AS details FROM audit_events WHERE request_id = $1`,
          [answer.body.request_id],
        );
        expect(event).toMatchObject({ action: `${type}.check`, actor_id: 'anonymous', door: 'api', outcome: 'denied' });
        expect(event?.details).not.toContain(
          type === 'api_key' ? other.apiKey.slice(4) : world.cookies.staff.slice(12),
        );
      }
      expect(await own.contents()).toEqual(before);
      expect((await other.as({ ...headers, origin: other.origin }).get('/api/users')).status).toBe(200);
    },
  );

  test('a flood of made-up keys leaves a few events; who sends nothing leaves none', async () => {
    const [seen] = [(await countEvents(own, 'api_key.check')).length];
    await Promise.all(Array.from({ length: 40 }, (_, index) => own.as(`scp_${index}`).get('/api/users')));
    const left = (await countEvents(own, 'api_key.check')).length - seen;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(14);
    const nobody = await own.as(null).get('/api/users');
    expect(await own.rows('SELECT id FROM audit_events WHERE request_id = $1', [nobody.body.request_id])).toEqual([]);
  });
});
