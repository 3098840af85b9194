import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newTotpSecret } from '../../server/auth/totp.ts';
import { hashSecret } from '../../tenants/credentials.ts';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { codeOf, ownFactor } from '../support/second-factor.ts';
import { visitorOf, whoIs } from '../support/single-sign-on.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

const password = 'correct horse battery';
let site: Site;
let tenant: TestTenant;
let other: TestTenant;
let provider: OpenIdProvider;
let connection: string;
let roles: Record<string, string>;
let organisation: string;

beforeAll(async () => {
  site = await startSite({ tenants: 2 });
  [tenant, other] = site.tenants as [TestTenant, TestTenant];
  provider = await startOpenIdProvider({ redirectUris: site.tenants.map(({ origin }) => `${origin}/sso/callback`) });
  const { body } = await tenant.owner.get('/api/roles?limit=200');
  roles = Object.fromEntries(body.data.map(({ key, id }) => [String(key), id]));
  organisation = (await tenant.owner.post('/api/merchant-orgs', { name: 'Org' })).body.id;
  connection = await connect(tenant, {
    role_mappings: [
      { claim: 'groups', value: 'finance', role_id: roles.finance },
      { claim: 'groups', value: 'org', role_id: roles.merchant_manager, merchant_org_id: organisation },
    ],
    default_role: { role_id: roles.auditor },
    creates_users: true,
  });
});
afterAll(async () => {
  await provider?.stop();
  await site?.stop();
});
beforeEach(() => {
  provider.people.clear();
  provider.errors.length = 0;
});

async function connect(of: TestTenant, more: object): Promise<string> {
  const created = await of.owner.post('/api/sso-connections', {
    name: `Acme ${Math.random()}`,
    issuer: provider.issuer,
    ...provider.client,
    scopes: ['email', 'profile', 'groups'],
    email_domains: ['acme.test'],
    is_enabled: true,
    ...more,
  });
  expect(created.status, created.text).toBe(201);
  return created.body.id;
}

const verified = (email: string, more: object = {}) => ({ email, email_verified: true, name: 'Ada Lovelace', ...more });

/** The whole way of somebody whom the provider knows by this subject. */
async function signIn(subject: string, through = connection, visitor = visitorOf(tenant)) {
  const url = await visitor.start(through, '/merchants?sort=name');
  const back = await provider.authorize(url, subject);
  expect(provider.errors).toEqual([]);
  return visitor.finish(back.search.slice(1));
}

async function rolesOf(email: string): Promise<string[]> {
  const rows = await tenant.rows(
    `SELECT r.key || CASE WHEN a.merchant_org_id IS NULL THEN '' ELSE ' of an org' END
       || CASE WHEN a.sso_connection_id IS NULL THEN ' by hand' ELSE '' END AS role
     FROM role_assignments a JOIN roles r ON r.id = a.role_id JOIN users u ON u.id = a.user_id
     WHERE u.email = $1 ORDER BY 1`,
    [email],
  );
  return rows.map(({ role }) => String(role));
}

const events = (action: string) =>
  tenant.rows(
    `SELECT actor_type, actor_name, outcome, details ->> 'summary' AS summary, details ->> 'about' AS about
     FROM audit_events WHERE action = $1 ORDER BY id DESC LIMIT 1`,
    [action],
  );

