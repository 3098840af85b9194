import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';

let browser: Browser;
let stack: Stack;

beforeAll(async () => {
  [browser, stack] = await Promise.all([startBrowser(), startStack()]);
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

test('a real browser opens the sign-in page of a tenant on its own host, with its styles and scripts', async () => {
  const page = await browser.newPage();
  const failures: string[] = [];
  page.on('requestfailed', (request) => failures.push(request.url()));
  page.on('pageerror', (error) => failures.push(error.message));
  await page.goto(`${stack.url(stack.tenant.slug)}/sign-in`, { waitUntil: 'networkidle' });
  expect(await page.getByRole('heading').first().isVisible()).toBe(true);
  expect(await page.evaluate(() => document.styleSheets.length)).toBeGreaterThan(0);
  expect(failures).toEqual([]);
  await page.close();
});
