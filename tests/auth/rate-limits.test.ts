import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Client, clientOf, doorOf, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const password = 'correct horse battery';
const staff = { email: 'staff@acme.test', password };
let site: Site;
let tenant: TestTenant;

beforeAll(async () => {
  const limits = {
    sign_in: { limit: 3, window: '15 m' },
    sign_in_day: { limit: 3, window: '1 d' },
    sign_in_account: { limit: 4, window: '15 m' },
    sign_in_address: { limit: 5, window: '15 m' },
    api: { limit: 40, window: '1 m' },
    page: { limit: 40, window: '1 m' },
  };
  site = await startSite({ tenants: 2, settings: { RATE_LIMITS: JSON.stringify(limits) } });
  tenant = site.tenants[0]!;
  await tenant.createUser(staff);
});
afterAll(() => site?.stop());

/** Another home of the tenant, seen from an address. */
function from(address: string, settings = {}): Client {
  const home = Object.keys(settings).length > 0 ? tenant.anotherHome(settings) : tenant.home;
  return clientOf(doorOf(home, tenant.origin), { 'cf-connecting-ip': address });
}

function expectLimited(answer: Awaited<ReturnType<Client['get']>>, policy: string): void {
  expectProblem(answer, 429, 'rate_limited');
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(answer.headers.get('ratelimit')).toBe(`"${policy}";r=0;t=${seconds}`);
}

describe('sign-in', () => {
  test('is limited by address of the caller, right passwords included', async () => {
    const client = from('203.0.113.1');
    const wrong = { ...staff, email: 'a@acme.test' };
    for (const email of ['a', 'b', 'c', 'd', 'e']) {
      expect((await client.post('/api/sessions', { ...wrong, email: `${email}@acme.test` })).status).toBe(401);
    }
    expectLimited(await client.post('/api/sessions', staff), 'sign_in_address');
    expect((await from('203.0.113.2').post('/api/sessions', staff)).status).toBe(201);
  });

  const guess = (address: string, email: string, home = tenant.home) =>
    clientOf(doorOf(home, tenant.origin), { 'cf-connecting-ip': address }).post('/api/sessions', {
      email,
      password: 'wrong horse battery',
    });

  test('guessed from one address waits, and after more of it until the day is over', async () => {
    const email = 'waits@acme.test';
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await guess('198.51.101.1', email)).status).toBe(401);
    const short = await guess('198.51.101.1', email);
    expectLimited(short, 'sign_in');
    const limits = { ...JSON.parse(tenant.settings.RATE_LIMITS ?? ''), sign_in: { limit: 1_000, window: '15 m' } };
    // As it is when the quarter of an hour has passed.
    const later = tenant.anotherHome({ RATE_LIMITS: JSON.stringify(limits) });
    expectLimited(await guess('198.51.101.1', email, later), 'sign_in_day');
  });

  test('guessed from many addresses is stopped for all strangers, in all homes together, known account or not', async () => {
    const known = 'target@acme.test';
    await tenant.createUser({ email: known, password });
    expect((await from('203.0.113.200').post('/api/sessions', { email: known, password })).status).toBe(201);
    const home = tenant.anotherHome();
    for (const email of [known, 'unknown@acme.test']) {
      for (let attempt = 0; attempt < 4; attempt += 1) {
        const answer = await guess(`198.51.${attempt}.1`, email.toUpperCase(), attempt % 2 ? home : tenant.home);
        expect(answer.status).toBe(401);
      }
      expectLimited(await guess('198.51.9.1', email), 'sign_in_account');
      expectLimited(await from('198.51.10.1').post('/api/sessions', { email, password }), 'sign_in_account');
    }
    // Who has signed in from there before is not locked out by strangers.
    expect((await from('203.0.113.201').post('/api/sessions', { email: known, password })).status).toBe(201);
  });

  test('counts who fails, not who signs in', async () => {
    for (let time = 0; time < 5; time += 1) {
      expect((await from(`192.0.2.${time}`).post('/api/sessions', staff)).status).toBe(201);
    }
  });

  test("of one tenant does not use up another's", async () => {
    const other = site.tenants[1]!;
    const client = clientOf(doorOf(other.home, other.origin), { 'cf-connecting-ip': '203.0.113.1' });
    expect((await client.post('/api/sessions', staff)).status).toBe(401);
  });
});

describe('the API', () => {
  test('says with every answer what a key has left, and refuses when nothing is', async () => {
    const client = tenant.as(await tenant.createKey());
    const left: number[] = [];
    for (let request = 0; request < 40; request += 1) {
      const { status, headers } = await client.get('/api/tenants');
      expect(status).toBe(200);
      expect(headers.get('ratelimit-policy')).toBe('"api";q=40');
      const [, remaining, seconds] = /^"api";r=(\d+);t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
      left.push(Number(remaining));
      expect(Number(seconds)).toBeGreaterThan(0);
    }
    expect(left).toEqual(Array.from({ length: 40 }, (_, index) => 39 - index));
    expectLimited(await client.get('/api/tenants'), 'api');
    expectLimited(await client.post('/mcp', {}), 'api');
    const another = tenant.as(await tenant.createKey());
    expect((await another.get('/api/tenants')).status).toBe(200);
  });

  test('limits who makes up a new key for every request, by address', async () => {
    const answers = [];
    // A few more than 40, since where a minute ends among them the window forgets a part of one.
    for (let attempt = 0; attempt < 44; attempt += 1) {
      const headers = { 'cf-connecting-ip': '203.0.113.77', authorization: `Bearer scp_made-up-${attempt}` };
      answers.push(await tenant.as(headers).get('/api/tenants'));
    }
    const first = answers.findIndex(({ status }) => status !== 401);
    expect(first).toBeGreaterThanOrEqual(40);
    expectLimited(answers[first]!, 'page');
    const known = tenant.as({ 'cf-connecting-ip': '203.0.113.77', authorization: `Bearer ${tenant.apiKey}` });
    await tenant.owner.get('/api/tenants');
    expect((await known.get('/api/tenants')).status).toBe(200);
  });

  test('counts the calls that come together in one request one by one', async () => {
    const client = tenant.as(await tenant.createKey());
    const accept = { accept: 'application/json, text/event-stream' };
    const batch = Array.from({ length: 41 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'tools/list' }));
    expectLimited(await client.post('/mcp', batch, accept), 'api');
  });

  test('never gives more than the limit, over two homes at once', async () => {
    const key = await tenant.createKey();
    const homes = [tenant.home, tenant.anotherHome()];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        clientOf(doorOf(homes[index % 2]!, tenant.origin), key).get('/api/tenants'),
      ),
    );
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(passed).toBeLessThanOrEqual(40);
    expect(passed).toBeGreaterThanOrEqual(30);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  });
});

describe('while the store of the limits is away', () => {
  test.each([
    ['nobody listens', { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9' }],
    ['it refuses us', { UPSTASH_REDIS_REST_TOKEN: 'wrong' }],
  ])('sign-in waits (503) and everything else passes: %s', async (_how, settings) => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const home = tenant.anotherHome(settings);
    const nobody = clientOf(doorOf(home, tenant.origin), { 'cf-connecting-ip': '192.0.2.1' });
    const refused = await nobody.post('/api/sessions', staff);
    expectProblem(refused, 503, 'unavailable');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const client = clientOf(doorOf(home, tenant.origin), tenant.apiKey);
    expect((await client.get('/api/tenants')).status).toBe(200);
    expect((await client.post('/api/merchant-orgs', { name: 'A' })).status).toBe(201);
    expect(warned).toHaveBeenCalled();
    warned.mockRestore();
  });
});
