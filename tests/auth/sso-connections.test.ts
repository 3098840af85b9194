import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, expectProblem } from '../support/door.ts';
import { type HostileProvider, startHostileProvider } from '../support/hostile-provider.ts';
import { permissionsOfStaff } from '../support/staff-permissions.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const password = 'correct horse battery';
let site: Site;
let tenant: TestTenant;
let owner: Client;
let provider: HostileProvider;
let roles: Record<string, string>;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  owner = tenant.owner;
  provider = await startHostileProvider();
  const { body } = await owner.get('/api/roles?limit=200');
  roles = Object.fromEntries(body.data.map(({ key, id }) => [String(key), id]));
});
afterAll(async () => {
  await provider?.stop();
  await site?.stop();
});
beforeEach(() => tenant.arrange('DELETE FROM sso_connections'));

const given = (more: object = {}) => ({
  name: 'Acme',
  issuer: provider.issuer,
  client_id: 'portal',
  email_domains: ['acme.test'],
  ...more,
});
const create = (more: object = {}, client = owner) => client.post('/api/sso-connections', given(more));
const read = async (id: string) => (await owner.get(`/api/sso-connections/${id}`)).body;

describe('a connection', () => {
  test('is created turned off unless said otherwise, and shows what the provider has to know', async () => {
    const created = await create();
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: 'Acme',
      has_client_secret: false,
      scopes: ['openid', 'email', 'profile'],
      role_mappings: [],
      default_role: null,
      creates_users: false,
      forbids_passwords: false,
      trusts_amr: false,
      is_enabled: false,
      redirect_uri: `${tenant.origin}/sso/callback`,
      version: 1,
    });
    expect(await read(created.body.id)).toEqual(created.body);
    expect((await owner.get('/api/sso-connections')).body.data).toEqual([created.body]);
  });

  test('keeps its secret sealed: no answer, no table and no trail holds it', async () => {
    const secret = 'needle of a client secret';
    const { body } = await create({ client_secret: secret });
    const changed = await owner.patch(`/api/sso-connections/${body.id}`, { client_secret: `${secret} 2` });
    expect([body.has_client_secret, changed.body.has_client_secret]).toEqual([true, true]);
    const everything = JSON.stringify([
      body,
      changed.body,
      await tenant.rows('SELECT * FROM sso_connections'),
      await tenant.rows('SELECT * FROM audit_changes'),
      await tenant.rows('SELECT * FROM audit_events'),
      await tenant.rows('SELECT * FROM outbox'),
    ]);
    expect(everything).not.toContain('needle');
    const [change] = await tenant.rows(
      `SELECT after ->> 'sealed_client_secret' AS after FROM audit_changes WHERE table_name = 'sso_connections' ORDER BY event_id DESC`,
    );
    expect(change?.after).toBe('[redacted]');
    const cleared = await owner.patch(`/api/sso-connections/${body.id}`, { client_secret: null });
    expect(cleared.body.has_client_secret).toBe(false);
  });

  test('changes what is given and nothing else; mappings that stay are not touched', async () => {
    const mapping = (value: string, more: object = {}) => ({ claim: 'groups', value, role_id: roles.auditor, ...more });
    const { body } = await create({
      role_mappings: [mapping('a'), mapping('b')],
      default_role: { role_id: roles.auditor },
    });
    const kept = await tenant.rows(`SELECT id FROM sso_role_mappings WHERE value = 'b'`);
    const changed = await owner.patch(`/api/sso-connections/${body.id}`, {
      role_mappings: [mapping('b'), mapping('c')],
    });
    expect(changed.body).toMatchObject({ name: 'Acme', email_domains: ['acme.test'], version: 2 });
    expect(changed.body.role_mappings).toMatchObject([{ value: 'b', role_name: 'Auditor' }, { value: 'c' }]);
    expect(changed.body.default_role).toMatchObject({ role_id: roles.auditor });
    expect(await tenant.rows(`SELECT id FROM sso_role_mappings WHERE value = 'b'`)).toEqual(kept);
    const without = await owner.patch(`/api/sso-connections/${body.id}`, { default_role: null, role_mappings: [] });
    expect(without.body).toMatchObject({ default_role: null, role_mappings: [] });
  });

  test('that was changed meanwhile is not overwritten or deleted', async () => {
    const { body } = await create();
    await owner.patch(`/api/sso-connections/${body.id}`, { name: 'Other' });
    const stale = { 'if-match': '"1"' };
    expectProblem(await owner.patch(`/api/sso-connections/${body.id}`, { name: 'Late' }, stale), 412, 'stale');
    expectProblem(await owner.delete(`/api/sso-connections/${body.id}`, stale), 412, 'stale');
  });

  test('has a name of its own', async () => {
    await create();
    expectProblem(await create(), 409, 'conflict');
  });

  test('is deleted with the links and roles that it gave; the people stay', async () => {
    const { body } = await create();
    const user = await tenant.createUser({ email: 'staff@acme.test', password, role: 'sales' });
    await tenant.arrange(
      `INSERT INTO sso_identities (sso_connection_id, issuer, subject, user_id) VALUES ($1, 'x', 'x', $2)`,
      [body.id, user],
    );
    await tenant.arrange(`INSERT INTO role_assignments (user_id, role_id, sso_connection_id) VALUES ($1, $2, $3)`, [
      user,
      roles.auditor,
      body.id,
    ]);
    expect((await owner.delete(`/api/sso-connections/${body.id}`)).status).toBe(200);
    expectProblem(await owner.get(`/api/sso-connections/${body.id}`), 404);
    const { roles: held, status } = (await owner.get(`/api/users/${user}`)).body;
    expect(status).toBe('active');
    expect((held as { role_name: string }[]).map(({ role_name: name }) => name)).toEqual(['Sales']);
  });

  test('leaves an event for each change, and the owners are told', async () => {
    await tenant.createUser({ email: 'boss@else.test', password });
    const { body } = await create();
    await owner.patch(`/api/sso-connections/${body.id}`, { name: 'Changed' });
    await owner.delete(`/api/sso-connections/${body.id}`);
    const events = await tenant.rows(
      `SELECT action, outcome, resource_id FROM audit_events WHERE resource_type = 'sso_connection' ORDER BY id DESC LIMIT 3`,
    );
    expect(events.map(({ action }) => action)).toEqual([
      'sso_connection.delete',
      'sso_connection.update',
      'sso_connection.create',
    ]);
    expect(new Set(events.map((event) => `${event.outcome} ${event.resource_id}`))).toEqual(
      new Set([`success ${body.id}`]),
    );
    const mail = await tenant.rows(
      `SELECT payload ->> 'subject' AS subject FROM outbox WHERE payload ->> 'recipient' = 'boss@else.test' ORDER BY id`,
    );
    expect(mail.map(({ subject }) => subject)).toEqual([
      'Single sign-on through Acme was created',
      'Single sign-on through Changed was changed',
      'Single sign-on through Changed was deleted',
    ]);
  });
});

