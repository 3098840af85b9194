import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { outboundOf } from '../../server/auth/outbound.ts';
import { type HostileProvider, type Json, startHostileProvider } from '../support/hostile-provider.ts';
import { visitorOf } from '../support/single-sign-on.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;
let provider: HostileProvider;
let connection: string;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
  provider = await startHostileProvider();
  const [role] = await tenant.rows(`SELECT id FROM roles WHERE key = 'auditor'`);
  const created = await tenant.owner.post('/api/sso-connections', {
    name: 'Hostile',
    issuer: provider.issuer,
    client_id: 'portal',
    email_domains: ['acme.test'],
    default_role: { role_id: role?.id },
    creates_users: true,
    is_enabled: true,
  });
  expect(created.status, created.text).toBe(201);
  connection = created.body.id;
});
afterAll(async () => {
  await provider?.stop();
  await site?.stop();
});
beforeEach(() => provider.reset());

async function signIn(visitor = visitorOf(tenant)) {
  const url = await visitor.start(connection);
  return url.startsWith('http') ? visitor.finish(provider.authorize(url).search.slice(1)) : { refusal: url };
}

const lastReason = async () => {
  const [event] = await tenant.rows(
    `SELECT details ->> 'summary' AS summary FROM audit_events WHERE action LIKE 'sso.%' ORDER BY id DESC LIMIT 1`,
  );
  return String(event?.summary);
};

const opened = { to: '/', session: expect.stringMatching(/^scp_session=/) };
const now = () => Math.floor(Date.now() / 1000);

describe('a token', () => {
  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)('that is signed by %s is taken', async (signing) => {
    provider.signing = signing;
    expect(await signIn()).toEqual(opened);
  });

  test.each(['none', 'HS256', 'another key'] as const)('that is signed by %s is refused', async (signing) => {
    provider.signing = signing;
    expect(await signIn()).toEqual({ refusal: 'token_invalid' });
    expect(await lastReason()).toMatch(/^Denied: Single sign-on, token invalid: /);
  });

  const wrong: readonly [string, () => Json][] = [
    ['of another issuer', () => ({ iss: 'https://evil.test' })],
    ['of the issuer with a slash more', () => ({ iss: `${provider.issuer}/` })],
    ['for another audience', () => ({ aud: 'another client' })],
    ['for no audience', () => ({ aud: undefined })],
    ['for several audiences without saying whose it is', () => ({ aud: ['portal', 'another'] })],
    ['for several audiences, issued to another', () => ({ aud: ['portal', 'another'], azp: 'another' })],
    ['issued to another', () => ({ azp: 'another' })],
    ['with another nonce', () => ({ nonce: 'forged' })],
    ['without a nonce', () => ({ nonce: undefined })],
    ['that has expired', () => ({ exp: now() - 120 })],
    ['that never expires', () => ({ exp: undefined })],
    ['whose end is no number', () => ({ exp: 'never' })],
    ['from the future', () => ({ iat: now() + 3600 })],
    ['that was issued long ago', () => ({ iat: now() - 3600 })],
    ['that does not say when it was issued', () => ({ iat: undefined })],
    ['that holds not yet', () => ({ nbf: now() + 3600 })],
    ['about nobody', () => ({ sub: undefined })],
    ['about a number', () => ({ sub: 7 })],
  ];
  test.each(wrong)('%s is refused', async (_what, claims) => {
    provider.claims = claims();
    expect(await signIn()).toEqual({ refusal: 'token_invalid' });
  });

  test('of clocks that differ a little is taken, and so is one that is ours beside others', async () => {
    provider.claims = { iat: now() + 30, exp: now() - 30, aud: ['portal', 'another'], azp: 'portal' };
    expect(await signIn()).toEqual(opened);
  });

  test('that demands what we do not know, or names a key that is not there, is refused', async () => {
    for (const header of [{ crit: ['b64'], b64: false }, { kid: 'unknown' }, { alg: 'RS384' }, { alg: 7 }]) {
      provider.header = header;
      expect(await signIn()).toEqual({ refusal: 'token_invalid' });
    }
  });

  test('that brings its own key is verified by the key of the provider', async () => {
    provider.signing = 'another key';
    provider.header = { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, jku: `${provider.issuer}/keys` };
    expect(await signIn()).toEqual({ refusal: 'token_invalid' });
  });

  test('by a key that is new since the last sign-in is taken', async () => {
    expect(await signIn()).toEqual(opened);
    provider.rotate();
    expect(await signIn()).toEqual(opened);
  });
});

