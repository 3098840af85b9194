import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ tenants: 2 });
});

afterAll(() => stack?.stop());

test('the built worker answers for each tenant on its own host, and for no other', async () => {
  for (const { slug } of stack.tenants) {
    const healthy = await stack.fetch(slug, '/healthz');
    expect(healthy.status).toBe(200);
    expect(await healthy.json()).toEqual({ status: 'ok' });
  }
  expect((await stack.fetch('nobody-here', '/healthz')).status).toBe(404);
});

test('an API key opens its own tenant only', async () => {
  const [first, second] = stack.tenants;
  expect((await stack.api(first!, '/api/accounts')).status).toBe(200);
  expect((await stack.api({ ...first!, slug: second!.slug }, '/api/accounts')).status).toBe(401);
});

test('browser files carry their type, and are cached for good when their name has a hash', async () => {
  const page = await (await stack.fetch(stack.tenant.slug, '/sign-in')).text();
  const path = /\/assets\/[^"]+\.js/.exec(page)?.[0] ?? '';
  const script = await stack.fetch(stack.tenant.slug, path);
  expect(script.status).toBe(200);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toContain('immutable');
  const etag = script.headers.get('etag') ?? '';
  await script.body?.cancel();
  const again = await stack.fetch(stack.tenant.slug, path, { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(304);
});

test('a tick runs through its own entrypoint', async () => {
  expect((await stack.tick()).status).toBe(200);
});

test('after a crash the worker serves the same data', async () => {
  await stack.restart('kill');
  expect((await stack.api(stack.tenant, '/api/accounts')).status).toBe(200);
});
