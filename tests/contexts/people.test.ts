import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { invitationRead } from '../../server/contexts/user/operations.ts';
import { anonymous } from '../../server/operations/actor.ts';
import { execute } from '../../server/operations/execute.ts';
import { type Body, type Client, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
let roles: Record<string, string>;
let org: string;
let otherOrg: string;
let merchant: string;

const PASSWORD = 'correct horse battery';
const ABSENT = '0190a0a0-0000-7000-8000-000000000000';
const newEmail = () => `person-${randomBytes(6).toString('hex')}@people.test`;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  roles = Object.fromEntries((await owner.get('/api/roles')).body.data.map(({ key, id }) => [String(key), id]));
  org = (await owner.post('/api/merchant-orgs', { name: 'Harbor' })).body.id;
  otherOrg = (await owner.post('/api/merchant-orgs', { name: 'Valley' })).body.id;
  merchant = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'Pine' })).body.id;
});
afterAll(() => site?.stop());

type Holding = { role?: string | readonly string[]; merchant_org_id?: string; merchant_id?: string };

/** Somebody who is signed in at a browser. */
async function person(holding: Holding = {}): Promise<{ id: string; client: Client; email: string }> {
  const email = newEmail();
  const id = await tenant.createUser({ email, password: PASSWORD, ...holding });
  const signedIn = await tenant.as(null).post('/api/sessions', { email, password: PASSWORD });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { id, email, client: tenant.as({ cookie, origin: tenant.origin }) };
}

async function mailedLink(email: string): Promise<string> {
  const rows = await tenant.rows(
    `SELECT payload ->> 'sealed_body' AS sealed FROM outbox WHERE payload ->> 'recipient' = $1 ORDER BY id DESC LIMIT 1`,
    [email],
  );
  const body = await tenant.home.runtime.services.sealer.open(`mail ${email}`, String(rows[0]?.sealed));
  return /\/invitations\/(\S+)/.exec(body)?.[1] ?? '';
}

const invite = (body: object, as = owner, headers = {}) =>
  as.post('/api/users', { name: 'New', email: newEmail(), roles: [{ role_id: roles.auditor }], ...body }, headers);

const accept = (token: string) =>
  tenant.as(null).post('/api/invitations/accept', { token, name: 'New', password: PASSWORD });

