import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret } from '../../tenants/credentials.ts';
import { type Body, type Client, clientOf, doorOf, expectProblem } from '../support/door.ts';
import { permissionsOfStaff } from '../support/staff-permissions.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
let roles: Record<string, string>;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  await tenant.createUser({ email: 'told@acme.test', password: 'x', role: 'owner' });
  roles = Object.fromEntries((await owner.get('/api/roles')).body.data.map(({ key, id }) => [String(key), id]));
});
afterAll(() => site?.stop());

type Key = Body & { key: string; prefix: string };
const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
const create = async (body: object = {}) =>
  (await owner.post('/api/api-keys', { name: 'Till', role_id: roles.auditor, ...body })).body as Key;
const rotate = (id: string, body: object = {}, headers: Record<string, string> = {}, as = owner) =>
  as.post(`/api/api-keys/${id}/rotate`, body, headers);
const statusWith = async (key: string) => (await tenant.as(key).get('/api/roles')).status;
const read = async (id: string) => (await owner.get(`/api/api-keys/${id}`)).body;
const mails = async (word: string) => {
  await tenant.home.runJobs();
  return tenant.rows('SELECT subject, body FROM mailbox WHERE subject LIKE $1', [`%${word}%`]);
};

describe('rotating a key', () => {
  test('shows a new secret once, keeps everything else, and leaves the old one working for a day', async () => {
    const before = await create({ name: 'Rotated', expires_at: inDays(90) });
    const rotated = await rotate(before.id, {}, { 'x-request-id': 'rotate-it' });
    expect(rotated.status).toBe(200);
    const after = rotated.body as Key;
    expect(after.key).toMatch(/^scp_[A-Za-z0-9]{40}$/);
    expect(after).toMatchObject({
      id: before.id,
      name: 'Rotated',
      role_id: before.role_id,
      expires_at: before.expires_at,
      prefix: after.key.slice(0, 12),
      previous_prefix: before.prefix,
      version: before.version + 1,
    });
    const left = Date.parse(String(after.previous_ends_at)) - Date.now();
    expect(left).toBeGreaterThan(23.9 * 3_600_000);
    expect(left).toBeLessThanOrEqual(24 * 3_600_000);
    expect([await statusWith(before.key), await statusWith(after.key)]).toEqual([200, 200]);

    expect((await owner.get('/api/api-keys?limit=200')).text).not.toContain(after.key);
    const written = JSON.stringify(
      await tenant.rows(
        `SELECT to_jsonb(e) AS e, to_jsonb(c) AS c FROM audit_events e JOIN audit_changes c ON c.event_id = e.id
         WHERE e.request_id = 'rotate-it'`,
      ),
    );
    expect(written).toContain('"action":"api_key.rotate"');
    expect(written).toContain('[redacted]');
    for (const key of [before.key, after.key]) {
      expect(written).not.toContain(key);
      expect(written).not.toContain(hashSecret(key));
    }
    expect(await mails('Rotated was rotated')).toHaveLength(1);
  });

  test.each([0, 1, 72])('leaves the old secret %i hours, then it opens nothing', async (hours) => {
    const before = await create();
    const after = (await rotate(before.id, { overlap_hours: hours })).body as Key;
    expect([await statusWith(before.key), await statusWith(after.key)]).toEqual([hours === 0 ? 401 : 200, 200]);
    await tenant.arrange(`UPDATE api_keys SET previous_ends_at = now() WHERE id = $1`, [before.id]);
    expect([await statusWith(before.key), await statusWith(after.key)]).toEqual([401, 200]);
    expect(await read(before.id)).toMatchObject({ previous_prefix: null, previous_ends_at: null });
  });

  test('ends what an earlier rotation had left, and revoking ends both', async () => {
    const first = await create();
    const second = (await rotate(first.id)).body as Key;
    const third = (await rotate(first.id)).body as Key;
    expect([await statusWith(first.key), await statusWith(second.key), await statusWith(third.key)]).toEqual([
      401, 200, 200,
    ]);
    expect((await owner.delete(`/api/api-keys/${first.id}`)).status).toBe(200);
    expect([await statusWith(second.key), await statusWith(third.key)]).toEqual([401, 401]);
    expectProblem(await rotate(first.id), 409, 'conflict');
  });

  test('ends an old secret also in homes that remember it', async () => {
    const book = (await owner.get('/api/books?party_type=tenant')).body.data[0]!.id;
    const accounts = (await owner.get(`/api/accounts?book_id=${book}`)).body.data;
    const body = {
      description: 'Late',
      lines: [
        { account_id: accounts[0]!.id, side: 'debit', amount: 1 },
        { account_id: accounts[1]!.id, side: 'credit', amount: 1 },
      ],
    };
    const before = await create({ role_id: roles.owner });
    const home = clientOf(doorOf(tenant.anotherHome(), tenant.origin), before.key);
    expect((await home.post('/api/transactions', body)).status).toBe(201);
    await rotate(before.id, { overlap_hours: 0 });
    expectProblem(await home.post('/api/transactions', body), 401, 'unauthenticated');
  });

  test('never prolongs the old secret, and takes a new end for the new one', async () => {
    const before = await create({ expires_at: inDays(1 / 24) });
    const end = inDays(30);
    const after = (await rotate(before.id, { overlap_hours: 72, expires_at: end })).body;
    expect(Date.parse(String(after.expires_at))).toBe(Date.parse(end));
    expect(Date.parse(String(after.previous_ends_at))).toBe(Date.parse(String(before.expires_at)));
  });

  test('brings an expired key back with a new end alone, and never its old secret', async () => {
    const before = await create({ expires_at: inDays(1) });
    await tenant.arrange(`UPDATE api_keys SET expires_at = now() - interval '1 hour' WHERE id = $1`, [before.id]);
    expectProblem(await rotate(before.id), 409, 'conflict');
    const after = (await rotate(before.id, { expires_at: inDays(1) })).body as Key;
    expect([await statusWith(before.key), await statusWith(after.key)]).toEqual([401, 200]);
    expect(after.previous_prefix).toBeNull();
  });

  test('keeps to the version it was asked for, and shows its answer once', async () => {
    const before = await create();
    expectProblem(await rotate(before.id, {}, { 'if-match': `"${before.version + 1}"` }), 412, 'stale');
    const headers = { 'if-match': `"${before.version}"`, 'idempotency-key': `rotate ${before.id}`.replace(' ', '-') };
    expect((await rotate(before.id, {}, headers)).status).toBe(200);
    expectProblem(await rotate(before.id, {}, headers), 409, 'already_done');
    const [kept] = await tenant.rows('SELECT response FROM idempotency_keys WHERE key = $1', [
      headers['idempotency-key'],
    ]);
    expect(kept?.response).toBeNull();
  });

  test.each([
    ['overlap_hours', 73],
    ['overlap_hours', -1],
    ['overlap_hours', 1.5],
    ['expires_at', '2020-01-01T00:00:00Z'],
    ['expires_at', '9999-12-31T23:59:59.999999999Z'],
  ])('refuses %s of %s', async (field, value) => {
    const { id } = await create();
    const refused = await rotate(id, { [field]: value });
    expectProblem(refused, 422, 'invalid');
    expect(Object.keys(refused.body.errors)).toEqual([field]);
  });

  test('gives nobody a key that can do what they cannot, and nobody a key of another tenant', async () => {
    const powerful = await create({ role_id: roles.owner });
    const rotator = tenant.as(await tenant.createKey({ role: ['api_key:rotate', ...permissionsOfStaff] }));
    const finance = tenant.as(await tenant.createKey({ role: 'finance' }));
    const before = await tenant.contents();
    for (const as of [rotator, finance]) expectProblem(await rotate(powerful.id, {}, {}, as), 403, 'forbidden');
    expect(await tenant.contents()).toEqual(before);
    const weak = await create({ role_id: roles.merchant_staff });
    expect((await rotate(weak.id, {}, {}, rotator)).status).toBe(200);
    expectProblem(await rotate(powerful.id, {}, {}, site.tenants[1]!.owner), 404, 'not_found');
    expect(await statusWith(powerful.key)).toBe(200);
  });

  test('is for staff of the whole tenant', async () => {
    const org = (await owner.post('/api/merchant-orgs', { name: 'Harbor' })).body.id;
    const scoped = tenant.as(await tenant.createKey({ role: 'owner', merchant_org_id: org }));
    const { id } = await create();
    expectProblem(await rotate(id, {}, {}, scoped), 403, 'forbidden');
    expectProblem(await scoped.get(`/api/api-keys/${id}`), 403, 'forbidden');
  });
});

