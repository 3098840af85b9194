import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashSecret } from '../../tenants/credentials.ts';
import { clientOf, doorOf, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const password = 'correct horse battery';
let site: Site;
let tenant: TestTenant;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  await tenant.createUser({ email: 'staff@acme.test', password });
  await tenant.createUser({ email: 'invited@acme.test', password, status: 'invited' });
  await tenant.createUser({ email: 'disabled@acme.test', password, status: 'disabled' });
});
afterAll(() => site?.stop());

const signIn = (email: string, given = password, more: object = {}, of = tenant) =>
  of.as(null).post('/api/sessions', { email, password: given, ...more });

async function cookieOf(email = 'staff@acme.test'): Promise<string> {
  return (await signIn(email)).headers.get('set-cookie')?.split(';')[0] ?? '';
}

const asBrowser = (cookie: string) => tenant.as({ cookie, origin: tenant.origin });

describe('signing in', () => {
  test('answers the user and when the session ends, and puts the session in the cookie alone', async () => {
    const { status, body, text, headers } = await signIn('staff@acme.test');
    expect(status).toBe(201);
    const user = { id: expect.any(String), email: 'staff@acme.test', name: 'Staff' };
    expect(body).toEqual({ user, expires_at: expect.stringMatching(/Z$/) });
    const days = (Date.parse(String(body.expires_at)) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(14);
    const cookie = headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^scp_session=[a-z0-9]{30,}; HttpOnly; Max-Age=1209600; Path=\/; SameSite=Lax$/i);
    expect(text).not.toContain(/=([^;]+)/.exec(cookie)?.[1]);
  });

  test('does not mind the case of the address', async () => {
    expect((await signIn(' Staff@ACME.test ')).status).toBe(201);
  });

  test('on https the cookie is Secure, host-only and cannot be set by a sibling', async () => {
    const secure = clientOf(doorOf(tenant.home, tenant.origin.replace('http:', 'https:')), null);
    const { headers } = await secure.post('/api/sessions', { email: 'staff@acme.test', password });
    const cookie = headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^__Host-scp_session=/);
    expect(cookie).toMatch(/; Secure/);
    expect(cookie).not.toMatch(/domain/i);
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000');
    const name = cookie.split(';')[0]!;
    const origin = tenant.origin.replace('http:', 'https:');
    const asStaff = clientOf(doorOf(tenant.home, origin), { cookie: name, origin });
    expect((await asStaff.get('/api/tenants')).status).toBe(200);
    const plain = clientOf(doorOf(tenant.home, origin), { cookie: name.replace('__Host-', ''), origin });
    expect((await plain.get('/api/tenants')).status).toBe(401);
  });

  test('tells unknown address, wrong password, invited and disabled user apart to nobody', async () => {
    const refused = [
      await signIn('nobody@acme.test'),
      await signIn('staff@acme.test', 'wrong horse battery'),
      await signIn('invited@acme.test'),
      await signIn('disabled@acme.test'),
      await signIn('staff@acme.test', password, { totp: '123456' }),
      await signIn('staff@acme.test', password, {}, site.tenants[1]),
    ];
    const without = refused.map(({ status, text, body }) => [status, text.replace(String(body.request_id), '')]);
    expect(new Set(without.map((each) => JSON.stringify(each))).size).toBe(1);
    expectProblem(refused[0]!, 401, 'invalid_credentials');
    for (const { headers } of refused) expect(headers.get('set-cookie')).toBeNull();
  });

  test('leaves an audit event by the user, and one for a failure that holds no password', async () => {
    await tenant.rows('DELETE FROM denial_counts');
    const good = await tenant
      .as(null)
      .post('/api/sessions', { email: 'staff@acme.test', password }, { 'x-request-id': 'in' });
    const bad = await tenant
      .as(null)
      .post('/api/sessions', { email: 'staff@acme.test', password: 'needle horse battery' }, { 'x-request-id': 'bad' });
    expect([good.status, bad.status]).toEqual([201, 401]);
    const events = await tenant.rows(
      `SELECT actor_type, actor_id, outcome, resource_id FROM audit_events WHERE request_id IN ('in', 'bad') ORDER BY recorded_at`,
    );
    expect(events).toEqual([
      {
        actor_type: 'staff',
        actor_id: (good.body.user as { id: string }).id,
        outcome: 'success',
        resource_id: expect.any(String),
      },
      {
        actor_type: 'system',
        actor_id: 'anonymous',
        outcome: 'denied',
        resource_id: expect.stringMatching(/^account-/),
      },
    ]);
    // The trail is searched by the address all the same.
    for (const query of ['resource_id=staff@acme.test', 'q=staff@acme.test']) {
      const found = (await tenant.owner.get(`/api/audit-logs?outcome=denied&${query}`)).body.data;
      expect(found.map(({ request_id }) => request_id)).toContain('bad');
    }
    expect(JSON.stringify(await tenant.rows('SELECT * FROM audit_events'))).not.toMatch(/needle|correct horse/);
  });

  test('from another site is refused before anything is tried', async () => {
    const from = tenant.as({ origin: 'http://evil.test' });
    expectProblem(await from.post('/api/sessions', { email: 'staff@acme.test', password }), 403, 'cross_origin');
    // A page takes no key, so one does not speak for the request there.
    const withKey = tenant.as({ origin: 'http://evil.test', authorization: `Bearer ${tenant.apiKey}` });
    expectProblem(await withKey.post('/sign-in', {}), 403, 'cross_origin');
  });
});

