import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/door.ts';
import { codeOf, ownFactor } from '../support/second-factor.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const password = 'correct horse battery';
let site: Site;
let tenant: TestTenant;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
});
afterAll(() => site?.stop());

const signIn = (email: string, more: object = {}, headers: Record<string, string> = {}) =>
  tenant.as(headers).post('/api/sessions', { email, password, ...more });
const cookieIn = ({ headers }: { headers: Headers }) => headers.get('set-cookie')?.split(';')[0] ?? '';
const asBrowser = (cookie: string) => tenant.as({ cookie, origin: tenant.origin });

/** Sets a factor up as its owner does. */
async function enrol(email: string) {
  const before = cookieIn(await signIn(email));
  const begun = await asBrowser(before).post('/api/me/second-factor', { password });
  const secret = String(begun.body.secret);
  // The step before, so that the code of now is still good afterwards.
  const confirmed = await asBrowser(before).post('/api/me/second-factor/confirm', { totp: await codeOf(secret, -1) });
  return {
    before,
    begun,
    secret,
    confirmed,
    cookie: cookieIn(confirmed),
    codes: confirmed.body.recovery_codes as string[],
  };
}

describe('a second factor', () => {
  test('counts once a code confirms it, is kept sealed, and is asked for after the right password alone', async () => {
    const id = await tenant.createUser({ email: 'totp@acme.test', password });
    const { before, begun, secret, confirmed, cookie, codes } = await enrol('totp@acme.test');
    expect([begun.status, confirmed.status]).toEqual([200, 200]);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(String(begun.body.uri)).toMatch(/^otpauth:\/\/totp\//);
    expect(codes).toHaveLength(10);
    // A new id after the change of what the session is worth.
    expectProblem(await asBrowser(before).get('/api/sessions'), 401, 'unauthenticated');
    expect((await asBrowser(cookie).get('/api/me/second-factor')).body).toMatchObject({
      is_enabled: true,
      recovery_codes_left: 10,
      has_password: true,
    });
    const kept = JSON.stringify(
      await tenant.rows(
        'SELECT to_jsonb(f) AS f FROM second_factors f UNION ALL SELECT to_jsonb(c) FROM recovery_codes c',
      ),
    );
    for (const clear of [secret, ...codes]) expect(kept).not.toContain(clear);
    const audited = JSON.stringify(await tenant.rows(`SELECT after FROM audit_changes WHERE row_id = $1`, [id]));
    expect(audited).not.toMatch(/v1\./);

    expectProblem(await signIn('totp@acme.test'), 401, 'second_factor_required');
    expectProblem(await signIn('totp@acme.test', { password: 'wrong horse battery' }), 401, 'invalid_credentials');
    expectProblem(await signIn('totp@acme.test', { totp: '000000' }), 401, 'second_factor_wrong');
    const [denied] = await tenant.rows(
      `SELECT outcome FROM audit_events WHERE details ->> 'code' = 'second_factor_wrong'`,
    );
    expect(denied).toEqual({ outcome: 'denied' });
  });

  test('takes a code once, even from two at once, and none of an earlier step', async () => {
    await tenant.createUser({ email: 'replay@acme.test', password });
    const { secret } = await enrol('replay@acme.test');
    const totp = await codeOf(secret, 1);
    const answers = await Promise.all([signIn('replay@acme.test', { totp }), signIn('replay@acme.test', { totp })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401]);
    expectProblem(await signIn('replay@acme.test', { totp: await codeOf(secret, 0) }), 401, 'second_factor_wrong');
  });

  test('takes each recovery code once, until there are new ones', async () => {
    await tenant.createUser({ email: 'recover@acme.test', password });
    const { cookie, codes, secret } = await enrol('recover@acme.test');
    expect((await signIn('recover@acme.test', { totp: codes[0]!.toUpperCase() })).status).toBe(201);
    expectProblem(await signIn('recover@acme.test', { totp: codes[0] }), 401, 'second_factor_wrong');
    const renewed = await asBrowser(cookie).post('/api/me/second-factor/recovery-codes', {
      password,
      totp: await codeOf(secret),
    });
    expect(renewed.status).toBe(200);
    expectProblem(await signIn('recover@acme.test', { totp: codes[1] }), 401, 'second_factor_wrong');
    const [fresh] = renewed.body.recovery_codes as string[];
    expect((await signIn('recover@acme.test', { totp: fresh })).status).toBe(201);
  });

  test('is removed with password and code, and not with one of them', async () => {
    await tenant.createUser({ email: 'remove@acme.test', password });
    const { cookie, codes } = await enrol('remove@acme.test');
    const remove = (body: object) => asBrowser(cookie).post('/api/me/second-factor/disable', body);
    expectProblem(await remove({ password: 'wrong horse battery', totp: codes[0] }), 422, 'invalid');
    expectProblem(await remove({ password, totp: '000000' }), 401, 'second_factor_wrong');
    expectProblem(await asBrowser(cookie).post('/api/me/second-factor', { password }), 409, 'conflict');
    expect((await remove({ password, totp: codes[0] })).status).toBe(200);
    expect((await signIn('remove@acme.test')).status).toBe(201);
  });

  test('is removed by an administrator for who lost it, who is told and signed out everywhere', async () => {
    const id = await tenant.createUser({ email: 'lost@acme.test', password });
    const { cookie } = await enrol('lost@acme.test');
    const reset = await tenant.owner.post(`/api/users/${id}/second-factor/reset`, {}, { 'x-request-id': 'reset-it' });
    expect([reset.status, reset.body.is_enabled]).toEqual([200, false]);
    expectProblem(await asBrowser(cookie).get('/api/sessions'), 401);
    expect((await signIn('lost@acme.test')).status).toBe(201);
    await tenant.home.runJobs();
    const mails = await tenant.rows(`SELECT subject FROM mailbox WHERE recipient = 'lost@acme.test'`);
    expect(JSON.stringify(mails)).toContain('removed by');
    const [event] = await tenant.rows(`SELECT action, resource_id FROM audit_events WHERE request_id = 'reset-it'`);
    expect(event).toEqual({ action: 'second_factor.reset', resource_id: id });
  });
});

test('whose role asks for a second factor sets it up first and can do nothing else until then', async () => {
  await tenant.createUser({ email: 'auditor@acme.test', password, role: 'auditor' });
  const [role] = await tenant.rows(`SELECT id FROM roles WHERE key = 'auditor'`);
  const early = cookieIn(await signIn('auditor@acme.test'));
  expect((await asBrowser(early).get('/api/users')).status).toBe(200);
  const required = await tenant.owner.send('PUT', `/api/roles/${role?.id}/second-factor`, { json: { required: true } });
  expect([required.status, required.body.requires_second_factor]).toEqual([200, true]);
  expectProblem(await asBrowser(early).get('/api/users'), 403, 'forbidden');
  expect((await asBrowser(early).get('/api/me/second-factor')).body).toMatchObject({ is_required: true });
  const { cookie } = await enrol('auditor@acme.test');
  expect((await asBrowser(cookie).get('/api/users')).status).toBe(200);
  await ownFactor(tenant, 'auditor@acme.test', null);
  expectProblem(await asBrowser(cookie).get('/api/users'), 403, 'forbidden');
});