describe('what cannot be is refused', () => {
  const bad: readonly [string, object, string][] = [
    ['an issuer with a query', { issuer: 'https://login.example.com?x=1' }, 'issuer'],
    ['an issuer that is none', { issuer: 'login.example.com' }, 'issuer'],
    ['an issuer in the clear', { issuer: 'http://login.example.com' }, 'issuer'],
    ['an issuer of our network', { issuer: 'https://169.254.169.254' }, 'issuer'],
    ['no domain', { email_domains: [] }, 'email_domains'],
    ['a domain that is an address', { email_domains: ['me@acme.test'] }, 'email_domains.0'],
    ['a domain that is all there are', { email_domains: ['*'] }, 'email_domains.0'],
    ['a scope of two words', { scopes: ['email profile'] }, 'scopes.0'],
    ['a secret of several lines', { client_secret: 'a\nb' }, 'client_secret'],
    [
      'a role that does not exist',
      { default_role: { role_id: '0190a0a0-0000-7000-8000-000000000000' } },
      'role_mappings',
    ],
  ];
  test.each(bad)('%s', async (_what, more, field) => {
    const refused = await create(more);
    expectProblem(refused, 422, 'invalid');
    expect(Object.keys(refused.body.errors)).toEqual([field]);
  });

  test('a role at two scopes', async () => {
    const org = (await owner.post('/api/merchant-orgs', { name: 'Org' })).body.id;
    const merchant = (await owner.post('/api/merchants', { merchant_org_id: org, name: 'M' })).body.id;
    const refused = await create({
      default_role: { role_id: roles.auditor, merchant_org_id: org, merchant_id: merchant },
    });
    expectProblem(refused, 422, 'invalid');
  });

  test('turning one on whose provider does not answer, at creation and later', async () => {
    const nobody = 'http://127.0.0.1:9';
    expectProblem(await create({ issuer: nobody, is_enabled: true }), 422, 'invalid');
    const { body } = await create({ issuer: nobody });
    const on = await owner.patch(`/api/sso-connections/${body.id}`, { is_enabled: true });
    expect(on.body.errors).toEqual({ issuer: ['The provider does not answer at this address.'] });
    const right = { is_enabled: true, issuer: provider.issuer };
    expect((await owner.patch(`/api/sso-connections/${body.id}`, right)).status).toBe(200);
    expectProblem(await owner.patch(`/api/sso-connections/${body.id}`, { issuer: nobody }), 422, 'invalid');
  });
});

