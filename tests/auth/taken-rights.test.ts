import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../server/auth/password.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { type Holding, type Site, startSite, type TestTenant } from '../support/tenant.ts';

// What is taken from somebody holds nowhere any more, not even in a request that was under way.

let site: Site;
let tenant: TestTenant;
let owner: Client;
let roles: Record<string, string>;
let org: string;

const PASSWORD = 'correct horse battery';
let people = 0;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  roles = Object.fromEntries((await owner.get('/api/roles')).body.data.map(({ key, id }) => [String(key), id]));
  org = (await owner.post('/api/merchant-orgs', { name: 'Harbor' })).body.id;
});
afterAll(() => site?.stop());

async function person(holding: Holding): Promise<{ id: string; email: string; cookie: string; client: Client }> {
  people += 1;
  const email = `person-${people}@taken.test`;
  const id = await tenant.createUser({ email, password: PASSWORD, ...holding });
  const signedIn = await tenant.as(null).post('/api/sessions', { email, password: PASSWORD });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { id, email, cookie, client: tenant.as({ cookie, origin: tenant.origin }) };
}

/** A request whose body comes only after something has happened, long after its headers. */
async function whileSending(
  headers: Record<string, string>,
  path: string,
  json: object,
  meanwhile: () => Promise<unknown>,
) {
  const bytes = new TextEncoder().encode(JSON.stringify(json));
  const body = new ReadableStream({
    async start(controller) {
      controller.enqueue(bytes.slice(0, 5));
      await new Promise((done) => setTimeout(done, 300));
      await meanwhile();
      controller.enqueue(bytes.slice(5));
      controller.close();
    },
  });
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body, duplex: 'half' };
  const response = await tenant.home.fetch(new Request(`${tenant.origin}${path}`, init as RequestInit));
  return { status: response.status, body: (await response.json()) as { code?: string } };
}

describe('a request that is held back', () => {
  const friend = () =>
    tenant.createUser({ email: `friend-${crypto.randomUUID()}@taken.test`, password: PASSWORD, role: [] });

  test.each([
    ['the account is removed', (id: string) => owner.delete(`/api/users/${id}`)],
    ['the account is disabled', (id: string) => owner.post(`/api/users/${id}/disable`, {})],
    [
      'the role is taken',
      async (id: string) => {
        const [held] = (await owner.get(`/api/role-assignments?user_id=${id}`)).body.data;
        return owner.delete(`/api/role-assignments/${held?.id}`);
      },
    ],
  ])('gives nothing when %s meanwhile', async (_, take) => {
    const admin = await person({ role: 'admin' });
    const body = { user_id: await friend(), role_id: roles.owner };
    const headers = { cookie: admin.cookie, origin: tenant.origin };
    const answer = await whileSending(headers, '/api/role-assignments', body, () => take(admin.id));
    expect([401, 403]).toContain(answer.status);
    expect((await owner.get(`/api/role-assignments?user_id=${body.user_id}&role_id=${roles.owner}`)).body.data).toEqual(
      [],
    );
  });

  test('does nothing when its key is revoked meanwhile', async () => {
    const created = (await owner.post('/api/api-keys', { name: 'Till', role_id: roles.owner })).body;
    const headers = { authorization: `Bearer ${created.key}` };
    const revoke = () => owner.delete(`/api/api-keys/${created.id}`);
    const answer = await whileSending(headers, '/api/merchant-orgs', { name: 'By a revoked key' }, revoke);
    expect(answer.status).toBe(401);
    expect((await owner.get('/api/merchant-orgs?q=revoked')).body.data).toEqual([]);
  });

  test('is done when nothing was taken from anybody', async () => {
    const admin = await person({ role: 'admin' });
    const headers = { cookie: admin.cookie, origin: tenant.origin };
    const answer = await whileSending(headers, '/api/merchant-orgs', { name: 'Slow' }, async () => {});
    expect(answer.status).toBe(201);
  });
});

