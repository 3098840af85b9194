import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setQuota } from '../../tenants/quotas.ts';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, visit } from './visitor.ts';

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

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('colour and logo are tried before they are saved, then worn by portal, sign-in page and mails, and taken off again', async () => {
  const { tenant } = stack;
  const visitor = await visit(browser, stack, tenant);
  const { page } = visitor;
  const accent = (name: string) =>
    page
      .getByRole('button', { name, exact: true })
      .first()
      .evaluate((element) => getComputedStyle(element).backgroundColor);
  await signIn(visitor, tenant, '/settings/branding');
  await page.getByLabel('Colour').fill('#B4236A');
  await page.getByLabel('Support e-mail').fill('help@acme.test');
  const file = { name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from(PNG, 'base64') };
  await page.getByLabel('Logo').setInputFiles(file);
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('This is a preview: nothing is saved yet.').waitFor();
  await expect.poll(() => accent('Save branding')).toBe('rgb(180, 35, 106)');
  const letter = page.frameLocator('iframe[title="The mail as it looks"]');
  await letter.getByRole('link', { name: 'help@acme.test' }).waitFor();
  expect(await letter.locator('img').getAttribute('src')).toMatch(/^data:image\/png/);
  expect((await stack.fetch(tenant.slug, '/branding/logo')).status).toBe(404);
  await page.getByRole('button', { name: 'Save branding' }).click();
  await page.getByText('Your branding was saved.').waitFor();
  const src = (await page.locator('.sidebar .brand-logo').getAttribute('src')) ?? '';
  const logo = await stack.fetch(tenant.slug, src);
  expect([logo.status, Buffer.from(await logo.arrayBuffer()).toString('base64')]).toEqual([200, PNG]);
  expect(Object.fromEntries(logo.headers)).toMatchObject({
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, max-age=31536000, immutable',
    'cross-origin-resource-policy': 'cross-origin',
  });
  const again = await stack.fetch(tenant.slug, src, { headers: { 'if-none-match': logo.headers.get('etag') ?? '' } });
  expect(again.status).toBe(304);
  expect(await findBarriers(page)).toEqual([]);

  const guest = await visit(browser, stack, tenant, { javaScriptEnabled: false });
  await guest.page.goto('/sign-in');
  const shown = guest.page.locator('.gate .brand-logo');
  expect(await shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
  await guest.leave();

  await page.getByText('Remove the logo').click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await page.locator('.sidebar .monogram').first().waitFor();
  await expect.poll(() => page.locator('.brand-logo').count()).toBe(0);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});
