import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../server/operations/registry.ts';
import { ask, everyDoor } from '../doors/request.ts';
import { createWorld, type World } from '../doors/world.ts';
import { type Client, expectProblem } from '../support/door.ts';
import { type Site, startSite } from '../support/tenant.ts';

/** Operations about the tenant as a whole: a role that holds within a MerchantOrg does not reach them. */
const wholeTenant: Record<string, number> = {
  'tenant.update': 403,
  'tenant_setting.update': 403,
  'onboarding.waive': 403,
  'onboarding.unwaive': 403,
  'feature_flag.list': 403,
  'feature_flag.get': 403,
  'feature_flag.history': 403,
  'feature_flag.overrides': 403,
  'feature_flag.create': 403,
  'feature_flag.update': 403,
  'feature_flag.archive': 403,
  'feature_flag.restore': 403,
  'feature_flag.revert': 403,
  'tenant_logo.set': 403,
  'tenant_logo.remove': 403,
  'role.create': 403,
  'role.update': 403,
  'role.delete': 403,
  'role.preview': 403,
  'api_key.list': 403,
  'api_key.get': 403,
  'api_key.create': 403,
  'api_key.rotate': 403,
  'api_key.revoke': 403,
  'sso_connection.list': 403,
  'sso_connection.get': 403,
  'sso_connection.create': 403,
  'sso_connection.update': 403,
  'sso_connection.delete': 403,
  'sso_connection.test': 403,
  'sso_connection.unlink': 403,
  'merchant_org.create': 403,
  // About a MerchantOrg that is made for it, outside.
  'merchant_org.archive': 404,
  'merchant_org.restore': 404,
  'merchant_transfer.list': 403,
  'merchant_transfer.preview': 403,
  'merchant_transfer.create': 403,
  'merchant_transfer.get': 403,
  'merchant_transfer.approve': 403,
  'merchant_transfer.cancel': 403,
  // A key is nobody who could view as somebody else.
  'impersonation.start': 401,
  'audit.list': 403,
  'audit.get': 403,
  'audit.tail': 403,
  'audit.export': 403,
  'audit.erase': 403,
  'audit_erasure.list': 403,
  'audit_erasure.get': 403,
  'alert.list': 403,
  'alert.get': 403,
  'alert.acknowledge': 403,
  'alert_rule.list': 403,
  'alert_rule.get': 403,
  'alert_rule.update': 403,
  'health.get': 403,
  'mailbox.list': 403,
  'second_factor.require': 403,
  'job.list': 403,
  'prospect.list': 403,
  'prospect.board': 403,
  'prospect.get': 403,
  'prospect.create': 403,
  'prospect.update': 403,
  'prospect.duplicates': 403,
  'prospect.move': 403,
  'prospect.merge': 403,
  'prospect.convert': 403,
  'prospect.timeline': 403,
  'prospect_activity.list': 403,
  'prospect_activity.get': 403,
  'prospect_activity.create': 403,
  'prospect_activity.update': 403,
  'pipeline.forecast': 403,
  'pipeline.funnel': 403,
  'usage.list': 403,
  'quota.list': 403,
  'ledger.verify': 403,
  'job.get': 404,
  // Beside its own permission an import needs the one to create its rows.
  'import.upload': 403,
  'import.update': 403,
  'import.check': 403,
  'import.apply': 403,
  'import.cancel': 403,
  // Without a book it is about the tenant's own.
  'account.create': 422,
};

let site: Site;
let world: World;
let scoped: Client;
let secrets: string[];

beforeAll(async () => {
  site = await startSite();
  world = await createWorld(site.tenants[0]!);
  scoped = world.tenant.as(world.keys.scoped);
  const outside = await world.tenant.rows(
    `SELECT id::text FROM books WHERE merchant_org_id IS DISTINCT FROM $1
     UNION SELECT a.id::text FROM accounts a JOIN books b ON b.id = a.book_id WHERE b.merchant_org_id IS DISTINCT FROM $1`,
    [world.id.merchant_org],
  );
  secrets = [
    ...outside.map(({ id }) => String(id)),
    ...Object.entries(world.id).flatMap(([kind, id]) => (kind.startsWith('outside') ? [id] : [])),
  ];
});
afterAll(() => site?.stop());

