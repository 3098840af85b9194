import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDomain, verifyDomain } from '../../tenants/domains.ts';
import { resumeTenant, suspendTenant } from '../../tenants/status.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { newSlug } from '../tenants/database.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ tenants: 3 });
});

afterAll(() => stack?.stop());

/** Asks under any host name at all. */
function ask(host: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return hostFetch(stack.port, host, path, { headers });
}

/** The slug of the tenant that answers, with the first tenant's key. */
async function tenantAt(host: string, headers: Record<string, string> = {}): Promise<string> {
  const answered = await ask(host, '/api/tenants', { authorization: `Bearer ${stack.tenant.apiKey}`, ...headers });
  const { data }: { data: { slug: string }[] } = await answered.json();
  return data[0]?.slug ?? '';
}

describe('a host that is no tenant', () => {
  test.each([
    'nobody-here.localhost',
    'www1.localhost',
    'api.localhost',
    'a.b.localhost',
    'stray.test',
    '10.0.0.1',
    `${'a'.repeat(300)}.localhost`,
  ])('%s is answered 404: a page for people, a problem document for programs', async (host) => {
    const page = await ask(host, '/merchants');
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('There is no portal here');
    for (const path of ['/api/accounts', '/mcp', '/healthz']) {
      const problem = await ask(host, path);
      expect(problem.status).toBe(404);
      expect(problem.headers.get('content-type')).toBe('application/problem+json');
      expect(await problem.json()).toMatchObject({ status: 404, code: 'not_found', request_id: expect.any(String) });
    }
  });
});

test.each(['HOST:99999', 'HOST:port', 'user@HOST', 'HOST, stray.test', '%61HOST'])(
  'the Host header %s is no name of a host and answered 400',
  async (pattern) => {
    const answered = await ask(pattern.replace('HOST', `${stack.tenant.slug}.localhost`), '/api/tenants');
    expect([answered.status, ((await answered.json()) as { code: string }).code]).toEqual([400, 'malformed']);
  },
);

describe('the host of a tenant', () => {
  test('is the same in upper case, with any port, and with the dot of an absolute name', async () => {
    const { slug } = stack.tenant;
    for (const host of [slug.toUpperCase(), slug].flatMap((each) => [
      `${each}.localhost`,
      `${each}.LOCALHOST:${stack.port}`,
      `${each}.localhost.:1`,
    ])) {
      expect(await tenantAt(host)).toBe(slug);
    }
  });

  test('is what the Host header says, whatever forged headers say', async () => {
    const [own, other] = stack.tenants;
    const foreign = `${other?.slug}.localhost`;
    const forged = {
      'x-forwarded-host': foreign,
      'x-forwarded-proto': 'https',
      forwarded: `host=${foreign}`,
      'x-host': foreign,
      'x-scp-tenant': encodeURIComponent(JSON.stringify(other?.record)),
    };
    expect(await tenantAt(`${own?.slug}.localhost`, forged)).toBe(own?.slug);
    // The record of a tenant does not open a host that has none.
    expect((await ask('nobody-here.localhost', '/api/tenants', forged)).status).toBe(404);
  });

  test('may be a domain of its own, from the moment that it is verified', async () => {
    const [own, other] = stack.tenants;
    const domain = `books.${newSlug('acme')}.test`;
    const unverified = `pending.${domain}`;
    for (const host of [domain, unverified]) await addDomain(stack.database.admin, own!.slug, host);
    await verifyDomain(stack.database.admin, own!.slug, domain);
    expect((await ask(unverified, '/healthz')).status).toBe(404);
    expect(await tenantAt(domain)).toBe(own?.slug);
    expect(await tenantAt(`${domain.toUpperCase()}.:443`)).toBe(own?.slug);
    const key = { authorization: `Bearer ${other?.apiKey}` };
    expect((await ask(domain, '/api/tenants', key)).status).toBe(401);
    expect(await tenantAt(domain, { 'x-forwarded-host': `${other?.slug}.localhost` })).toBe(own?.slug);
  });

  test('by its own domain and by its subdomain has sessions of their own', async () => {
    const own = stack.tenant;
    const domain = `desk.${newSlug('acme')}.test`;
    await addDomain(stack.database.admin, own.slug, domain);
    await verifyDomain(stack.database.admin, own.slug, domain);
    const signIn = (origin: string) =>
      hostFetch(stack.port, domain, '/api/sessions', { method: 'POST', json: own.owner, headers: { origin } });
    const signedIn = await signIn(`http://${domain}`);
    expect(signedIn.status).toBe(201);
    expect(signedIn.headers.get('set-cookie')).not.toMatch(/domain=/i);
    // The subdomain is another site to the custom domain, though both are one tenant's.
    expect((await signIn(stack.url(own.slug))).status).toBe(403);
    const page = await ask(domain, '/', { cookie: signedIn.headers.get('set-cookie')?.split(';')[0] ?? '' });
    expect(page.status).toBe(200);
  });

  test('is not needed for a health probe: the bare loopback address is the apex', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      request({ host: '127.0.0.1', port: stack.port, path: '/healthz' }, (answered) => {
        answered.resume();
        resolve(answered.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });
});

describe('the apex', () => {
  test('is healthy, finds a portal, and says so when there is none', async () => {
    const health = await stack.fetch('', '/healthz');
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    expect(await (await stack.fetch('', '/')).text()).toContain('Find your portal');
    const found = await stack.fetch('', `/?portal=%20${stack.tenant.slug.toUpperCase()}`);
    expect(found.status).toBe(303);
    expect(found.headers.get('location')).toBe(`${stack.url(stack.tenant.slug)}/`);
    const missing = await stack.fetch('', '/?portal=%3Cscript%3Ealert(1)%3C/script%3E');
    expect(missing.status).toBe(404);
    expect(await missing.text()).toContain('&lt;script&gt;alert(1)');
  });

  test('has nothing else', async () => {
    expect((await stack.fetch('', '/merchants')).status).toBe(404);
    expect((await stack.fetch('', '/api/accounts')).headers.get('content-type')).toBe('application/problem+json');
  });
});

test('a suspended tenant is answered 403 on every door, and opens again when it is resumed', async () => {
  const tenant = stack.tenants[2]!;
  const { admin } = stack.database;
  const domain = `closed.${newSlug('acme')}.test`;
  await addDomain(admin, tenant.slug, domain);
  await verifyDomain(admin, tenant.slug, domain);
  await suspendTenant(admin, tenant.slug);
  for (const path of ['/', '/sign-in']) {
    const page = await stack.api(tenant, path);
    expect(page.status).toBe(403);
    expect(await page.text()).toContain('This portal is suspended');
  }
  for (const path of ['/api/accounts', '/mcp', '/healthz']) {
    const problem = await stack.api(tenant, path);
    expect(problem.status).toBe(403);
    expect(await problem.json()).toMatchObject({ code: 'tenant_suspended' });
  }
  expect((await ask(domain, '/')).status).toBe(403);
  expect((await ask(domain, '/api/accounts')).status).toBe(403);
  await resumeTenant(admin, tenant.slug);
  // The worker remembers for at most 30 s (tests/edge/cache.test.ts); a new one asks anew.
  await stack.restart();
  expect((await stack.api(tenant, '/api/accounts')).status).toBe(200);
});