describe('an invitation', () => {
  test('is mailed, accepted once, and then its roles hold', async () => {
    const email = newEmail();
    const expires_at = '2090-01-01T00:00:00.000000Z';
    const invited = await invite({
      email: email.toUpperCase(),
      roles: [{ role_id: roles.support, merchant_org_id: org, expires_at }],
    });
    expect(invited.status, invited.text).toBe(201);
    expect(invited.body).toMatchObject({
      email,
      status: 'invited',
      roles: [{ role_name: 'Support', merchant_org_id: org, place: 'Harbor', expires_at, is_expired: false }],
      invitation_expires_at: expect.any(String),
      last_seen_at: null,
    });
    const token = await mailedLink(email);
    const [mail] = await tenant.rows(
      `SELECT payload ->> 'subject' AS subject FROM outbox WHERE payload ->> 'recipient' = $1`,
      [email],
    );
    expect(mail?.subject).toMatch(/ invites you to Harbor$/);
    expect(token).toHaveLength(43);
    expect(invited.text).not.toContain(token);
    expect((await accept(token)).status).toBe(200);
    expectProblem(await accept(token), 404, 'not_found');
    const user = (await owner.get(`/api/users/${invited.body.id}`)).body;
    expect(user).toMatchObject({ status: 'active', invitation_expires_at: null });
    expect((await tenant.as(null).post('/api/sessions', { email, password: PASSWORD })).status).toBe(201);
  });

  test('is mailed again with another link, and the link before is void', async () => {
    const email = newEmail();
    const invited = await invite({ email });
    const before = await mailedLink(email);
    expect((await owner.post(`/api/users/${invited.body.id}/invitation`, {})).status).toBe(200);
    const after = await mailedLink(email);
    expect(after).not.toBe(before);
    expectProblem(await accept(before), 404, 'not_found');
    expect((await accept(after)).status).toBe(200);
    expectProblem(await owner.post(`/api/users/${invited.body.id}/invitation`, {}), 409, 'conflict');
  });

  test('that is taken back, or has expired, is void', async () => {
    const [gone, late] = [newEmail(), newEmail()];
    const removed = await invite({ email: gone });
    const token = await mailedLink(gone);
    expect((await owner.delete(`/api/users/${removed.body.id}`)).status).toBe(204);
    expectProblem(await accept(token), 404, 'not_found');
    const expired = await invite({ email: late });
    await tenant.arrange(`UPDATE invitations SET expires_at = now() WHERE user_id = $1`, [expired.body.id]);
    expectProblem(await accept(await mailedLink(late)), 404, 'not_found');
  });

  test('tells who holds its link where and as what, until it is used, replaced or over', async () => {
    const read = async (token: string) => {
      const call = { requestId: 'read', door: 'page' } as const;
      return (await execute(tenant.home.runtime, invitationRead, anonymous, { token }, call)).data.data;
    };
    const email = newEmail();
    const { id } = (await invite({ email, roles: [{ role_id: roles.merchant_manager, merchant_id: merchant }] })).body;
    const first = await mailedLink(email);
    const told = { email, name: 'New', roles: [{ role: 'Merchant manager', place: 'Pine' }] };
    expect(await read(first)).toEqual(told);
    expect(await read(`${first}x`)).toBeNull();
    expect((await owner.post(`/api/users/${id}/invitation`, {})).status).toBeLessThan(300);
    const second = await mailedLink(email);
    expect(await read(first)).toBeNull();
    expect(await read(second)).toEqual(told);
    expect((await accept(second)).status).toBe(200);
    expect(await read(second)).toBeNull();
    const late = newEmail();
    await invite({ email: late });
    const over = await mailedLink(late);
    expect(await read(over)).not.toBeNull();
    await tenant.arrange(`UPDATE invitations SET expires_at = now() WHERE accepted_at IS NULL`);
    expect(await read(over)).toBeNull();
  });

  test('sent twice under one key is one invitation and one mail', async () => {
    const body = { email: newEmail() };
    const key = { 'idempotency-key': 'invite-once' };
    const [first, second] = [await invite(body, owner, key), await invite(body, owner, key)];
    expect(second.body).toEqual(first.body);
    const mails = await tenant.rows(`SELECT 1 FROM outbox WHERE payload ->> 'recipient' = $1`, [body.email]);
    expect(mails).toHaveLength(1);
  });

  test.each([
    ['without a role', { roles: [] }, 422],
    ['to somebody who is here', { email: 'taken@people.test' }, 409],
    ['with a role that does not exist', { roles: [{ role_id: ABSENT }] }, 422],
    ['at a merchant that does not exist', { roles: [{ role_id: ABSENT, merchant_id: ABSENT }] }, 422],
    ['that is over before it begins', { roles: [{ role_id: ABSENT, expires_at: '2020-01-01T00:00:00Z' }] }, 422],
    ['with an address that is none', { email: 'nobody' }, 422],
  ])('%s is refused, and changes nothing', async (_, body, status) => {
    if (status === 409) await tenant.createUser({ email: 'taken@people.test', password: PASSWORD });
    const before = await tenant.contents();
    expectProblem(await invite(body), status);
    expect(await tenant.contents()).toEqual(before);
  });

  test('with the same role twice at one place is refused, and changes nothing', async () => {
    const twice = { role_id: roles.support, merchant_org_id: org };
    const before = await tenant.contents();
    expectProblem(await invite({ roles: [twice, twice] }), 422, 'invalid');
    expect(await tenant.contents()).toEqual(before);
  });
});