describe('what a provider says of somebody', () => {
  test('is taken as text, however it is made', async () => {
    const name = `Robert'); DROP TABLE users;-- <script>\u0000\ud800`;
    provider.claims = { sub: 'hostile', email: 'ROBERT@acme.test', email_verified: 'true', name };
    expect(await signIn()).toEqual(opened);
    const [user] = await tenant.rows(`SELECT name FROM users WHERE email = 'robert@acme.test'`);
    expect(user?.name).toBe(`Robert'); DROP TABLE users;-- <script> \ufffd`);
  });

  test('is no address when it is made to look like one', async () => {
    const odd = [
      'a b@acme.test',
      '"x"@acme.test',
      '<x@acme.test>',
      'x@acme.test\nx@acme.test',
      '@acme.test',
      'acme.test',
    ];
    for (const email of [...odd, 7, ['x@acme.test'], { toString: 'x@acme.test' }, `${'x'.repeat(300)}@acme.test`]) {
      provider.claims = { sub: 'odd', email };
      expect([email, await signIn()]).toEqual([email, { refusal: 'email_missing' }]);
    }
  });

  test('of an address that is not verified is not trusted, whatever stands for no', async () => {
    for (const verified of [false, 'false', null, undefined, 1, 'yes', {}]) {
      provider.claims = { sub: 'unverified', email: 'unverified@acme.test', email_verified: verified };
      expect(await signIn()).toEqual({ refusal: 'email_unverified' });
    }
  });

  test('of a second factor counts where it is trusted in this alone', async () => {
    provider.claims = { sub: 'factor', email: 'factor@acme.test', amr: ['pwd', 'mfa'] };
    await signIn();
    await tenant.arrange(
      `INSERT INTO second_factors (id, sealed_secret, confirmed_at) SELECT id, 'x', now() FROM users WHERE email = 'factor@acme.test'`,
    );
    expect(await signIn()).toMatchObject({ to: '/sso/confirm' });
    await tenant.owner.patch(`/api/sso-connections/${connection}`, { trusts_amr: true });
    expect(await signIn()).toEqual(opened);
    for (const amr of [['pwd'], 'mfa', undefined, [['mfa']]]) {
      provider.claims = { sub: 'factor', email: 'factor@acme.test', amr };
      expect(await signIn()).toMatchObject({ to: '/sso/confirm' });
    }
  });

  test('of a trusted second factor is enough for a role that asks for one', async () => {
    await tenant.arrange(`UPDATE roles SET requires_second_factor = true WHERE key = 'auditor'`);
    const statusFor = async (amr: string[]) => {
      provider.claims = { sub: 'required', email: 'required@acme.test', amr };
      const { session = '' } = (await signIn()) as { session?: string };
      return (await tenant.as({ cookie: session, origin: tenant.origin }).get('/api/tenants')).status;
    };
    expect(await statusFor(['mfa'])).toBe(200);
    expect(await statusFor(['pwd'])).toBe(403);
    await tenant.arrange(`UPDATE roles SET requires_second_factor = false WHERE key = 'auditor'`);
  });
});

describe('an answer', () => {
  test('of another provider is refused (RFC 9207)', async () => {
    const visitor = visitorOf(tenant);
    const back = provider.authorize(await visitor.start(connection));
    back.searchParams.set('iss', 'https://evil.test');
    expect(await visitor.finish(back.search.slice(1))).toEqual({ refusal: 'token_invalid' });
  });

  test('with anything twice, or with tokens in the address, is refused', async () => {
    for (const more of ['&code=other', '&iss=a&iss=b', '&id_token=x', '&response=x']) {
      const visitor = visitorOf(tenant);
      const back = provider.authorize(await visitor.start(connection));
      expect(await visitor.finish(back.search.slice(1) + more)).toEqual({ refusal: 'token_invalid' });
    }
  });

  test('that is missing, late, too large, elsewhere or nonsense is no sign-in', async () => {
    const cases: [string, object, string][] = [
      ['/token', { status: 500 }, 'token_invalid'],
      ['/token', { status: 400, body: '{"error":"invalid_grant"}' }, 'provider_refused'],
      ['/token', { status: 302, headers: { location: `${provider.issuer}/elsewhere` } }, 'token_invalid'],
      ['/token', { body: 'no JSON' }, 'token_invalid'],
      ['/token', { body: '{"access_token":"x","token_type":"Bearer"}' }, 'token_invalid'],
      ['/keys', { status: 404 }, 'token_invalid'],
      ['/keys', { body: '{"keys":[]}' }, 'token_invalid'],
      ['/keys', { body: `{"keys":["${'x'.repeat(300_000)}"]}` }, 'unavailable'],
      ['/token', { delayMs: 6_000 }, 'unavailable'],
    ];
    for (const [path, answer, refusal] of cases) {
      provider.reset();
      provider.answers.set(path, answer);
      expect([path, answer, await signIn()]).toEqual([path, answer, { refusal }]);
    }
    expect(provider.asked.map(({ path }) => path)).not.toContain('/elsewhere');
  }, 60_000);
});

