import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

test.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('a key is created, shown once, rotated and revoked, %s', async (_, javaScriptEnabled) => {
  const tenant = stack.tenants[javaScriptEnabled ? 0 : 1] ?? stack.tenant;
  const visitor = await visit(browser, stack, tenant, {
    javaScriptEnabled,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page } = visitor;
  const check = async () => expect(await findBarriers(page)).toEqual([]);
  const statusWith = async (key: string) =>
    (await stack.fetch(tenant.slug, '/api/roles', { headers: { authorization: `Bearer ${key}` } })).status;
  await signIn(visitor, tenant);
  await page.getByRole('link', { name: 'API keys' }).first().click();
  await page.getByRole('link', { name: 'New API key' }).click();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('Name is required');
  if (javaScriptEnabled) await check();
  await page.getByLabel('Name').fill('Till of the harbor');
  await page.getByLabel('Role').selectOption({ label: 'Auditor' });
  await page.getByLabel('Ends').selectOption({ label: 'In 30 days' });
  await page.getByRole('button', { name: 'Create key' }).click();
  const secret = page.getByLabel('Secret of Till of the harbor');
  const first = await secret.inputValue();
  expect(first).toMatch(/^scp_[A-Za-z0-9]{40}$/);
  if (javaScriptEnabled) {
    await check();
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(first);
  }
  expect(await statusWith(first)).toBe(200);
  await page.getByRole('link', { name: 'I have kept it' }).click();
  await page.getByRole('heading', { name: 'The key' }).waitFor();
  expect(await page.content()).not.toContain(first);

  await page.getByText('Rotate the secret').click();
  await page.getByLabel('The old secret works').selectOption({ label: 'for 1 more hour' });
  if (javaScriptEnabled) await check();
  await page.getByRole('button', { name: 'Make a new secret' }).click();
  await page.getByRole('heading', { name: 'The new secret' }).waitFor();
  const second = await secret.inputValue();
  expect([await statusWith(first), await statusWith(second)]).toEqual([200, 200]);
  await page.getByRole('link', { name: 'I have kept it' }).click();
  await page.getByText('not used since').or(page.getByText('last used')).first().waitFor();
  if (javaScriptEnabled) await check();

  await page.getByText('Revoke the key').click();
  await page.getByRole('button', { name: 'Revoke it for good' }).click();
  await page.getByText('The key is revoked.').waitFor();
  expect([await statusWith(first), await statusWith(second)]).toEqual([401, 401]);
  await page.getByLabel('State').selectOption({ label: 'Revoked' });
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/state=revoked/);
  await page.getByRole('link', { name: 'Till of the harbor' }).waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});
