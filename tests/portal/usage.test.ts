import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setQuota } from '../../tenants/quotas.ts';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { signIn, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

test('whoever runs the portal sees what it uses, day by day, and is told on every page when a quota is used up', async () => {
  const { tenant, database } = stack;
  await setQuota(database.admin, tenant.slug, { measure: 'api_calls', soft_limit: 1, hard_limit: 2 });
  for (const status of [200, 200, 429]) {
    expect((await stack.api(tenant, '/api/merchants')).status).toBe(status);
  }
  const visitor = await visit(browser, stack, tenant);
  const { page } = visitor;
  await signIn(visitor, tenant);
  await page.getByText('Used up: API calls.').waitFor();
  await page.getByRole('link', { name: 'See usage' }).click();
  await page.getByRole('heading', { name: 'Usage', level: 1 }).waitFor();
  const row = page.getByRole('row', { name: /API calls today/ });
  expect(await row.getByText('Used up').isVisible()).toBe(true);
  expect(await row.getByRole('img', { name: '100 % of the hard limit' }).isVisible()).toBe(true);
  await page.getByRole('link', { name: 'Storage' }).click();
  await page.getByRole('heading', { name: 'Storage, last 30 days' }).waitFor();
  await page.getByText('Show as a table').click();
  expect(await page.getByRole('region', { name: 'Storage per day' }).getByRole('row').count()).toBe(31);
  expect(await page.getByRole('img', { name: /^Storage per day/ }).isVisible()).toBe(true);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});
