import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { permissions as everyPermission, operations } from '../../server/operations/registry.ts';
import { type Body, type Client, expectProblem } from '../support/door.ts';
import { type Holding, type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;
let roles: Record<string, string>;
let org: string;
let otherOrg: string;
let merchant: string;
let sibling: string;

const PASSWORD = 'correct horse battery';
const unique = (stem: string) => `${stem}-${randomBytes(6).toString('hex')}`;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  roles = Object.fromEntries((await owner.get('/api/roles')).body.data.map(({ key, id }) => [String(key), id]));
  org = (await owner.post('/api/merchant-orgs', { name: 'Harbor' })).body.id;
  otherOrg = (await owner.post('/api/merchant-orgs', { name: 'Valley' })).body.id;
  merchant = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'Pine' })).body.id;
  sibling = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'Oak' })).body.id;
});
afterAll(() => site?.stop());

const newRole = async (permissions: readonly string[], as = owner) =>
  as.post('/api/roles', { name: unique('Role'), permissions });
const newUser = (holding: Holding = { role: [] }) =>
  tenant.createUser({ email: `${unique('person')}@roles.test`, password: PASSWORD, ...holding });

async function person(holding: Holding): Promise<{ id: string; client: Client }> {
  const email = `${unique('person')}@roles.test`;
  const id = await tenant.createUser({ email, password: PASSWORD, ...holding });
  const signedIn = await tenant.as(null).post('/api/sessions', { email, password: PASSWORD });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { id, client: tenant.as({ cookie, origin: tenant.origin }) };
}

describe('the permissions', () => {
  test('are listed with the operations that ask for them, and none is missing', async () => {
    const { data } = (await owner.get('/api/permissions')).body;
    expect(data.map(({ permission }) => permission)).toEqual(everyPermission);
    const listed = data.flatMap((each) => (each.operations as { name: string }[]).map(({ name }) => name));
    const asking = operations
      .filter(({ permission, alsoRequires }) => permission !== null || alsoRequires)
      .map(({ name }) => name);
    expect(new Set(listed)).toEqual(new Set(asking));
  });
});

describe('a role of one’s own', () => {
  test('is made, changed and deleted, and gives what it lists at once', async () => {
    const created = await newRole(['merchant:read', 'tenant:read', 'merchant:read']);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      is_built_in: false,
      permissions: ['merchant:read', 'tenant:read'],
      holders: 0,
    });
    const { id, client } = await person({ role: [] });
    await owner.post('/api/role-assignments', { user_id: id, role_id: created.body.id });
    expect((await client.get('/api/merchants')).status).toBe(200);
    const changed = await owner.patch(`/api/roles/${created.body.id}`, { permissions: ['tenant:read'] });
    expect(changed.body).toMatchObject({ permissions: ['tenant:read'], holders: 1, version: 2 });
    expectProblem(await client.get('/api/merchants'), 403, 'forbidden');
    const inUse = await owner.delete(`/api/roles/${created.body.id}`);
    expectProblem(inUse, 409, 'role_in_use');
    expect(inUse.body).toMatchObject({ people: 1, keys: 0 });
    await owner.delete(`/api/users/${id}`);
    expect((await owner.delete(`/api/roles/${created.body.id}`)).status).toBe(204);
    expectProblem(await owner.get(`/api/roles/${created.body.id}`), 404, 'not_found');
  });

  test('is refused with a permission that nothing asks for, or a name that is taken', async () => {
    const { name } = (await newRole(['merchant:read'])).body;
    const before = await tenant.contents();
    const unknown = await newRole(['merchant:read', 'merchant:fly']);
    expectProblem(unknown, 422, 'invalid');
    expect(Object.keys(unknown.body.errors)).toEqual(['permissions']);
    expectProblem(await owner.post('/api/roles', { name, permissions: [] }), 409, 'conflict');
    expect(await tenant.contents()).toEqual(before);
  });

  test('takes a key’s permissions away in the middle of its work', async () => {
    const { id } = (await newRole(['merchant:read', 'merchant_org:create'])).body;
    const key = String((await owner.post('/api/api-keys', { name: 'Till', role_id: id })).body.key);
    const create = () => tenant.as(key).post('/api/merchant-orgs', { name: 'By key' });
    expect((await create()).status).toBe(201);
    await owner.patch(`/api/roles/${id}`, { permissions: ['merchant:read'] });
    expectProblem(await create(), 403, 'forbidden');
  });

  test('is not changed by whoever holds it, and a built-in one by nobody', async () => {
    const { id } = (await newRole(['merchant:read'])).body;
    const { client, id: user } = await person({ role: 'owner' });
    await owner.post('/api/role-assignments', { user_id: user, role_id: id, merchant_id: merchant });
    const before = await tenant.contents();
    expectProblem(await client.patch(`/api/roles/${id}`, { permissions: [] }), 409, 'second_person_needed');
    expectProblem(await client.delete(`/api/roles/${id}`), 409, 'second_person_needed');
    expectProblem(await owner.patch(`/api/roles/${roles.support}`, { permissions: [] }), 409, 'conflict');
    expectProblem(await owner.delete(`/api/roles/${roles.support}`), 409, 'conflict');
    expect(await tenant.contents()).toEqual(before);
  });
});