describe('the last use of a key', () => {
  test('is noted with the address at the first use, then at most once an hour, and by secret', async () => {
    const before = await create();
    expect(await read(before.id)).toMatchObject({ last_used_at: null, last_used_address: null });
    const from = (key: string, address: string) => tenant.as(key).get('/api/roles', { 'cf-connecting-ip': address });
    await from(before.key, '192.0.2.1');
    const first = await read(before.id);
    expect(first).toMatchObject({ last_used_at: expect.any(String), last_used_address: '192.0.2.1', version: 1 });
    await from(before.key, '192.0.2.2');
    expect(await read(before.id)).toEqual(first);
    await tenant.arrange(`UPDATE api_key_uses SET last_used_at = now() - interval '61 minutes' WHERE api_key_id = $1`, [
      before.id,
    ]);
    await from(before.key, '192.0.2.3');
    expect(await read(before.id)).toMatchObject({ last_used_address: '192.0.2.3' });

    const after = (await rotate(before.id)).body as Key;
    expect(after.previous_used_at).toEqual(expect.any(String));
    await from(after.key, '192.0.2.4');
    expect(await read(before.id)).toMatchObject({ last_used_address: '192.0.2.4' });
    await rotate(before.id);
    expect(await tenant.rows('SELECT prefix FROM api_key_uses WHERE api_key_id = $1', [before.id])).toEqual([
      { prefix: after.prefix },
    ]);
  });

  test('makes no home read its keys again', async () => {
    const { key } = await create();
    const version = () => tenant.rows('SELECT version FROM access_state');
    const before = await version();
    await tenant.as(key).get('/api/roles');
    expect(await version()).toEqual(before);
  });
});

