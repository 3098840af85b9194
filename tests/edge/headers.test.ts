import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALWAYS, NO_PAGE, secureHeaders } from '../../server/security-headers.ts';
import { suspendTenant } from '../../tenants/status.ts';
import { ROOT } from '../architecture/sources.ts';
import { expectSecured } from '../doors/security.ts';
import { doorOf } from '../support/door.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openTenant, type TestTenant } from '../support/tenant.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await startStack({ tenants: 2 });
  const { record, apiKey } = stack.tenant;
  tenant = await openTenant(stack.database, stack.settings, record, apiKey, '');
});
afterAll(async () => {
  await tenant?.close();
  await stack?.stop();
});

test('the front answers with them for every host that leads nowhere, for the apex, and for a suspended tenant', async () => {
  const suspended = stack.tenants[1]!;
  await suspendTenant(stack.database.admin, suspended.slug);
  const hosts = ['localhost', 'nobody-here.localhost', 'stray.test', `${suspended.slug}.localhost`, 'a b', 'x@y'];
  for (const host of hosts) {
    for (const path of [
      '/',
      '/?portal=nobody',
      `/?portal=${stack.tenant.slug}`,
      '/merchants',
      '/api/accounts',
      '/healthz',
    ]) {
      const { headers, status } = await hostFetch(stack.port, host, path);
      expectSecured(headers, `${host}${path} ${status}`);
    }
  }
});

test('the form of the apex leads to portals of this very domain and nowhere else', async () => {
  const policy = (await stack.fetch('', '/')).headers.get('content-security-policy');
  expect(policy).toContain(`form-action 'self' http://*.localhost:${stack.port};`);
  expect((await stack.fetch('', '/nothing')).headers.get('content-security-policy')).toContain(`form-action 'none'`);
});

test('files carry them, and those named by their hash are kept for good', async () => {
  const page = await (await stack.fetch(stack.tenant.slug, '/sign-in')).text();
  const files = [...page.matchAll(/"(\/assets\/[\w.-]+\.(?:js|css))"/g)].map(([, file]) => file!);
  expect(files.length).toBeGreaterThan(2);
  for (const path of [...new Set(files), '/favicon.svg']) {
    const { headers, status } = await stack.fetch(stack.tenant.slug, path);
    expect([path, status]).toEqual([path, 200]);
    expectSecured(headers, path, { isPublic: true });
    if (path !== '/favicon.svg') expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  }
  const missing = await stack.fetch(stack.tenant.slug, '/assets/nothing.js');
  expectSecured(missing.headers, '/assets/nothing.js');
});

test('the platform gives files the same headers when it serves them before the worker', () => {
  const [everywhere = ''] = readFileSync(join(ROOT, 'public/_headers'), 'utf8').split('\n\n');
  const written = everywhere
    .split('\n')
    .slice(1)
    .map((line) =>
      line
        .trim()
        .split(/: (.*)/s)
        .slice(0, 2),
    );
  const headers = Object.fromEntries(written.map(([name = '', value]) => [name.toLowerCase(), value]));
  const made = new Headers();
  secureHeaders(new Request('https://acme.example.com/assets/a.js'), made);
  expect(headers).toEqual({
    ...ALWAYS,
    'content-security-policy': NO_PAGE,
    'strict-transport-security': made.get('strict-transport-security'),
  });
});

test('on https browsers are told to stay there; on http nothing is promised', async () => {
  const secure = doorOf(tenant.home, tenant.origin.replace('http:', 'https:'));
  for (const path of ['/api/accounts', '/healthz', '/api/docs']) {
    expect((await secure(path)).headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}$/);
    expect((await tenant.door(path)).headers.get('strict-transport-security')).toBe(null);
  }
});

test('a session cookie is of this host alone, out of reach for scripts and other sites, and named for https there', async () => {
  const { owner } = stack.tenant;
  const signIn = (door: typeof tenant.door) => door('/api/sessions', { method: 'POST', json: owner });
  const plain = (await signIn(tenant.door)).headers.get('set-cookie') ?? '';
  const secure =
    (await signIn(doorOf(tenant.home, tenant.origin.replace('http:', 'https:')))).headers.get('set-cookie') ?? '';
  expect(plain).toMatch(/^scp_session=/);
  expect(secure).toMatch(/^__Host-scp_session=/);
  expect(secure).toMatch(/; Secure(;|$)/);
  for (const cookie of [plain, secure]) {
    for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(attribute);
    expect(cookie).not.toMatch(/domain=/i);
  }
});