describe('an account', () => {
  test('that is disabled ends every session, cannot sign in, and comes back with its roles', async () => {
    const { id, client, email } = await person({ role: 'support' });
    expect((await client.get('/api/users')).status).toBe(200);
    const disabled = await owner.post(`/api/users/${id}/disable`, {});
    expect(disabled.body).toMatchObject({ status: 'disabled', roles: [{ role_name: 'Support' }] });
    expectProblem(await client.get('/api/users'), 401, 'unauthenticated');
    const signIn = () => tenant.as(null).post('/api/sessions', { email, password: PASSWORD });
    expectProblem(await signIn(), 401, 'invalid_credentials');
    expect((await owner.post(`/api/users/${id}/enable`, {})).body.status).toBe('active');
    expect((await signIn()).status).toBe(201);
    expectProblem(await client.get('/api/users'), 401, 'unauthenticated');
  });

  test('that is removed is gone with its sessions and roles; the trail keeps what it did', async () => {
    const { id, client } = await person({ role: 'sales' });
    await client.post('/api/merchant-orgs', { name: 'By the one who left' });
    expect((await owner.delete(`/api/users/${id}`)).status).toBe(204);
    expectProblem(await client.get('/api/users'), 401);
    expectProblem(await owner.get(`/api/users/${id}`), 404, 'not_found');
    expect(await tenant.rows('SELECT 1 FROM role_assignments WHERE user_id = $1', [id])).toEqual([]);
    const { data } = (await owner.get(`/api/audit-logs?actor_id=${id}&action=merchant_org.create`)).body;
    expect(data).toHaveLength(1);
  });

  test('is changed under If-Match only while nobody else changed it', async () => {
    const { id } = await person({ role: 'sales' });
    const { version } = (await owner.get(`/api/users/${id}`)).body;
    const at = { 'if-match': `"${version}"` };
    expect((await owner.patch(`/api/users/${id}`, { name: 'Once' }, at)).body.name).toBe('Once');
    expectProblem(await owner.patch(`/api/users/${id}`, { name: 'Twice' }, at), 412, 'stale');
  });

  test('is one that its person names and does not switch off', async () => {
    const { id, client } = await person({ role: 'owner' });
    expect((await client.patch('/api/me', { name: 'As I like' })).body).toEqual({ name: 'As I like' });
    expect((await owner.get(`/api/users/${id}`)).body.name).toBe('As I like');
    for (const refused of [
      await client.post(`/api/users/${id}/disable`, {}),
      await client.post(`/api/users/${id}/enable`, {}),
      await client.delete(`/api/users/${id}`),
    ]) {
      expectProblem(refused, 409, 'second_person_needed');
    }
  });

  test('of somebody who holds more is not managed by those who hold less', async () => {
    const helper = await person({
      role: ['user:read', 'user:update', 'user:disable', 'user:remove', 'user:invite', 'merchant:read'],
    });
    const [above, below] = [await person({ role: 'finance' }), await person({ role: ['merchant:read'] })];
    const before = await tenant.contents();
    for (const act of [
      () => helper.client.patch(`/api/users/${above.id}`, { name: 'Taken over' }),
      () => helper.client.post(`/api/users/${above.id}/disable`, {}),
      () => helper.client.delete(`/api/users/${above.id}`),
    ]) {
      expectProblem(await act(), 403, 'forbidden');
    }
    expect(await tenant.contents()).toEqual(before);
    expect((await helper.client.delete(`/api/users/${below.id}`)).status).toBe(204);
  });
});

describe('the last owner', () => {
  /** A tenant with exactly these owners, who are active, for the whole tenant and without end. */
  async function onlyOwners(...ids: string[]): Promise<void> {
    await tenant.arrange(
      `DELETE FROM role_assignments a USING roles r WHERE r.id = a.role_id AND r.key = 'owner' AND NOT a.user_id = ANY ($1)`,
      [ids],
    );
  }
  /** Somebody who owns the tenant and never signs in. */
  async function newOwner(): Promise<string> {
    const [user] = await tenant.arrange(
      `INSERT INTO users (email, name, status) VALUES ($1, 'Owner', 'active') RETURNING id`,
      [newEmail()],
    );
    await tenant.arrange('INSERT INTO role_assignments (user_id, role_id) VALUES ($1, $2)', [user?.id, roles.owner]);
    return String(user?.id);
  }
  const assignmentOf = async (user: string) =>
    (await owner.get(`/api/role-assignments?user_id=${user}&role_id=${roles.owner}`)).body.data[0] as Body;

  test('cannot be disabled, removed, demoted or given an end', async () => {
    const { id } = await person({ role: 'owner' });
    await onlyOwners(id);
    const held = await assignmentOf(id);
    const before = await tenant.contents();
    for (const refused of [
      await owner.post(`/api/users/${id}/disable`, {}),
      await owner.delete(`/api/users/${id}`),
      await owner.delete(`/api/role-assignments/${held.id}`),
      await owner.patch(`/api/role-assignments/${held.id}`, { expires_at: '2090-01-01T00:00:00Z' }),
    ]) {
      expectProblem(refused, 409, 'last_owner');
    }
    expect(await tenant.contents()).toEqual(before);
  });

  test.each([
    ['who is only invited', async () => String((await invite({ roles: [{ role_id: roles.owner }] })).body.id)],
    ['who is disabled', () => tenant.createUser({ email: newEmail(), password: PASSWORD, status: 'disabled' })],
    [
      'until a day',
      () => tenant.createUser({ email: newEmail(), password: PASSWORD, expires_at: '2090-01-01T00:00:00Z' }),
    ],
    ['of one MerchantOrg', () => tenant.createUser({ email: newEmail(), password: PASSWORD, merchant_org_id: org })],
  ])('is not replaced by an owner %s', async (_, another) => {
    const { id } = await person({ role: 'owner' });
    await onlyOwners(id, await another());
    expectProblem(await owner.delete(`/api/users/${id}`), 409, 'last_owner');
  });

  test('stays when two owners are taken away at the same moment, in any way', async () => {
    const ways: ((id: string) => Promise<{ status: number }>)[] = [
      (id) => owner.post(`/api/users/${id}/disable`, {}),
      (id) => owner.delete(`/api/users/${id}`),
      async (id) => owner.delete(`/api/role-assignments/${(await assignmentOf(id)).id}`),
    ];
    for (const first of ways) {
      for (const second of ways) {
        const [one, two] = [await newOwner(), await newOwner()];
        await onlyOwners(one, two);
        const answers = await Promise.all([first(one), second(two)]);
        const failed = answers.filter(({ status }) => status >= 400);
        expect(failed.map(({ status }) => status)).toEqual([409]);
        const [left] = await tenant.rows(
          `SELECT count(*)::integer AS owners FROM role_assignments a JOIN roles r ON r.id = a.role_id AND r.key = 'owner'
           JOIN users u ON u.id = a.user_id AND u.status = 'active'
           WHERE a.merchant_org_id IS NULL AND a.merchant_id IS NULL AND a.expires_at IS NULL`,
        );
        expect(left).toEqual({ owners: 1 });
      }
    }
  });

  test('is kept by the database, whoever asks it', async () => {
    const { id } = await person({ role: 'owner' });
    await onlyOwners(id);
    for (const statement of [
      `UPDATE users SET status = 'disabled' WHERE id = $1`,
      'DELETE FROM users WHERE id = $1',
      'DELETE FROM role_assignments WHERE user_id = $1',
      `UPDATE role_assignments SET expires_at = now() + interval '1 day' WHERE user_id = $1`,
      `UPDATE role_assignments SET merchant_org_id = '${org}' WHERE user_id = $1`,
    ]) {
      await expect(tenant.arrange(statement, [id])).rejects.toThrow('last_owner');
    }
  });
});