describe('the end of a key', () => {
  const plan = (id: string) =>
    tenant.rows(`SELECT run_at, input FROM jobs WHERE operation = 'api_key.warn' AND input ->> 'id' = $1`, [id]);
  const due = (id: string) =>
    tenant.arrange(`UPDATE jobs SET run_at = now() WHERE operation = 'api_key.warn' AND input ->> 'id' = $1`, [id]);

  test('is told to the owners a week before, once', async () => {
    const { id, expires_at: end } = await create({ name: 'Ending', expires_at: inDays(60) });
    const [planned] = await plan(id);
    expect(Number(planned?.run_at)).toBeCloseTo(Date.parse(String(end)) - 7 * DAY_MS, -2);
    expect(await mails('Ending ends soon')).toEqual([]);
    await due(id);
    const told = await mails('Ending ends soon');
    expect(told).toHaveLength(1);
    expect(told[0]?.body).toContain(String(end));
    const [event] = await tenant.rows(
      `SELECT e.action FROM audit_events e JOIN audit_changes c ON c.event_id = e.id
       WHERE c.row_id = $1 AND c.verb = 'update'`,
      [id],
    );
    expect(event).toEqual({ action: 'api_key.warn' });
    await tenant.arrange(`UPDATE jobs SET state = 'queued', run_at = now() WHERE input ->> 'id' = $1`, [id]);
    expect(await mails('Ending ends soon')).toHaveLength(1);
  });

  test('is told half-way when it is near, and anew when it is moved', async () => {
    const { id, expires_at: end } = await create({ name: 'Near', expires_at: inDays(4) });
    const [planned] = await plan(id);
    expect(Number(planned?.run_at)).toBeCloseTo(Date.parse(String(end)) - 2 * DAY_MS, -4);
    await rotate(id, { expires_at: inDays(90) });
    await due(id);
    expect(await mails('Near ends soon')).toHaveLength(1);
  });

  test('is told of no key that was revoked', async () => {
    const { id } = await create({ name: 'Gone', expires_at: inDays(60) });
    await owner.delete(`/api/api-keys/${id}`);
    await due(id);
    expect(await mails('Gone ends soon')).toEqual([]);
  });
});

test('keys are found by state, role and words', async () => {
  const active = await create({ name: 'Findable one' });
  const expired = await create({ name: 'Findable two', expires_at: inDays(1) });
  const revoked = await create({ name: 'Findable three', role_id: roles.finance });
  await tenant.arrange(`UPDATE api_keys SET expires_at = now() WHERE id = $1`, [expired.id]);
  await owner.delete(`/api/api-keys/${revoked.id}`);
  const find = async (query: string) =>
    (await owner.get(`/api/api-keys?q=findable&${query}`)).body.data.map(({ id }) => id);
  expect(await find('state=active')).toEqual([active.id]);
  expect(await find('state=expired')).toEqual([expired.id]);
  expect(await find('state=revoked')).toEqual([revoked.id]);
  expect(await find(`role_id=${roles.finance}`)).toEqual([revoked.id]);
  expect(await find('sort=name')).toEqual([active.id, revoked.id, expired.id]);
  expect((await owner.get(`/api/api-keys?q=${active.prefix}`)).body.data.map(({ id }) => id)).toEqual([active.id]);
  expectProblem(await owner.get('/api/api-keys?state=lost'), 422, 'invalid');
  expect((await owner.get(`/api/api-keys/${active.id}`)).headers.get('etag')).toBe('"1"');
  expect((await read(revoked.id)).state).toBe('revoked');
});