describe('a session', () => {
  test('is kept as a hash: what the table holds opens nothing', async () => {
    const cookie = await cookieOf();
    const token = cookie.split('=')[1] ?? '';
    const ids = (await tenant.rows('SELECT id FROM sessions')).map(({ id }) => id);
    expect(ids).toContain(hashSecret(token));
    expect(ids).not.toContain(token);
    expect((await asBrowser(`scp_session=${hashSecret(token)}`).get('/api/tenants')).status).toBe(401);
  });

  test("opens its own tenant only, with its user's permissions", async () => {
    const cookie = await cookieOf();
    expect((await asBrowser(cookie).get('/api/users')).status).toBe(200);
    const elsewhere = site.tenants[1]!.as({ cookie, origin: site.tenants[1]!.origin });
    expect((await elsewhere.get('/api/users')).status).toBe(401);
    await tenant.createUser({ email: 'merchant-staff@acme.test', password, role: 'merchant_staff' });
    const staff = asBrowser(await cookieOf('merchant-staff@acme.test'));
    expect((await staff.get('/api/merchants')).status).toBe(200);
    expectProblem(await staff.get('/api/users'), 403, 'forbidden');
  });

  test('ends at sign-out, at once, and the cookie is taken back', async () => {
    const cookie = await cookieOf();
    const other = await cookieOf();
    const out = await asBrowser(cookie).delete('/api/sessions/current');
    expect([out.status, out.text]).toEqual([204, '']);
    expect(out.headers.get('set-cookie')).toMatch(/^scp_session=; HttpOnly; Max-Age=0/);
    expectProblem(await asBrowser(cookie).get('/api/tenants'), 401, 'unauthenticated');
    expect((await asBrowser(other).get('/api/tenants')).status).toBe(200);
    expectProblem(await asBrowser(cookie).delete('/api/sessions/current'), 401, 'unauthenticated');
  });

  test('that has expired opens nothing', async () => {
    const cookie = await cookieOf();
    const id = hashSecret(cookie.split('=')[1] ?? '');
    await tenant.rows(`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
    expectProblem(await asBrowser(cookie).get('/api/tenants'), 401, 'unauthenticated');
  });

  test('in use past its half renews itself, and says so in a cookie', async () => {
    const cookie = await cookieOf();
    expect((await asBrowser(cookie).get('/api/tenants')).headers.get('set-cookie')).toBeNull();
    const id = hashSecret(cookie.split('=')[1] ?? '');
    await tenant.rows(`UPDATE sessions SET expires_at = now() + interval '6 days' WHERE id = $1`, [id]);
    const renewed = await asBrowser(cookie).get('/api/tenants');
    expect(renewed.headers.get('set-cookie')).toMatch(new RegExp(`^${cookie};`));
    const [row] = await tenant.rows(
      `SELECT expires_at > now() + interval '13 days' AS is_long FROM sessions WHERE id = $1`,
      [id],
    );
    expect(row).toEqual({ is_long: true });
  });

  test('of a user who is disabled, or whose role has ended, gives nothing from then on', async () => {
    const id = await tenant.createUser({ email: 'leaving@acme.test', password, role: 'auditor' });
    const staff = asBrowser(await cookieOf('leaving@acme.test'));
    expect((await staff.get('/api/users')).status).toBe(200);
    await tenant.arrange(`UPDATE role_assignments SET expires_at = now() WHERE user_id = $1`, [id]);
    expectProblem(await staff.get('/api/users'), 403, 'forbidden');
    await tenant.arrange(`UPDATE users SET status = 'disabled' WHERE id = $1`, [id]);
    expectProblem(await staff.get('/api/users'), 401, 'unauthenticated');
  });

  test.each(['', 'x', 'x'.repeat(201), '%00', '"', '../..'])(
    'that nobody gave out opens nothing (%#)',
    async (token) => {
      expectProblem(await asBrowser(`scp_session=${token}`).get('/api/tenants'), 401, 'unauthenticated');
    },
  );
});

describe('an invitation', () => {
  const accept = (token: string, given = password) =>
    tenant.as(null).post('/api/invitations/accept', { token, name: 'Owner', password: given });

  test('is accepted once, by one of ten who try, and then the password opens', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(tenant.invitationToken)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(404)]);
    const email = `owner@${tenant.slug}.test`;
    const accepted = answers.find(({ status }) => status === 200)?.body;
    expect(accepted).toEqual({ user_id: expect.any(String), email });
    expect((await signIn(email)).status).toBe(201);
    expectProblem(await accept(tenant.invitationToken), 404, 'not_found');
  });

  test('that has expired, is unknown, or is of a disabled user is not there', async () => {
    for (const [status, expiry] of [
      ['invited', '-1 second'],
      ['disabled', '1 day'],
    ] as const) {
      const id = await tenant.createUser({ email: `late-${status}@acme.test`, password, status });
      await tenant.arrange(
        `INSERT INTO invitations (user_id, token_hash, expires_at) VALUES ($1, $2, now() + $3::interval)`,
        [id, hashSecret(`token-of-a-${status}-user`), expiry],
      );
      expectProblem(await accept(`token-of-a-${status}-user`), 404, 'not_found');
    }
    expectProblem(await accept('a-token-that-nobody-made'), 404, 'not_found');
    expectProblem(await accept(tenant.invitationToken, 'short'), 422, 'invalid');
  });
});