describe('staff of one MerchantOrg', () => {
  test('see those who work there, and of their roles those that hold there', async () => {
    const manager = await person({ role: 'merchant_manager', merchant_org_id: org });
    const both = await tenant.createUser({
      email: newEmail(),
      password: PASSWORD,
      role: 'merchant_staff',
      merchant_id: merchant,
    });
    await tenant.arrange('INSERT INTO role_assignments (user_id, role_id, merchant_org_id) VALUES ($1, $2, $3)', [
      both,
      roles.merchant_manager,
      otherOrg,
    ]);
    const stranger = await tenant.createUser({ email: newEmail(), password: PASSWORD, merchant_org_id: otherOrg });
    const seen = (await manager.client.get('/api/users?limit=200')).body.data;
    expect(seen.map(({ id }) => id)).toEqual(expect.arrayContaining([manager.id, both]));
    expect(seen.map(({ id }) => id)).not.toContain(stranger);
    const shown = seen.find(({ id }) => id === both);
    expect(shown?.roles).toMatchObject([{ merchant_id: merchant, place: 'Pine' }]);
    expectProblem(await manager.client.get(`/api/users/${stranger}`), 404, 'not_found');
    expect((await manager.client.get(`/api/users?merchant_org_id=${otherOrg}`)).body.data).toEqual([]);
    const assignments = (await manager.client.get('/api/role-assignments?limit=200')).text;
    expect(assignments).not.toContain(otherOrg);
    expect(assignments).not.toContain(stranger);
  });

  test('invite there, and nowhere else, and give no more than they hold', async () => {
    const { client } = await person({ role: 'merchant_manager', merchant_org_id: org });
    const at = (role: string | undefined, place: object) => invite({ roles: [{ role_id: role, ...place }] }, client);
    const invited = await at(roles.merchant_staff, { merchant_id: merchant });
    expect(invited.status, invited.text).toBe(201);
    expect((await at(roles.merchant_manager, { merchant_org_id: org })).status).toBe(201);
    expectProblem(await at(roles.merchant_staff, {}), 403, 'forbidden');
    expectProblem(await at(roles.finance, { merchant_org_id: org }), 403, 'forbidden');
    for (const place of [{ merchant_org_id: otherOrg }, { merchant_org_id: ABSENT }]) {
      const refused = await at(roles.merchant_staff, place);
      expectProblem(refused, 422, 'invalid');
      expect(refused.body.errors).toEqual({ merchant_org_id: ['does not exist'] });
    }
  });

  test('do not switch off whoever works elsewhere, too', async () => {
    const { client } = await person({ role: 'merchant_manager', merchant_org_id: org });
    const both = await tenant.createUser({
      email: newEmail(),
      password: PASSWORD,
      role: 'merchant_staff',
      merchant_org_id: org,
    });
    await tenant.arrange('INSERT INTO role_assignments (user_id, role_id, merchant_org_id) VALUES ($1, $2, $3)', [
      both,
      roles.merchant_staff,
      otherOrg,
    ]);
    expectProblem(await client.post(`/api/users/${both}/disable`, {}), 403, 'forbidden');
    expectProblem(await client.post(`/api/users/${ABSENT}/disable`, {}), 404, 'not_found');
  });
});
