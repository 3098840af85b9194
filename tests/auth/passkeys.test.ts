import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newChallenge } from '../../server/auth/passkeys.ts';
import { sealerOf } from '../../server/auth/sealer.ts';
import { Authenticator } from '../support/authenticator.ts';
import { clientOf, doorOf, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const password = 'correct horse battery';
let site: Site;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  other = site.tenants[1]!;
});
afterAll(() => site?.stop());

const cookieIn = ({ headers }: { headers: Headers }) => headers.get('set-cookie')?.split(';')[0] ?? '';
const asBrowser = (cookie: string, at = tenant) => at.as({ cookie, origin: at.origin });
const signInByPassword = async (email: string, at = tenant) =>
  cookieIn(await at.as(null).post('/api/sessions', { email, password }));

const challengeAt = async (at = tenant) => String((await at.as(null).get('/api/passkeys/challenge')).body.challenge);
const give = (credential: object, headers: Record<string, string> = {}, at = tenant) =>
  at.as(null).post('/api/sessions/passkey', { credential }, headers);

/** Somebody new with a passkey, made as a browser makes it. */
async function newOwner(name: string, role: string | readonly string[] = 'auditor', at = tenant, counts = true) {
  const email = `${name}@acme.test`;
  const id = await at.createUser({ email, password, role });
  const before = await signInByPassword(email, at);
  const begun = await asBrowser(before, at).post('/api/me/passkeys/begin', { password });
  const authenticator = new Authenticator(counts);
  const made = authenticator.make({ origin: at.origin, challenge: String(begun.body.challenge) });
  const requestId = `add-${name}`;
  const created = await asBrowser(before, at).post(
    '/api/me/passkeys',
    { name: 'Laptop', credential: made },
    { 'x-request-id': requestId },
  );
  return { id, email, before, begun, authenticator, made, created, requestId, cookie: cookieIn(created) };
}

const answer = async ({ authenticator, id }: { authenticator: Authenticator; id: string }, lies = {}) =>
  authenticator.give({ origin: tenant.origin, challenge: await challengeAt() }, id, lies);

async function denied(code: string, subject: string) {
  return tenant.rows(
    `SELECT action, outcome FROM audit_events WHERE details ->> 'code' = $1 AND $2 IN (resource_id, details ->> 'about')`,
    [code, subject],
  );
}

