import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NeonProxy, startNeonProxy } from '../support/neon-proxy.ts';
import { type Stack, startStack } from '../support/stack.ts';

let proxy: NeonProxy;
let stack: Stack;

beforeAll(async () => {
  proxy = await startNeonProxy();
  stack = await startStack({
    settings: ({ DATABASE_URL }) => ({
      DATABASE_URL: `${DATABASE_URL}?transport=neon&proxy=${encodeURIComponent(proxy.url)}`,
    }),
  });
});

afterAll(async () => {
  await stack?.stop();
  await proxy?.stop();
});

test("catalog and tenant are reached over Neon's WebSocket protocol", async () => {
  expect((await stack.api(stack.tenant, '/api/accounts')).status).toBe(200);
  // One for the directory's pool, one for the tenant's.
  expect(proxy.connections()).toBeGreaterThanOrEqual(2);
});