describe('every permission, within one MerchantOrg', () => {
  const doors = everyDoor().filter(({ isOpen }) => !isOpen);

  test.each(doors)('$name answers what lies within, and shows nothing of what does not', async (door) => {
    const valid = await door.row.valid(world);
    const before = await world.tenant.contents();
    const answer = await ask(scoped, door, {
      ...valid,
      ...(door.method === 'GET' && !valid.params && !door.row.needsQuery ? { query: {} } : {}),
    });
    expect(answer.status, answer.text).toBe(wholeTenant[door.name] ?? door.status);
    for (const id of secrets) expect(answer.text).not.toContain(id);
    const isRead = operations.find(({ name }) => name === door.name)?.kind === 'read';
    if (isRead) expect(await world.tenant.contents()).toEqual(before);
  });

  test('what it creates lies within too', async () => {
    const { merchant_org, outside_merchant_org, book } = world.id;
    expect((await scoped.post('/api/merchants', { merchant_org_id: merchant_org, name: 'New' })).status).toBe(201);
    const refused = await scoped.post('/api/merchants', { merchant_org_id: outside_merchant_org, name: 'New' });
    expectProblem(refused, 422, 'invalid');
    const account = { code: 'S1', name: 'Till', type: 'asset', currency: 'USD' };
    expect((await scoped.post('/api/accounts', { ...account, book_id: book })).status).toBe(201);
    const [foreign] = await world.tenant.rows(`SELECT id FROM books WHERE party_id = $1`, [outside_merchant_org]);
    for (const book_id of [foreign?.id, '0190a0a0-0000-7000-8000-000000000000']) {
      expectProblem(await scoped.post('/api/accounts', { ...account, code: 'S2', book_id }), 422, 'book_not_found');
    }
  });

  test('filters do not reach further', async () => {
    const { outside_merchant_org, outside_account, outside_merchant } = world.id;
    for (const path of [
      `/api/merchants?merchant_org_id=${outside_merchant_org}`,
      `/api/books?party_id=${outside_merchant}`,
      `/api/transactions?account_id=${outside_account}`,
      '/api/merchant-orgs?q=Outside',
    ]) {
      expect([path, (await scoped.get(path)).body.data]).toEqual([path, []]);
    }
  });

  test('nor do they tell whether a transaction that is seen in part touches a book or account that is not', async () => {
    const { owner } = world.tenant;
    const party = (id: string) => ({ type: 'merchant', id });
    const { body } = await owner.post('/api/transactions', {
      type: 'transfer',
      from: party(world.id.merchant),
      to: party(world.id.outside_merchant),
      amount: { amount: 5, currency: 'USD' },
    });
    const [line] = await world.tenant.rows(
      `SELECT l.account_id, l.book_id FROM transaction_lines l
       JOIN transaction_journals j ON j.id = l.journal_id JOIN books b ON b.id = j.book_id
       WHERE j.transaction_id = $1 AND b.merchant_id = $2 LIMIT 1`,
      [body.id, world.id.outside_merchant],
    );
    for (const filter of [`account_id=${line?.account_id}`, `book_id=${line?.book_id}`]) {
      const idsFor = async (client: Client) =>
        (await client.get(`/api/transactions?${filter}`)).body.data.map(({ id }) => id);
      expect(await idsFor(owner)).toContain(body.id);
      expect(await idsFor(scoped)).toEqual([]);
    }
    expect((await scoped.get(`/api/transactions/${body.id}`)).status).toBe(200);
  });

  test('figures count what lies within', async () => {
    const { body } = await scoped.get('/api/overview');
    expect(body).toMatchObject({ merchant_orgs: 1, balanced: true });
    const all = await world.tenant.owner.get('/api/overview');
    expect(Number(all.body.merchant_orgs)).toBeGreaterThan(1);
    expect(Number(all.body.transactions_last_30_days)).toBeGreaterThan(Number(body.transactions_last_30_days));
  });
});

test('two roles at two scopes never add up to more than each gives', async () => {
  const { tenant, id } = world;
  const staff = { email: 'two-roles@acme.test', password: 'correct horse battery' };
  const user = await tenant.createUser({ ...staff, role: ['merchant:read'] });
  const [role] = await tenant.arrange(
    `INSERT INTO roles (name, permissions) VALUES ('Updates', '{merchant:update}') RETURNING id`,
  );
  await tenant.arrange('INSERT INTO role_assignments (user_id, role_id, merchant_id) VALUES ($1, $2, $3)', [
    user,
    role?.id,
    id.merchant,
  ]);
  const signedIn = await tenant.as(null).post('/api/sessions', staff);
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const client = tenant.as({ cookie, origin: tenant.origin });
  expect((await client.get(`/api/merchants/${id.outside_merchant}`)).status).toBe(200);
  expect((await client.patch(`/api/merchants/${id.merchant}`, { name: 'Mine' })).status).toBe(200);
  const other = await client.patch(`/api/merchants/${id.outside_merchant}`, { name: 'Not mine' });
  expectProblem(other, 404, 'not_found');
});