describe('adding a passkey', () => {
  test('asks for the password, names nobody to the device, and asks it to make sure of its owner', async () => {
    const { begun, id, email, created } = await newOwner('adds');
    expect(begun.body).toMatchObject({
      rp: { id: new URL(tenant.origin).hostname },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
      excludeCredentials: [],
    });
    const { user } = begun.body as unknown as { user: { id: string; name: string } };
    expect(user.name).toBe(email);
    expect(Buffer.from(user.id, 'base64url').toString()).not.toContain('adds');
    expect(Buffer.from(user.id, 'base64url')).toHaveLength(16);
    expect([created.status, created.body.name, created.body.is_here]).toEqual([201, 'Laptop', true]);
    expect(created.text).not.toContain('token');
    const cookie = await signInByPassword(email);
    expectProblem(await asBrowser(cookie).post('/api/me/passkeys/begin', { password: 'wrong' }), 422, 'invalid');
    const again = await asBrowser(cookie).post('/api/me/passkeys/begin', { password });
    expect(again.body.excludeCredentials).toHaveLength(1);
    expect(await tenant.rows('SELECT id FROM passkeys WHERE user_id = $1', [id])).toHaveLength(1);
  });

  test('gives the session a new id, tells its owner, and leaves no key material in the audit trail', async () => {
    const { before, cookie, authenticator, requestId, email } = await newOwner('audited');
    expectProblem(await asBrowser(before).get('/api/me/passkeys'), 401, 'unauthenticated');
    const { data } = (await asBrowser(cookie).get('/api/me/passkeys')).body;
    expect(data).toMatchObject([{ name: 'Laptop', is_here: true, last_used_at: null, version: 1 }]);
    const [event] = await tenant.rows(
      `SELECT e.action, e.details ->> 'summary' AS summary, c.after FROM audit_events e
       JOIN audit_changes c ON c.event_id = e.id WHERE e.request_id = $1`,
      [requestId],
    );
    expect(event).toMatchObject({ action: 'passkey.create', summary: 'Added the passkey Laptop' });
    expect(event?.after).toMatchObject({ credential_id: '[redacted]', public_key: '[redacted]' });
    expect(JSON.stringify(event)).not.toContain(authenticator.id);
    await tenant.home.runJobs();
    const mails = await tenant.rows('SELECT subject FROM mailbox WHERE recipient = $1', [email]);
    expect(JSON.stringify(mails)).toContain('passkey of your account');
  });

  test.each([
    ['an answer for another host', { host: 'evil.test' }],
    ['an answer from another origin', { origin: 'https://evil.test' }],
    ['a device that did not make sure of its owner', { isVerified: false }],
  ])('refuses %s', async (what, lies) => {
    const email = `${what.length}-lies@acme.test`;
    await tenant.createUser({ email, password });
    const client = asBrowser(await signInByPassword(email));
    const { challenge } = (await client.post('/api/me/passkeys/begin', { password })).body;
    const credential = new Authenticator().make({ origin: tenant.origin, challenge: String(challenge) }, lies);
    expectProblem(await client.post('/api/me/passkeys', { name: 'A', credential }), 401, 'passkey_refused');
  });

  test('refuses a challenge that was answered, is for signing in, or is somebody else’s', async () => {
    const { cookie, made, id, authenticator } = await newOwner('replays');
    const add = (credential: object) => asBrowser(cookie).post('/api/me/passkeys', { name: 'A', credential });
    expectProblem(await add(made), 401, 'passkey_refused');
    const { origin } = tenant;
    const forSignIn = new Authenticator().make({ origin, challenge: await challengeAt() });
    expectProblem(await add(forSignIn), 401, 'passkey_refused');
    const { begun } = await newOwner('replayed');
    const theirs = new Authenticator().make({ origin, challenge: String(begun.body.challenge) });
    expectProblem(await add(theirs), 401, 'passkey_refused');
    expect(await denied('passkey_refused', id)).toHaveLength(3);
    const { challenge } = (await asBrowser(cookie).post('/api/me/passkeys/begin', { password })).body;
    expectProblem(await add(authenticator.make({ origin, challenge: String(challenge) })), 409, 'conflict');
  });

  test('ends at twenty', async () => {
    const { cookie, id } = await newOwner('many');
    await tenant.arrange(
      `INSERT INTO passkeys (user_id, name, host, credential_id, public_key, counter, transports)
       SELECT $1, 'A', 'acme.test', 'many' || n, 'k', 0, '{}' FROM generate_series(1, 19) n`,
      [id],
    );
    const { challenge } = (await asBrowser(cookie).post('/api/me/passkeys/begin', { password })).body;
    const credential = new Authenticator().make({ origin: tenant.origin, challenge: String(challenge) });
    expectProblem(await asBrowser(cookie).post('/api/me/passkeys', { name: 'A', credential }), 409, 'conflict');
  });

  test('is not for API keys', async () => {
    expectProblem(await tenant.owner.post('/api/me/passkeys/begin', { password }), 401, 'unauthenticated');
    expect((await tenant.owner.get('/api/me/passkeys')).body.data).toEqual([]);
  });
});