describe('what somebody holds until a day', () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const later = new Date(Date.now() + 7_200_000).toISOString();

  test('they give until then, and no longer', async () => {
    const { client } = await person({ role: 'admin', expires_at: soon });
    const colleague = await tenant.createUser({ email: 'colleague@taken.test', password: PASSWORD, role: [] });
    const give = (expires_at?: string) =>
      client.post('/api/role-assignments', {
        user_id: colleague,
        role_id: roles.support,
        merchant_org_id: org,
        expires_at,
      });
    expectProblem(await give(), 403, 'forbidden');
    expectProblem(await give(later), 403, 'forbidden');
    const given = await give(soon);
    expect(given.status, given.text).toBe(201);
    for (const expires_at of [null, later]) {
      expectProblem(await client.patch(`/api/role-assignments/${given.body.id}`, { expires_at }), 403, 'forbidden');
    }
    const key = (expires_at?: string) =>
      client.post('/api/api-keys', { name: 'Till', role_id: roles.auditor, expires_at });
    expectProblem(await key(), 403, 'forbidden');
    expect((await key(soon)).status).toBe(201);
  });

  test('a key that ends does not put its own end off', async () => {
    const created = (await owner.post('/api/api-keys', { name: 'Short', role_id: roles.owner, expires_at: soon })).body;
    const own = tenant.as(String(created.key));
    expectProblem(await own.post(`/api/api-keys/${created.id}/rotate`, { expires_at: later }), 403, 'forbidden');
  });
});

describe('an id', () => {
  test('is one text: in capitals it is nobody’s', async () => {
    const admin = await person({ role: 'admin' });
    const shouted = admin.id.toUpperCase();
    const before = await tenant.contents();
    for (const refused of [
      await admin.client.post('/api/role-assignments', { user_id: shouted, role_id: roles.owner }),
      await admin.client.post(`/api/users/${shouted}/disable`, {}),
      await admin.client.delete(`/api/users/${shouted}`),
    ]) {
      expect([404, 422]).toContain(refused.status);
    }
    expect(await tenant.contents()).toEqual(before);
  });
});

describe('a scoped manager', () => {
  test('cannot tell somebody who works elsewhere from nobody', async () => {
    const { client } = await person({ role: 'merchant_manager', merchant_org_id: org });
    const elsewhere = await person({ role: 'admin' });
    const absent = '0190a0a0-0000-7000-8000-000000000000';
    const asks: ((id: string) => Promise<{ status: number; body: { code: string; detail: string } }>)[] = [
      (id) => client.get(`/api/users/${id}/access?merchant_org_id=${org}`),
      (id) => client.post(`/api/users/${id}/disable`, {}),
      (id) => client.patch(`/api/users/${id}`, { name: 'X' }),
      (id) => client.delete(`/api/users/${id}`),
      (id) =>
        client.post('/api/role-assignments', { user_id: id, role_id: roles.merchant_staff, merchant_org_id: org }),
    ];
    for (const ask of asks) {
      const [there, nowhere] = [await ask(elsewhere.id), await ask(absent)];
      expect([404, 422]).toContain(there.status);
      expect([there.status, there.body.code, there.body.detail]).toEqual([
        nowhere.status,
        nowhere.body.code,
        nowhere.body.detail,
      ]);
    }
  });
});

test('nobody removes their own second factor, or what asks for one, by an administrator’s way', async () => {
  const admin = await person({ role: 'admin' });
  expectProblem(await admin.client.post(`/api/users/${admin.id}/second-factor/reset`, {}), 409, 'second_person_needed');
  const put = await admin.client.send('PUT', `/api/roles/${roles.admin}/second-factor`, { json: { required: false } });
  expectProblem(put, 409, 'second_person_needed');
});

test('a sign-in that was under way when the password changed, or the account was disabled, opens nothing', async () => {
  const another = await hashPassword('another correct battery');
  for (const take of [
    (id: string) => tenant.arrange(`UPDATE users SET status = 'disabled' WHERE id = $1`, [id]),
    (id: string) => tenant.arrange('UPDATE users SET password_hash = $2 WHERE id = $1', [id, another]),
  ]) {
    const { id, email } = await person({ role: 'auditor' });
    await tenant.arrange('DELETE FROM sessions WHERE user_id = $1', [id]);
    const signIns = Array.from({ length: 4 }, () =>
      tenant.as(null).post('/api/sessions', { email, password: PASSWORD }),
    );
    await new Promise((done) => setTimeout(done, 20));
    await take(id);
    const after = await tenant.rows('SELECT count(*)::integer AS n FROM sessions WHERE user_id = $1', [id]);
    await Promise.all(signIns);
    const late = await tenant.rows('SELECT count(*)::integer AS n FROM sessions WHERE user_id = $1', [id]);
    expect(late).toEqual(after);
  }
});