describe('a provider', () => {
  const unusable: readonly [string, () => Json, RegExp][] = [
    ['calls itself otherwise', () => ({ issuer: 'https://evil.test' }), /another issuer/],
    ['differs by a slash', () => ({ issuer: `${provider.issuer}/` }), /exactly that/],
    ['has no token endpoint', () => ({ token_endpoint: undefined }), /token_endpoint is missing/],
    ['has its keys in the clear', () => ({ jwks_uri: 'http://example.com/keys' }), /must begin with https/],
    ['leads into our network', () => ({ token_endpoint: 'https://10.0.0.1/token' }), /must be a public address/],
    ['asks scripts to sign in', () => ({ authorization_endpoint: 'javascript:alert(1)' }), /must begin with https/],
    ['knows no PKCE with S256', () => ({ code_challenge_methods_supported: ['plain'] }), /PKCE/],
    ['signs by a shared secret alone', () => ({ id_token_signing_alg_values_supported: ['HS256'] }), /none of RS256/],
    ['has no codes', () => ({ response_types_supported: ['id_token'] }), /authorization code/],
  ];
  test.each(unusable)('that %s is told so in a test, and signs nobody in', async (_what, metadata, problem) => {
    provider.metadata = metadata();
    const tested = await tenant.owner.post('/api/sso-connection-tests', { issuer: provider.issuer });
    expect(tested.body).toMatchObject({ is_usable: false, problem: expect.stringMatching(problem), keys: 0 });
    expect(await signIn()).toEqual({ refusal: 'misconfigured' });
  });

  test('that is down, or has no configuration, is told so', async () => {
    provider.answers.set('/.well-known/openid-configuration', { status: 503 });
    const { body } = await tenant.owner.post('/api/sso-connection-tests', { issuer: provider.issuer });
    expect(body.problem).toMatch(/status 503/);
    const down = await tenant.owner.post('/api/sso-connection-tests', { issuer: 'http://127.0.0.1:9' });
    expect(down.body).toMatchObject({ is_usable: false, problem: 'The provider does not answer at this address.' });
    expect(await signIn()).toEqual({ refusal: 'misconfigured' });
  });

  test('that can be used shows where it signs people in, how it signs, and its keys', async () => {
    const { body } = await tenant.owner.post('/api/sso-connection-tests', { issuer: provider.issuer });
    expect(body).toEqual({
      is_usable: true,
      problem: null,
      authorization_endpoint: `${provider.issuer}/authorize`,
      token_endpoint: `${provider.issuer}/token`,
      signing_algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      keys: 3,
    });
  });
});

describe('addresses that tenants name', () => {
  const edge = outboundOf({ BASE_DOMAIN: 'portal.example' });
  const local = outboundOf({ BASE_DOMAIN: 'localhost' });

  test('are asked over https, in public', () => {
    for (const good of ['https://login.example.com', 'https://8.8.8.8/x', 'https://[2606:4700::1111]/']) {
      expect([good, edge.refusal(good)]).toEqual([good, null]);
    }
    const bad = [
      'http://login.example.com',
      'ftp://login.example.com',
      'https://user:secret@login.example.com',
      'https://localhost',
      'https://portal.localhost',
      'https://postgres',
      'https://metadata.google.internal',
      'https://printer.local',
      ...[
        '127.0.0.1',
        '10.1.2.3',
        '192.168.0.1',
        '172.16.9.9',
        '169.254.169.254',
        '100.64.0.1',
        '0.0.0.0',
        '224.0.0.1',
      ],
      ...['2130706433', '0x7f.1', '017700000001', '127.1', '127.0.0.1.', '[::1]', '[::ffff:10.0.0.1]', '[fd00::1]'],
      ...['[fe80::1]', '[64:ff9b::a00:1]', '[2002:7f00:1::]', '[::]'],
    ].map((each) => (each.includes('://') ? each : `https://${each}/`));
    for (const each of bad) expect([each, edge.refusal(each)]).not.toEqual([each, null]);
    expect(edge.refusal('nonsense')).not.toBeNull();
  });

  test('may be on loopback in the local system, without https, and nowhere else', () => {
    expect(local.refusal('http://127.0.0.1:9')).toBeNull();
    expect(local.refusal('http://localhost:9')).toBeNull();
    expect(local.refusal('http://10.0.0.1')).not.toBeNull();
    expect(edge.refusal('http://127.0.0.1:9')).not.toBeNull();
  });
});