describe('nobody gives what they lack:', () => {
  const HELD = ['role:create', 'role:update', 'role:read', 'role_assignment:create', 'merchant:read', 'tenant:read'];

  test('not by a new role, nor by changing one', async () => {
    const { client } = await person({ role: HELD });
    expect((await newRole(['merchant:read'], client)).status).toBe(201);
    const { id } = (await newRole(['merchant:read', 'audit:read'])).body;
    const before = await tenant.contents();
    expectProblem(await newRole(['merchant:read', 'merchant:update'], client), 403, 'forbidden');
    expectProblem(
      await client.patch(`/api/roles/${id}`, { permissions: ['merchant:read', 'audit:read', 'merchant:update'] }),
      403,
      'forbidden',
    );
    expect(await tenant.contents()).toEqual(before);
    // What the role gives already is no gift.
    expect((await client.patch(`/api/roles/${id}`, { permissions: ['tenant:read', 'audit:read'] })).status).toBe(200);
  });

  test('not by an assignment, whatever the role and wherever', async () => {
    const places = [
      {},
      { merchant_org_id: org },
      { merchant_org_id: otherOrg },
      { merchant_id: merchant },
      { merchant_id: sibling },
    ];
    const reaches = [[0, 1, 2, 3, 4], [1, 3, 4], [2], [3], [4]];
    const wide = (await newRole([...HELD, 'audit:read'])).body.id;
    const narrow = (await newRole(['merchant:read'])).body.id;
    for (const [held, place] of places.entries()) {
      const giver = await person({ role: HELD, ...place });
      for (const [wanted, at] of places.entries()) {
        const colleague = await newUser({ role: ['tenant:read'], ...place });
        const give = (role_id: string) =>
          giver.client.post('/api/role-assignments', { user_id: colleague, role_id, ...at });
        const isReached = reaches[held]?.includes(wanted);
        const given = await give(narrow);
        expect([held, wanted, given.status]).toEqual([held, wanted, isReached ? 201 : wanted === 0 ? 403 : 422]);
        expect((await give(wide)).status).toBe(isReached || wanted === 0 ? 403 : 422);
      }
    }
  });

  test('not to themselves, and nobody takes or prolongs their own', async () => {
    const { id, client } = await person({ role: 'owner' });
    const [held] = (await owner.get(`/api/role-assignments?user_id=${id}`)).body.data as Body[];
    const before = await tenant.contents();
    for (const refused of [
      await client.post('/api/role-assignments', { user_id: id, role_id: roles.auditor }),
      await client.patch(`/api/role-assignments/${held?.id}`, { expires_at: null }),
      await client.delete(`/api/role-assignments/${held?.id}`),
    ]) {
      expectProblem(refused, 409, 'second_person_needed');
    }
    expect(await tenant.contents()).toEqual(before);
  });

  test('nor does anybody take from those who hold more', async () => {
    const { client } = await person({ role: ['role_assignment:delete', 'role_assignment:update', 'merchant:read'] });
    const above = await newUser({ role: 'finance' });
    const [held] = (await owner.get(`/api/role-assignments?user_id=${above}`)).body.data as Body[];
    expectProblem(await client.delete(`/api/role-assignments/${held?.id}`), 403, 'forbidden');
    expectProblem(await client.patch(`/api/role-assignments/${held?.id}`, { expires_at: '2090-01-01T00:00:00Z' }), 403);
  });

  test('not by taking back, in the middle of a change, what somebody else took out meanwhile', async () => {
    const { client } = await person({ role: HELD });
    const { id } = (await newRole(['merchant:read', 'audit:read'])).body;
    const [put, taken] = await Promise.all([
      client.patch(`/api/roles/${id}`, { permissions: ['merchant:read', 'audit:read', 'tenant:read'] }),
      owner.patch(`/api/roles/${id}`, { permissions: ['merchant:read'] }),
    ]);
    expect(taken.status).toBe(200);
    const { permissions } = (await owner.get(`/api/roles/${id}`)).body;
    // Whichever came last: what was taken out is not put back by somebody without it.
    expect(permissions).toEqual(['merchant:read']);
    expect([200, 403]).toContain(put.status);
  });
});