describe('somebody new', () => {
  test('gets an account, the roles that fit and a session, and it is recorded as theirs', async () => {
    provider.people.set('ada', verified('Ada@Acme.test', { groups: ['finance', 'org', 'chess'] }));
    const came = await signIn('ada');
    expect(came).toEqual({ to: '/merchants?sort=name', session: expect.stringMatching(/^scp_session=\w{30,}$/) });
    expect(await whoIs(tenant, (came as { session: string }).session)).toEqual(['ada@acme.test']);
    expect(await rolesOf('ada@acme.test')).toEqual(['finance', 'merchant_manager of an org']);
    const [event] = await events('sso.finish');
    expect(event).toMatchObject({ actor_type: 'staff', actor_name: 'Ada Lovelace', outcome: 'success' });
    const changes = await tenant.rows(
      `SELECT table_name, verb FROM audit_changes c JOIN audit_events e ON e.id = c.event_id
       WHERE e.action = 'sso.finish' ORDER BY e.id DESC, c.position LIMIT 4`,
    );
    expect(changes.map(({ table_name: table, verb }) => `${verb} ${table}`)).toEqual([
      'insert users',
      'insert sso_identities',
      'insert role_assignments',
      'insert role_assignments',
    ]);
  });

  test('gets the default role when no other fits', async () => {
    provider.people.set('bob', verified('bob@acme.test', { groups: ['chess'] }));
    expect(await signIn('bob')).toMatchObject({ to: '/merchants?sort=name' });
    expect(await rolesOf('bob@acme.test')).toEqual(['auditor']);
  });

  test('is refused where nobody is created, and where no role fits', async () => {
    const closed = await connect(tenant, {});
    provider.people.set('eve', verified('eve@acme.test'));
    expect(await signIn('eve', closed)).toEqual({ refusal: 'unknown_person' });
    const strict = await connect(tenant, {
      creates_users: true,
      role_mappings: [{ claim: 'groups', value: 'finance', role_id: roles.finance }],
    });
    expect(await signIn('eve', strict)).toEqual({ refusal: 'no_role' });
    expect(await tenant.rows(`SELECT FROM users WHERE email = 'eve@acme.test'`)).toEqual([]);
    const [event] = await events('sso.finish');
    expect(event).toMatchObject({ outcome: 'denied', about: 'eve@acme.test' });
    expect(event?.summary).toBe('Denied: Single sign-on, no role');
  });

  test('is refused without an address, with one that is not verified, and with one of another domain', async () => {
    provider.people.set('none', { name: 'None' });
    provider.people.set('unverified', { email: 'unverified@acme.test', email_verified: false });
    provider.people.set('unsaid', { email: 'unsaid@acme.test' });
    provider.people.set('foreign', verified('foreign@evil.test'));
    provider.people.set('suffix', verified('x@notacme.test'));
    provider.people.set('two', verified('x@acme.test@evil.test'));
    expect(await signIn('none')).toEqual({ refusal: 'email_missing' });
    expect(await signIn('unverified')).toEqual({ refusal: 'email_unverified' });
    expect(await signIn('unsaid')).toEqual({ refusal: 'email_unverified' });
    expect(await signIn('foreign')).toEqual({ refusal: 'foreign_domain' });
    expect(await signIn('suffix')).toEqual({ refusal: 'foreign_domain' });
    expect(await signIn('two')).toEqual({ refusal: 'email_missing' });
  });

  test('is told of a device that is new, from the second on', async () => {
    provider.people.set('dan', verified('dan@acme.test'));
    await signIn('dan');
    await signIn('dan', connection, visitorOf(tenant, { address: '198.51.100.7' }));
    const mail = await tenant.rows(`SELECT payload ->> 'recipient' AS recipient FROM outbox
      WHERE topic = 'mail' AND payload ->> 'subject' LIKE 'New sign-in%' ORDER BY id DESC LIMIT 1`);
    expect(mail).toEqual([{ recipient: 'dan@acme.test' }]);
  });
});

describe('roles', () => {
  test('follow what the provider says at the next sign-in; those given by hand stay', async () => {
    provider.people.set('kay', verified('kay@acme.test', { groups: ['finance'] }));
    await signIn('kay');
    await tenant.arrange(
      `INSERT INTO role_assignments (user_id, role_id) SELECT u.id, $1 FROM users u WHERE u.email = 'kay@acme.test'`,
      [roles.sales],
    );
    provider.people.set('kay', verified('kay@acme.test', { groups: 'org' }));
    await signIn('kay');
    expect(await rolesOf('kay@acme.test')).toEqual(['merchant_manager of an org', 'sales by hand']);
  });

  test('that are all taken away end the way in, and stay taken away', async () => {
    const strict = await connect(tenant, {
      creates_users: true,
      role_mappings: [{ claim: 'groups', value: 'finance', role_id: roles.finance }],
    });
    provider.people.set('lou', verified('lou@acme.test', { groups: ['finance'] }));
    expect(await signIn('lou', strict)).toMatchObject({ to: '/merchants?sort=name' });
    provider.people.set('lou', verified('lou@acme.test', { groups: [] }));
    expect(await signIn('lou', strict)).toEqual({ refusal: 'no_role' });
    expect(await rolesOf('lou@acme.test')).toEqual([]);
  });

  test('never leave the portal without an owner', async () => {
    const owners = await connect(other, {
      creates_users: true,
      role_mappings: [{ claim: 'groups', value: 'owners', role_id: await ownerRole(other) }],
    });
    const visitor = visitorOf(other);
    const come = async () => {
      const back = await provider.authorize(await visitor.start(owners), 'own');
      return visitor.finish(back.search.slice(1));
    };
    provider.people.set('own', verified('own@acme.test', { groups: ['owners'] }));
    expect(await come()).toMatchObject({ to: '/' });
    await other.arrange(`DELETE FROM role_assignments WHERE sso_connection_id IS NULL`);
    provider.people.set('own', verified('own@acme.test', { groups: [] }));
    expect(await come()).toMatchObject({ to: '/' });
    const deleted = await other.owner.delete(`/api/sso-connections/${owners}`);
    expect([deleted.status, deleted.body.code]).toEqual([409, 'last_owner']);
  });
});