describe('signing in with a passkey', () => {
  test('takes the passkey alone, notes its use, and opens a session', async () => {
    const somebody = await newOwner('signs');
    const signedIn = await give(await answer(somebody), { 'x-request-id': 'by-passkey' });
    expect([signedIn.status, signedIn.body.user]).toEqual([
      201,
      { id: somebody.id, email: somebody.email, name: 'Staff' },
    ]);
    expect(signedIn.text).not.toContain('token');
    const cookie = cookieIn(signedIn);
    expect((await asBrowser(cookie).get('/api/users')).status).toBe(200);
    const { data } = (await asBrowser(cookie).get('/api/me/passkeys')).body;
    expect(data[0]?.last_used_at).toEqual(expect.any(String));
    const [event] = await tenant.rows(
      `SELECT action, outcome, actor_id FROM audit_events WHERE request_id = 'by-passkey'`,
    );
    expect(event).toEqual({ action: 'passkey.sign_in', outcome: 'success', actor_id: somebody.id });
  });

  test('takes devices that do not count', async () => {
    const somebody = await newOwner('countless', 'auditor', tenant, false);
    for (let time = 0; time < 2; time += 1) expect((await give(await answer(somebody))).status).toBe(201);
  });

  test.each([
    ['an answer for another host', { host: 'evil.test' }],
    ['an answer from another origin', { origin: 'https://evil.test' }],
    ['a device that did not make sure of its owner', { isVerified: false }],
    ['an answer that names nobody', { userHandle: null }],
    ['an answer that names somebody else', { userHandle: Buffer.alloc(16).toString('base64url') }],
  ])('refuses %s, and records that', async (what, lies) => {
    const somebody = await newOwner(`liar-${what.length}`);
    expectProblem(await give(await answer(somebody, lies)), 401, 'passkey_refused');
    expect(await denied('passkey_refused', somebody.email)).toEqual([{ action: 'passkey.sign_in', outcome: 'denied' }]);
  });

  test('takes a challenge once, even from two at once, and only while it is fresh', async () => {
    const somebody = await newOwner('once', 'auditor', tenant, false);
    const credential = await answer(somebody);
    const answers = await Promise.all([give(credential), give(credential)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401]);
    expectProblem(await give(credential), 401, 'passkey_refused');
    const host = new URL(tenant.origin).hostname;
    const sealer = sealerOf(tenant.settings.MASTER_SECRET, tenant.record.id);
    for (const [purpose, age] of [
      [{ userId: null, host }, 301_000],
      [{ userId: somebody.id, host }, 0],
      [{ userId: null, host: 'shop.acme.test' }, 0],
    ] as const) {
      const challenge = await newChallenge(sealer, purpose, new Date(Date.now() - age));
      const stale = somebody.authenticator.give({ origin: tenant.origin, challenge }, somebody.id);
      expectProblem(await give(stale), 401, 'passkey_refused');
    }
    const made = somebody.authenticator.give({ origin: tenant.origin, challenge: 'bWFkZSB1cA' }, somebody.id);
    expectProblem(await give(made), 401, 'passkey_refused');
  });

  test('refuses a forged signature without believing its count', async () => {
    const somebody = await newOwner('forged');
    const forger = new Authenticator();
    const forged = forger.give({ origin: tenant.origin, challenge: await challengeAt() }, somebody.id, {
      counter: 900,
    });
    const { id } = somebody.authenticator;
    expectProblem(await give({ ...forged, id, rawId: id }), 401, 'passkey_refused');
    expect((await give(await answer(somebody))).status).toBe(201);
  });

  test('refuses a copy whose count does not rise, and records that', async () => {
    const somebody = await newOwner('copied');
    expect((await give(await answer(somebody, { counter: 7 }))).status).toBe(201);
    for (const counter of [7, 6, 0]) {
      expectProblem(await give(await answer(somebody, { counter })), 401, 'passkey_copied');
    }
    expect(await denied('passkey_copied', somebody.email)).toHaveLength(3);
    expect((await give(await answer(somebody, { counter: 8 }))).status).toBe(201);
  });

  test('refuses passkeys of another tenant, of another host of the same tenant, and of nobody, alike', async () => {
    const theirs = await newOwner('elsewhere', 'auditor', other);
    const foreign = await give(await answer(theirs));
    const unknown = await give(await answer({ authenticator: new Authenticator(), id: theirs.id }));
    for (const refused of [foreign, unknown]) expectProblem(refused, 401, 'passkey_refused');
    expect(foreign.body.detail).toBe(unknown.body.detail);
    const challengeOfOther = await challengeAt(other);
    const somebody = await newOwner('here');
    const crossed = somebody.authenticator.give({ origin: tenant.origin, challenge: challengeOfOther }, somebody.id);
    expectProblem(await give(crossed), 401, 'passkey_refused');

    const shop = 'http://shop.acme.test';
    const atShop = clientOf(doorOf(tenant.home, shop), null);
    const { challenge, rpId } = (await atShop.get('/api/passkeys/challenge')).body;
    expect(rpId).toBe('shop.acme.test');
    const credential = somebody.authenticator.give({ origin: shop, challenge: String(challenge) }, somebody.id);
    expectProblem(await atShop.post('/api/sessions/passkey', { credential }), 401, 'passkey_refused');
    const listed = clientOf(doorOf(tenant.home, shop), { cookie: somebody.cookie, origin: shop });
    expect((await listed.get('/api/me/passkeys')).body.data).toMatchObject([{ is_here: false }]);
  });

  test('refuses who may not sign in any more', async () => {
    const somebody = await newOwner('disabled');
    await tenant.arrange(`UPDATE users SET status = 'disabled' WHERE id = $1`, [somebody.id]);
    expectProblem(await give(await answer(somebody)), 401, 'passkey_refused');
  });

  test('tells its owner of a device where they had not signed in before', async () => {
    const somebody = await newOwner('travels');
    await give(await answer(somebody), { 'cf-connecting-ip': '203.0.113.9', 'user-agent': 'Firefox/1 (Windows)' });
    await tenant.home.runJobs();
    const mails = await tenant.rows('SELECT subject FROM mailbox WHERE recipient = $1', [somebody.email]);
    expect(JSON.stringify(mails)).toContain('New sign-in');
  });

  test('is limited like signing in with a password', async () => {
    const limits = JSON.parse(tenant.settings.RATE_LIMITS ?? '{}');
    const strict = { ...limits, sign_in: { limit: 2, window: '15 m' } };
    const home = tenant.anotherHome({ RATE_LIMITS: JSON.stringify(strict) });
    const client = clientOf(doorOf(home, tenant.origin), null);
    const somebody = await newOwner('limited');
    const send = async (lies: object) =>
      client.post('/api/sessions/passkey', { credential: await answer(somebody, lies) });
    for (let time = 0; time < 3; time += 1) expect((await send({})).status).toBe(201);
    for (let time = 0; time < 2; time += 1) expectProblem(await send({ host: 'evil.test' }), 401, 'passkey_refused');
    expectProblem(await send({}), 429, 'rate_limited');
  });
});