describe('an assignment', () => {
  test('is held once at a place, tells who gave it, and ends when it says', async () => {
    const { id: giver, client } = await person({ role: 'owner' });
    const { id, client: holder } = await person({ role: [] });
    const body = { user_id: id, role_id: roles.support, merchant_id: merchant, expires_at: '2090-01-01T00:00:00Z' };
    const given = await client.post('/api/role-assignments', body);
    expect(given.body).toMatchObject({ place: 'Pine', granted_by: giver, granted_by_name: 'Staff', is_expired: false });
    expectProblem(await client.post('/api/role-assignments', body), 409, 'conflict');
    expect((await holder.get(`/api/merchants/${merchant}`)).status).toBe(200);
    await tenant.arrange(`UPDATE role_assignments SET expires_at = now() WHERE id = $1`, [given.body.id]);
    expectProblem(await holder.get(`/api/merchants/${merchant}`), 403, 'forbidden');
    const expired = (await owner.get(`/api/role-assignments?user_id=${id}&state=expired`)).body.data;
    expect(expired.map((each) => each.id)).toEqual([given.body.id]);
    await client.patch(`/api/role-assignments/${given.body.id}`, { expires_at: null });
    expect((await holder.get(`/api/merchants/${merchant}`)).status).toBe(200);
  });

  test('of everybody is one file for an access review', async () => {
    const csv = await owner.get('/api/role-assignments', { accept: 'text/csv' });
    expect(csv.text.split('\n')[0]).toContain('user_email');
    expect(csv.text).toContain('owner@');
    expect(csv.text.trim().split('\n').length - 1).toBe(
      Number((await tenant.rows('SELECT count(*)::integer AS n FROM role_assignments'))[0]?.n),
    );
  });
});