describe('nobody lets others in who may do more', () => {
  const mine = ['sso_connection:read', 'sso_connection:create', 'sso_connection:update', 'sso_connection:test'];
  const clerk = async () => tenant.as(await tenant.createKey({ role: [...mine, ...permissionsOfStaff] }));

  test('by a mapping, or by the default role', async () => {
    const client = await clerk();
    const email_domains = ['fresh.test'];
    const small = { name: 'Staff', email_domains, default_role: { role_id: roles.merchant_staff } };
    expect((await create(small, client)).status).toBe(201);
    expectProblem(await create({ email_domains, default_role: { role_id: roles.auditor } }, client), 403, 'forbidden');
    const mapping = { claim: 'groups', value: 'x', role_id: roles.owner };
    expectProblem(await create({ email_domains, role_mappings: [mapping] }, client), 403, 'forbidden');
    expect(await tenant.rows(`SELECT FROM sso_connections WHERE name = 'Acme'`)).toEqual([]);
  });

  test('by domains of people who may do more', async () => {
    await tenant.createUser({ email: 'finance@money.test', password, role: 'finance' });
    const client = await clerk();
    expectProblem(await create({ email_domains: ['money.test'] }, client), 403, 'forbidden');
    const { body } = await create({ email_domains: ['unknown.test'] }, client);
    const widened = { email_domains: ['unknown.test', 'money.test'] };
    expectProblem(await client.patch(`/api/sso-connections/${body.id}`, widened), 403, 'forbidden');
  });

  test('by leading a connection of others to a provider of their own', async () => {
    const { body } = await create({ default_role: { role_id: roles.auditor } });
    const change = { issuer: 'https://evil.example', default_role: null };
    expectProblem(await (await clerk()).patch(`/api/sso-connections/${body.id}`, change), 403, 'forbidden');
  });

  test('who sees one MerchantOrg alone', async () => {
    const org = (await owner.post('/api/merchant-orgs', { name: 'Org' })).body.id;
    const scoped = tenant.as(await tenant.createKey({ role: 'owner', merchant_org_id: org }));
    expectProblem(await create({}, scoped), 403, 'forbidden');
    expectProblem(await scoped.get('/api/sso-connections'), 403, 'forbidden');
    expectProblem(await scoped.post('/api/sso-connection-tests', { issuer: provider.issuer }), 403, 'forbidden');
  });
});

describe('where passwords give way to a provider', () => {
  const signIn = (email: string, given = password) => tenant.as(null).post('/api/sessions', { email, password: given });

  test('nobody of its domains signs in with one, known or not, right or wrong; owners do', async () => {
    await tenant.createUser({ email: 'clerk@strict.test', password, role: 'sales' });
    await tenant.createUser({ email: 'owner@strict.test', password });
    const { body } = await create({ email_domains: ['strict.test'], forbids_passwords: true, is_enabled: true });
    const refused = [
      await signIn('clerk@strict.test'),
      await signIn('Clerk@Strict.test', 'wrong horse battery'),
      await signIn('nobody@strict.test'),
      await signIn('owner@strict.test', 'wrong horse battery'),
    ];
    for (const each of refused) expectProblem(each, 401, 'sso_required');
    expect(new Set(refused.map(({ text, body: { request_id: id } }) => text.replace(String(id), ''))).size).toBe(1);
    expect((await signIn('owner@strict.test')).status).toBe(201);
    expect((await signIn('nobody@else.test')).body.code).toBe('invalid_credentials');
    await owner.patch(`/api/sso-connections/${body.id}`, { is_enabled: false });
    expect((await signIn('clerk@strict.test')).status).toBe(201);
  });

  test('a link to reset one is mailed to owners alone; others are told how they sign in', async () => {
    await tenant.createUser({ email: 'lost@firm.test', password, role: 'sales' });
    await create({ email_domains: ['firm.test'], forbids_passwords: true, is_enabled: true });
    await tenant.as(null).post('/api/password-resets', { email: 'lost@firm.test' });
    await tenant.home.runJobs();
    const [mail] = await tenant.rows(`SELECT body FROM mailbox WHERE recipient = 'lost@firm.test'`);
    expect(mail?.body).toMatch(/sign in through Acme:\n\nhttp.*\/sign-in$/);
    expect(mail?.body).not.toContain('/reset/');
  });
});