describe('where a role asks for a second factor', () => {
  test('a passkey is two, a password beside it is one, and without it all grants are gone', async () => {
    const somebody = await newOwner('required', ['user:read', 'role:read']);
    await tenant.arrange(
      `UPDATE roles SET requires_second_factor = true
       WHERE id = (SELECT role_id FROM role_assignments WHERE user_id = $1)`,
      [somebody.id],
    );
    const users = async (cookie: string) => (await asBrowser(cookie).get('/api/users')).status;
    const byPasskey = cookieIn(await give(await answer(somebody)));
    const byPassword = await signInByPassword(somebody.email);
    expect(await users(byPasskey)).toBe(200);
    expect(await users(byPassword)).toBe(403);
    // The session in which it was added saw both.
    expect(await users(somebody.cookie)).toBe(200);
    const [{ id } = { id: '' }] = (await asBrowser(byPasskey).get('/api/me/passkeys')).body.data;
    const removed = await asBrowser(byPasskey).post(`/api/me/passkeys/${id}/remove`, { password });
    expect(removed.status).toBe(204);
    expect(await users(byPasskey)).toBe(403);
    expectProblem(await asBrowser(somebody.cookie).get('/api/me/passkeys'), 401, 'unauthenticated');
  });

  test('whoever lost all is helped by an administrator, passkeys included', async () => {
    const somebody = await newOwner('lost');
    const byPasskey = cookieIn(await give(await answer(somebody)));
    expect((await tenant.owner.post(`/api/users/${somebody.id}/second-factor/reset`, {})).status).toBe(200);
    expectProblem(await asBrowser(byPasskey).get('/api/me/passkeys'), 401, 'unauthenticated');
    expectProblem(await give(await answer(somebody)), 401, 'passkey_refused');
  });
});

describe('a passkey of one’s own', () => {
  test('is renamed at its version, and is nobody else’s', async () => {
    const { cookie, created } = await newOwner('renames');
    const path = `/api/me/passkeys/${created.body.id}`;
    const client = asBrowser(cookie);
    const renamed = await client.patch(path, { name: 'Key ring' }, { 'if-match': '"1"' });
    expect([renamed.status, renamed.body.name, renamed.body.version]).toEqual([200, 'Key ring', 2]);
    expectProblem(await client.patch(path, { name: 'A' }, { 'if-match': '"1"' }), 412, 'stale');
    const stranger = asBrowser((await newOwner('stranger')).cookie);
    expectProblem(await stranger.patch(path, { name: 'A' }), 404, 'not_found');
    expectProblem(await stranger.post(`${path}/remove`, { password }), 404, 'not_found');
    expectProblem(await tenant.owner.patch(path, { name: 'A' }), 404, 'not_found');
  });

  test('is removed with the password alone, opens nothing afterwards, and its owner is told', async () => {
    const somebody = await newOwner('removes');
    const elsewhere = cookieIn(await give(await answer(somebody)));
    const path = `/api/me/passkeys/${somebody.created.body.id}/remove`;
    const client = asBrowser(somebody.cookie);
    expectProblem(await client.post(path, { password: 'wrong' }), 422, 'invalid');
    expect((await client.post(path, { password }, { 'x-request-id': 'remove-it' })).status).toBe(204);
    expectProblem(await asBrowser(elsewhere).get('/api/me/passkeys'), 401, 'unauthenticated');
    expectProblem(await give(await answer(somebody)), 401, 'passkey_refused');
    expectProblem(await client.post(path, { password }), 404, 'not_found');
    const [event] = await tenant.rows(`SELECT action FROM audit_events WHERE request_id = 'remove-it'`);
    expect(event).toEqual({ action: 'passkey.remove' });
    await tenant.home.runJobs();
    const mails = await tenant.rows('SELECT body FROM mailbox WHERE recipient = $1', [somebody.email]);
    expect(JSON.stringify(mails)).toContain('removed: Laptop');
  });
});

test('challenges that were answered are forgotten once they have run out', async () => {
  await tenant.arrange(`INSERT INTO spent_challenges (hash, expires_at) VALUES ('old', now() - interval '1 minute')`);
  await tenant.rows('SELECT sweep_expired()');
  expect(await tenant.rows(`SELECT hash FROM spent_challenges WHERE hash = 'old'`)).toEqual([]);
});