describe('an explanation', () => {
  const explain = async (user: string, query: string) =>
    (await owner.get(`/api/users/${user}/access?${query}`)).body.data[0] as unknown as {
      is_allowed: boolean;
      reason: string;
      roles: { name: string }[];
      assignments: { reaches: boolean }[];
    };

  test('says which assignment allows, or what is missing', async () => {
    const id = await newUser({ role: 'support', merchant_org_id: org });
    const ask = (query: string) => explain(id, `permission=merchant:update&${query}`);
    expect(await ask(`merchant_id=${merchant}`)).toMatchObject({
      is_allowed: true,
      reason: 'granted',
      assignments: [{ reaches: true }],
    });
    expect(await ask(`merchant_org_id=${otherOrg}`)).toMatchObject({
      is_allowed: false,
      reason: 'elsewhere',
      assignments: [{ reaches: false }],
    });
    expect(await ask('')).toMatchObject({ reason: 'elsewhere' });
    const posting = await explain(id, 'permission=transaction:post');
    expect(posting).toMatchObject({ is_allowed: false, reason: 'no_role', assignments: [] });
    expect(posting.roles.map(({ name }) => name)).toEqual(expect.arrayContaining(['Owner', 'Finance']));
    await tenant.arrange('UPDATE role_assignments SET expires_at = now() WHERE user_id = $1', [id]);
    expect(await ask(`merchant_id=${merchant}`)).toMatchObject({ reason: 'expired' });
    await tenant.arrange(`UPDATE role_assignments SET expires_at = NULL WHERE user_id = $1`, [id]);
    await tenant.arrange(`UPDATE users SET status = 'disabled' WHERE id = $1`, [id]);
    expect(await ask(`merchant_id=${merchant}`)).toMatchObject({ reason: 'not_active' });
  });

  test('says what the doors do: for every permission, at every place', async () => {
    const { id, client } = await person({ role: 'merchant_manager', merchant_org_id: org });
    const [within, outside, whole] = await Promise.all(
      [`merchant_org_id=${org}`, `merchant_org_id=${otherOrg}`, ''].map(
        async (query) =>
          (await owner.get(`/api/users/${id}/access?${query}`)).body.data as unknown as {
            permission: string;
            is_allowed: boolean;
          }[],
      ),
    );
    const allowed = within!.filter(({ is_allowed }) => is_allowed).map(({ permission }) => permission);
    expect(within!.map(({ permission }) => permission)).toEqual(everyPermission);
    expect(outside!.some(({ is_allowed }) => is_allowed)).toBe(false);
    expect(whole!.some(({ is_allowed }) => is_allowed)).toBe(false);
    for (const { permission, http, name } of operations.filter(
      ({ http, kind, isFile }) => http?.method === 'GET' && kind === 'read' && !isFile,
    )) {
      if (permission === null || http!.path.includes('{')) continue;
      const { body } = await client.get(http!.path);
      const isRefused = String(body.detail).startsWith('This needs the permission');
      expect([name, isRefused]).toEqual([name, !allowed.includes(permission)]);
    }
  });

  test('is given to staff of a place about those who work there alone', async () => {
    const { client } = await person({ role: 'merchant_manager', merchant_org_id: org });
    const [here, there] = [
      await newUser({ role: [], merchant_id: merchant }),
      await newUser({ role: [], merchant_org_id: otherOrg }),
    ];
    expect((await client.get(`/api/users/${here}/access?merchant_id=${merchant}`)).status).toBe(200);
    expectProblem(await client.get(`/api/users/${there}/access?merchant_id=${merchant}`), 404, 'not_found');
    expectProblem(await client.get(`/api/users/${here}/access?merchant_org_id=${otherOrg}`), 422, 'invalid');
    expectProblem(await client.get(`/api/users/${here}/access`), 403, 'forbidden');
  });
});

describe('a preview', () => {
  type Preview = {
    added: string[];
    removed: string[];
    holders: number;
    affected: number;
    data: { id: string; gains: string[]; loses: string[] }[];
  };

  test('names who would gain and lose what, leaves out what they hold otherwise, and is what then happens', async () => {
    const role = (await newRole(['merchant:read', 'tenant:read'])).body.id;
    const alone = await person({ role: [] });
    const also = await person({ role: 'auditor' });
    const beside = await person({ role: 'auditor', merchant_org_id: org });
    for (const { id } of [alone, also, beside])
      await owner.post('/api/role-assignments', { user_id: id, role_id: role });
    const key = (await owner.post('/api/api-keys', { name: 'Till', role_id: role, merchant_id: merchant })).body.id;
    const permissions = ['merchant:read', 'merchant:update'];
    const before = await tenant.contents();
    const preview = (await owner.post(`/api/roles/${role}/preview`, { permissions })).body as unknown as Preview;
    expect(await tenant.contents()).toEqual(before);
    expect(preview).toMatchObject({ added: ['merchant:update'], removed: ['tenant:read'], holders: 4, affected: 4 });
    const of = (id: string) => preview.data.find((each) => each.id === id);
    expect(of(alone.id)).toMatchObject({ gains: ['merchant:update'], loses: ['tenant:read'] });
    expect(of(also.id)).toMatchObject({ gains: ['merchant:update'], loses: [] });
    expect(of(beside.id)).toMatchObject({ loses: ['tenant:read'] });
    expect(of(key)).toMatchObject({ type: 'api_key', place: 'Pine' });
    await owner.patch(`/api/roles/${role}`, { permissions });
    const reads = async ({ client }: { client: Client }) => (await client.get('/api/tenants/current')).status;
    expect([await reads(alone), await reads(also)]).toEqual([403, 200]);
  });
});
