import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let owner: Client;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  tenant = site.tenants[0]!;
  owner = tenant.owner;
});
afterAll(() => site?.stop());

const PATH = '/api/saved-searches';
const view = { name: 'Big ones', list: 'merchant', filters: { status: 'active' }, sort: '-name', columns: ['status'] };

describe('a saved search of any list', () => {
  test('keeps filters, order and columns, under a name that is free in each list', async () => {
    const created = (await owner.post(PATH, view)).body;
    expect(created).toMatchObject({ ...view, version: 1 });
    expectProblem(await owner.post(PATH, view), 409, 'conflict');
    expect((await owner.post(PATH, { name: view.name, filters: {} })).body).toMatchObject({
      ...{ list: 'audit', filters: {}, sort: null, columns: null },
    });
    const names = async (query = '') => (await owner.get(PATH + query)).body.data.map(({ list }) => list);
    expect([await names(), await names('?list=merchant'), await names('?list=payout')]).toEqual([
      ['audit'],
      ['merchant'],
      [],
    ]);
    const path = `${PATH}/${created.id}`;
    const change = { name: 'Others', filters: {}, sort: null, columns: null };
    expect((await owner.patch(path, change)).body).toMatchObject({ ...change, list: 'merchant', version: 2 });
    expectProblem(await owner.patch(path, { name: 'Late' }, { 'if-match': '"1"' }), 412, 'stale');
    expect((await owner.delete(path)).status).toBe(200);
    expectProblem(await owner.patch(path, { name: 'Gone' }), 404, 'not_found');
    const events = await tenant.rows('SELECT action FROM audit_events WHERE resource_id = $1 ORDER BY id', [
      created.id,
    ]);
    expect(events).toMatchObject([
      { action: 'saved_search.create' },
      { action: 'saved_search.update' },
      { action: 'saved_search.delete' },
    ]);
  });

  test('is refused for lists, filters, orders and columns that cannot be', async () => {
    const wrong: [string, object][] = [
      ['list', { list: 'tenant' }],
      ['filters.Status', { filters: { Status: 'active' } }],
      ['filters.status', { filters: { status: 1 } }],
      ['sort', { sort: 'name; DROP' }],
      ['columns', { columns: [] }],
      ['columns.0', { columns: ['A b'] }],
      ['name', { name: ' ' }],
    ];
    for (const [field, change] of wrong) {
      const answer = await owner.post(PATH, { ...view, ...change });
      expectProblem(answer, 422, 'invalid');
      expect([field, Object.keys(answer.body.errors)]).toEqual([field, [field]]);
    }
    const audit = (await owner.post(PATH, { name: 'Audit', filters: { q: 'x' } })).body;
    for (const answer of [
      await owner.patch(`${PATH}/${audit.id}`, { filters: { vertical: 'x' } }),
      await owner.post(PATH, { name: 'Other', filters: { vertical: 'x' } }),
    ]) {
      expectProblem(answer, 422, 'invalid');
      expect(Object.keys(answer.body.errors)).toEqual(['filters.vertical']);
    }
  });

  test('is nobody else’s, of no other tenant, and only for who may read its list', async () => {
    const { id } = (await owner.post(PATH, { ...view, name: 'Mine' })).body;
    const [colleague, foreign] = [tenant.as(await tenant.createKey()), site.tenants[1]!.owner];
    for (const other of [colleague, foreign]) {
      expect((await other.get(`${PATH}?list=merchant`)).body.data).toEqual([]);
      expectProblem(await other.get(`${PATH}/${id}`), 404, 'not_found');
      expectProblem(await other.patch(`${PATH}/${id}`, { name: 'Theirs' }), 404, 'not_found');
      expectProblem(await other.delete(`${PATH}/${id}`), 404, 'not_found');
    }
    const sales = tenant.as(await tenant.createKey({ role: 'sales' }));
    expect((await sales.post(PATH, { ...view, list: 'prospect' })).status).toBe(201);
    expectProblem(await sales.post(PATH, { ...view, list: 'audit', filters: {} }), 403, 'forbidden');
    expectProblem(await sales.get(`${PATH}?list=audit`), 403, 'forbidden');
  });

  test('is gone with the right to read its list, and there again with it', async () => {
    const role = (await owner.post('/api/roles', { name: 'Desk', permissions: ['merchant:read'] })).body;
    const { key: secret } = (await owner.post('/api/api-keys', { name: 'Desk', role_id: role.id })).body;
    const key = tenant.as(String(secret));
    const { id } = (await key.post(PATH, { ...view, name: 'Desk' })).body;
    const allow = (permissions: string[]) => owner.patch(`/api/roles/${role.id}`, { permissions });
    await allow(['payout:read']);
    expectProblem(await key.get(`${PATH}/${id}`), 404, 'not_found');
    expectProblem(await key.get(`${PATH}?list=merchant`), 403, 'forbidden');
    await allow(['merchant:read']);
    expect((await key.get(`${PATH}/${id}`)).body.name).toBe('Desk');
  });
});