async function ownerRole(of: TestTenant): Promise<string> {
  const [row] = await of.rows(`SELECT id FROM roles WHERE key = 'owner'`);
  return String(row?.id);
}

describe('somebody who has an account', () => {
  test('is linked once by a verified address, and known by the subject until somebody ends the link', async () => {
    await tenant.createUser({ email: 'staff@acme.test', password, role: 'sales' });
    provider.people.set('s-1', verified('staff@acme.test'));
    expect(await signIn('s-1')).toMatchObject({ to: '/merchants?sort=name' });
    // The provider's address may change; the account stays the same.
    provider.people.set('s-1', { email: 'renamed@evil.test', email_verified: false });
    const again = await signIn('s-1');
    expect(await whoIs(tenant, (again as { session: string }).session)).toEqual(['staff@acme.test']);
    // Somebody else who is given the address later is not let into the account.
    provider.people.set('s-2', verified('staff@acme.test'));
    expect(await signIn('s-2')).toEqual({ refusal: 'other_person' });
    const [user] = await tenant.rows(`SELECT id FROM users WHERE email = 'staff@acme.test'`);
    const unlinked = await tenant.owner.post(`/api/users/${user?.id}/sso-unlink`, {});
    expect([unlinked.status, unlinked.body]).toEqual([200, { unlinked: 1 }]);
    expect(await signIn('s-2')).toMatchObject({ to: '/merchants?sort=name' });
  });

  test('is refused when disabled, linked or not, and the reason is recorded', async () => {
    await tenant.createUser({ email: 'gone@acme.test', password, status: 'disabled' });
    provider.people.set('gone', verified('gone@acme.test'));
    expect(await signIn('gone')).toEqual({ refusal: 'disabled' });
    provider.people.set('left', verified('left@acme.test'));
    await signIn('left');
    await tenant.arrange(`UPDATE users SET status = 'disabled' WHERE email = 'left@acme.test'`);
    expect(await signIn('left')).toEqual({ refusal: 'disabled' });
    expect(await events('sso.finish')).toMatchObject([{ outcome: 'denied', about: 'left@acme.test' }]);
  });

  test('needs the mailed invitation no more, which is void then', async () => {
    const [user] = await tenant.arrange(`INSERT INTO users (email, name) VALUES ('inv@acme.test', '') RETURNING id`);
    await tenant.arrange('INSERT INTO role_assignments (user_id, role_id) VALUES ($1, $2)', [user?.id, roles.sales]);
    await tenant.arrange(
      `INSERT INTO invitations (user_id, token_hash, expires_at) VALUES ($1, $2, now() + interval '1 day')`,
      [user?.id, hashSecret('x'.repeat(40))],
    );
    provider.people.set('inv', verified('inv@acme.test', { name: 'In Vited' }));
    expect(await signIn('inv')).toMatchObject({ to: '/merchants?sort=name' });
    expect(await tenant.rows(`SELECT status, name FROM users WHERE email = 'inv@acme.test'`)).toEqual([
      { status: 'active', name: 'In Vited' },
    ]);
    const late = await tenant.as(null).post('/api/invitations/accept', { token: 'x'.repeat(40), name: 'X', password });
    expect(late.status).toBe(404);
  });

  test('is asked for the code of a second factor: no session before it, and no second try of one', async () => {
    provider.people.set('tot', verified('tot@acme.test'));
    await signIn('tot');
    const secret = newTotpSecret();
    await ownFactor(tenant, 'tot@acme.test', secret);
    const visitor = visitorOf(tenant);
    expect(await signIn('tot', connection, visitor)).toEqual({ to: '/sso/confirm', session: '' });
    expect(await visitor.confirm('000000')).toMatchObject({ problem: { code: 'second_factor_wrong' } });
    const code = await codeOf(secret);
    const confirmed = await visitor.confirm(code);
    expect(confirmed).toMatchObject({ to: '/merchants?sort=name' });
    expect(await whoIs(tenant, (confirmed as { session: string }).session)).toEqual(['tot@acme.test']);
    expect(await visitor.confirm(await codeOf(secret, 1))).toEqual({ refusal: 'expired' });
    expect(await visitorOf(tenant).confirm(code)).toEqual({ refusal: 'expired' });
  });
});

