import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { weaknessOf } from '../../server/auth/password-policy.ts';
import { Home } from '../../server/home.ts';
import { hashSecret } from '../../tenants/credentials.ts';
import { clientOf, doorOf, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const password = 'correct horse battery';
let site: Site;
let tenant: TestTenant;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
});
afterAll(() => site?.stop());

const nobody = () => tenant.as(null);
const signIn = (email: string, given = password) => nobody().post('/api/sessions', { email, password: given });

async function cookieOf(email: string, given = password) {
  return (await signIn(email, given)).headers.get('set-cookie')?.split(';')[0] ?? '';
}

const asBrowser = (cookie: string) => tenant.as({ cookie, origin: tenant.origin });

async function mailsTo(recipient: string) {
  await tenant.home.runJobs();
  return tenant.rows('SELECT subject, body FROM mailbox WHERE recipient = $1 ORDER BY created_at, id', [recipient]);
}

async function linkFor(email: string): Promise<string> {
  expect((await nobody().post('/api/password-resets', { email })).status).toBe(204);
  const mail = (await mailsTo(email)).findLast(({ subject }) => String(subject).startsWith('Reset'));
  return /\/reset\/(\S+)/.exec(String(mail?.body))?.[1] ?? '';
}

const use = (token: string, given = 'a brand new battery') =>
  nobody().post('/api/password-resets/use', { token, password: given });

describe('a reset', () => {
  test('sets the password through a mailed link, once, ends all sessions, and tells the owner', async () => {
    await tenant.createUser({ email: 'forgot@acme.test', password });
    const before = await cookieOf('forgot@acme.test');
    const token = await linkFor('forgot@acme.test');
    const used = await use(token);
    expect([used.status, used.body.email]).toEqual([200, 'forgot@acme.test']);
    expectProblem(await asBrowser(before).get('/api/sessions'), 401, 'unauthenticated');
    expect((await signIn('forgot@acme.test')).status).toBe(401);
    expect((await signIn('forgot@acme.test', 'a brand new battery')).status).toBe(201);
    expectProblem(await use(token), 404, 'not_found');
    expect((await mailsTo('forgot@acme.test')).map(({ subject }) => subject)).toContain(
      `Your password of ${tenant.record.name} was changed`,
    );
    const [event] = await tenant.rows(`SELECT actor_type FROM audit_events WHERE action = 'password_reset.use'`);
    expect(event).toEqual({ actor_type: 'staff' });
    const audited = JSON.stringify(await tenant.rows('SELECT before, after FROM audit_changes'));
    expect(audited).not.toContain(hashSecret(token));
  });

  test('is kept as a hash; an expired link, and one before the last, are not there', async () => {
    await tenant.createUser({ email: 'late@acme.test', password });
    const first = await linkFor('late@acme.test');
    const second = await linkFor('late@acme.test');
    expect(await tenant.rows('SELECT 1 AS one FROM password_resets WHERE token_hash = $1', [second])).toEqual([]);
    expectProblem(await use(first), 404, 'not_found');
    await tenant.arrange(`UPDATE password_resets SET expires_at = now() WHERE token_hash = $1`, [hashSecret(second)]);
    expectProblem(await use(second), 404, 'not_found');
    expectProblem(await use('a-token-that-nobody-made'), 404, 'not_found');
  });

  test('asked for does the same and answers the same whether anybody has the address or not', async () => {
    await tenant.createUser({ email: 'somebody@acme.test', password });
    await tenant.createUser({ email: 'off@acme.test', password, status: 'disabled' });
    const seen = [];
    for (const email of ['somebody@acme.test', 'nobody@acme.test', 'off@acme.test']) {
      const answer = await nobody().post('/api/password-resets', { email }, { 'x-request-id': `for-${email}` });
      const [left] = await tenant.rows(
        `SELECT (SELECT count(*) FROM jobs WHERE state = 'queued' AND operation = 'password_reset.mail') AS jobs,
           (SELECT string_agg(actor_id || ' ' || outcome, ',') FROM audit_events WHERE request_id = $1) AS events`,
        [`for-${email}`],
      );
      seen.push([answer.status, answer.text, left]);
      await tenant.home.runJobs();
    }
    expect(new Set(seen.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(await mailsTo('nobody@acme.test')).toEqual([]);
    expect(await mailsTo('off@acme.test')).toEqual([]);
  });
});

test('signing in hashes once, whether anybody has the address or not', async () => {
  await tenant.createUser({ email: 'counted@acme.test', password });
  const verify = vi.fn(async () => false);
  const ports = { verify, hash: async () => 'unused' };
  const counted = tenant.anotherHome();
  vi.spyOn(counted.runtime.services.passwords, 'verify').mockImplementation(ports.verify);
  expect(counted).toBeInstanceOf(Home);
  const client = clientOf(doorOf(counted, tenant.origin), null);
  for (const email of ['counted@acme.test', 'uncounted@acme.test']) {
    expect((await client.post('/api/sessions', { email, password })).status).toBe(401);
  }
  expect(verify.mock.calls.length).toBe(2);
});

describe('changing the own password', () => {
  test('needs the one before, ends the other sessions, and gives this one a new id', async () => {
    await tenant.createUser({ email: 'changes@acme.test', password });
    const [here, elsewhere] = [await cookieOf('changes@acme.test'), await cookieOf('changes@acme.test')];
    const change = (current_password: string, given: string) =>
      asBrowser(here).post('/api/me/password', { current_password, password: given });
    const refused = await change('wrong horse battery', 'a brand new battery');
    expectProblem(refused, 422, 'invalid');
    expect(refused.body.errors).toEqual({ current_password: ['is wrong'] });
    const changed = await change(password, 'a brand new battery');
    expect([changed.status, Object.keys(changed.body)]).toEqual([200, ['expires_at']]);
    const fresh = changed.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(fresh).not.toBe(here);
    for (const old of [here, elsewhere]) expectProblem(await asBrowser(old).get('/api/sessions'), 401);
    expect((await asBrowser(fresh).get('/api/sessions')).status).toBe(200);
    expect((await signIn('changes@acme.test', 'a brand new battery')).status).toBe(201);
    expectProblem(await tenant.owner.post('/api/me/password', { current_password: 'x', password }), 401);
  });

  test('to one that is tried first, or made of what is known, is refused', async () => {
    await tenant.createUser({ email: 'weak@acme.test', password });
    const client = asBrowser(await cookieOf('weak@acme.test'));
    for (const weak of ['password123456!', 'weak@acme.test', `${tenant.slug}2026`, 'abcdefghijklm']) {
      const refused = await client.post('/api/me/password', { current_password: password, password: weak });
      expectProblem(refused, 422, 'invalid');
      expect(Object.keys(refused.body.errors)).toEqual(['password']);
    }
  });
});

test.each(['qwerty123456', 'P@ssw0rd1234!', 'dragondragon', 'aaaaaaaaaaaa', '123456789012', '1qaz2wsx3edc'])(
  '%s is weak',
  (weak) => expect(weaknessOf(weak, [])).not.toBeNull(),
);

test.each(['correct horse battery', 'tulip-lorry-09-window', 'Xk2!mmq9Lw#r0'])('%s is good enough', (good) => {
  expect(weaknessOf(good, ['Acme', 'Owner', 'owner@acme.test'])).toBeNull();
});