describe('a sign-in under way', () => {
  beforeEach(() => provider.people.set('mia', verified('mia@acme.test')));

  test('is good once, in the browser that began it, for ten minutes', async () => {
    const visitor = visitorOf(tenant);
    const back = await provider.authorize(await visitor.start(connection), 'mia');
    const query = back.search.slice(1);
    // A thief has the link, even with a flow of their own; the owner of the cookie is not harmed by their try.
    expect(await visitorOf(tenant).finish(query)).toEqual({ refusal: 'expired' });
    const thief = visitorOf(tenant);
    await thief.start(connection);
    expect(await thief.finish(query)).toEqual({ refusal: 'expired' });
    expect(await visitor.finish(query.replace(/state=[^&]+/, 'state=forged'))).toEqual({ refusal: 'expired' });
    expect(await visitor.finish(query.replace(/&?state=[^&]+/, ''))).toEqual({ refusal: 'expired' });
    expect(await visitor.finish(query)).toMatchObject({ to: '/' });
    expect(await visitor.finish(query)).toEqual({ refusal: 'expired' });

    const late = visitorOf(tenant);
    const lateBack = await provider.authorize(await late.start(connection), 'mia');
    await tenant.rows(`UPDATE sso_flows SET expires_at = now() - interval '1 second'`);
    expect(await late.finish(lateBack.search.slice(1))).toEqual({ refusal: 'expired' });
  });

  test('proves itself by PKCE: a code that was begun by somebody else is worth nothing', async () => {
    const [victim, thief] = [visitorOf(tenant), visitorOf(tenant)];
    const stolen = (await provider.authorize(await victim.start(connection), 'mia')).searchParams.get('code') ?? '';
    const own = new URL(await thief.start(connection)).searchParams.get('state') ?? '';
    const forged = new URLSearchParams({ code: stolen, state: own, iss: provider.issuer });
    expect(await thief.finish(forged.toString())).toEqual({ refusal: 'provider_refused' });
  });

  test('keeps no secret in the database, and none in the trail', async () => {
    const visitor = visitorOf(tenant);
    const url = new URL(await visitor.start(connection));
    const kept = JSON.stringify([
      await tenant.rows('SELECT * FROM sso_flows'),
      await tenant.rows('SELECT * FROM sso_connections'),
      await tenant.rows('SELECT * FROM audit_events'),
      await tenant.rows('SELECT * FROM audit_changes'),
    ]);
    const secrets = [visitor.cookie.split('=')[1], url.searchParams.get('state'), url.searchParams.get('nonce')];
    for (const secret of [...secrets, provider.client.client_secret]) {
      expect(String(secret).length).toBeGreaterThan(20);
      expect(kept).not.toContain(secret);
    }
    expect(url.searchParams.get('code_challenge_method')).toBe('S256');
  });

  test('is swept when it is over', async () => {
    await visitorOf(tenant).start(connection);
    await tenant.rows(`UPDATE sso_flows SET expires_at = now() - interval '1 minute'`);
    await tenant.rows('SELECT sweep_expired()');
    expect(await tenant.rows('SELECT FROM sso_flows')).toEqual([]);
  });

  test("leads to no other tenant: neither its connection nor another's link opens anything there", async () => {
    const visitor = visitorOf(other);
    expect(await visitor.start(connection)).toBe('turned_off');
    const back = await provider.authorize(await visitorOf(tenant).start(connection), 'mia');
    const own = visitorOf(tenant);
    await own.start(connection);
    visitor.cookie = own.cookie;
    expect(await visitor.finish(back.search.slice(1))).toEqual({ refusal: 'expired' });
    expect(await other.rows(`SELECT FROM users WHERE email = 'mia@acme.test'`)).toEqual([]);
  });

  test('begins at no connection that is turned off, and ends there when it is turned off meanwhile', async () => {
    const fleeting = await connect(tenant, { creates_users: true, default_role: { role_id: roles.auditor } });
    const visitor = visitorOf(tenant);
    const back = await provider.authorize(await visitor.start(fleeting), 'mia');
    await tenant.owner.patch(`/api/sso-connections/${fleeting}`, { is_enabled: false });
    expect(await visitor.finish(back.search.slice(1))).toEqual({ refusal: 'turned_off' });
    expect(await visitor.start(fleeting)).toBe('turned_off');
    expect(await visitor.start('nonsense')).toBe('turned_off');
  });

  test('ends in a refusal when the person refuses, and no code is needed for that', async () => {
    const visitor = visitorOf(tenant);
    const state = new URL(await visitor.start(connection)).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', state, iss: provider.issuer }).toString();
    expect(await visitor.finish(query)).toEqual({ refusal: 'cancelled' });
  });
});

test('on https its cookies are host-only, Secure and out of reach of scripts, and the first ends with the sign-in', async () => {
  const secure = visitorOf(tenant, { origin: tenant.origin.replace('http:', 'https:') });
  const url = await secure.start(connection);
  expect(new URL(url).searchParams.get('redirect_uri')).toMatch(/^https:\/\/[\w.-]+\/sso\/callback$/);
  const attributes = 'HttpOnly; Max-Age=600; Path=/; SameSite=Lax; Secure';
  expect(secure.lastSet).toEqual([expect.stringMatching(/^__Host-scp_sso=[\w-]{43}; /)]);
  expect(secure.lastSet[0]).toContain(attributes);
  const visitor = visitorOf(tenant);
  provider.people.set('end', verified('end@acme.test'));
  await signIn('end', connection, visitor);
  expect(visitor.lastSet).toEqual([
    expect.stringMatching(/^scp_session=\w+; HttpOnly; /),
    'scp_sso=; HttpOnly; Max-Age=0; Path=/; SameSite=Lax',
  ]);
});

describe('somebody without a password', () => {
  const asBrowser = async (subject: string) => {
    provider.people.set(subject, verified(`${subject}@acme.test`));
    const { session = '' } = (await signIn(subject)) as { session?: string };
    return tenant.as({ cookie: session, origin: tenant.origin });
  };

  test('sets up a second factor within ten minutes of signing in, and not later', async () => {
    const recent = await asBrowser('recent');
    expect((await recent.get('/api/me/second-factor')).body.has_password).toBe(false);
    const begun = await recent.post('/api/me/second-factor', {});
    expect(begun.status, begun.text).toBe(200);
    const confirmed = await recent.post('/api/me/second-factor/confirm', {
      totp: await codeOf(String(begun.body.secret)),
    });
    expect(confirmed.status, confirmed.text).toBe(200);

    const late = await asBrowser('late');
    await tenant.rows(`UPDATE sessions SET created_at = now() - interval '11 minutes'`);
    const refused = await late.post('/api/me/second-factor', { password: 'anything' });
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      { password: ['You have no password: sign in again, and do this within ten minutes.'] },
    ]);
  });

  test('has none to change, and none that opens anything', async () => {
    const none = await asBrowser('none');
    const changed = await none.post('/api/me/password', { current_password: 'x', password: 'correct horse battery' });
    expect([changed.status, changed.body.errors]).toEqual([422, { current_password: ['is none'] }]);
    const signedIn = await tenant.as(null).post('/api/sessions', { email: 'none@acme.test', password: 'x' });
    expect([signedIn.status, signedIn.body.code]).toEqual([401, 'invalid_credentials']);
  });
});
