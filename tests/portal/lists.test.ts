import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

async function ask(path: string, body: object, method = 'POST'): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await stack.api(stack.tenant, path, { method, headers, body: JSON.stringify(body) });
  expect(response.ok, `${path} answered ${response.status}`).toBe(true);
  return ((await response.json()) as { id: string }).id;
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  const org = await ask('/api/merchant-orgs', { name: 'Harbor & Pine' });
  for (const name of ['Pine Hair', 'Quay Nails']) {
    await ask('/api/merchants', { merchant_org_id: org, name, vertical: 'fitness', email: 'desk@acme.test' });
  }
  await ask('/api/merchants', { merchant_org_id: org, name: 'Old Mill', vertical: 'other' });
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** What axe finds in both colour schemes. */
async function barriers(page: Page): Promise<string[]> {
  const light = await findBarriers(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await findBarriers(page, ['color-contrast', 'link-in-text-block']);
  await page.emulateMedia({ colorScheme: 'light' });
  return [...light, ...dark];
}

const heads = (page: Page) => page.locator('thead th').allInnerTexts();
const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });

test('columns are chosen, a view is kept, renamed and deleted, and rows are archived together', {
  timeout: 120_000,
}, async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(visitor, stack.tenant, '/merchants?vertical=fitness');
  await page.waitForLoadState('networkidle');
  const before = await heads(page);
  expect(before).not.toContain('E-mail');
  await page.getByText('Columns', { exact: true }).click();
  await page.getByLabel('Currency').uncheck();
  await page.getByLabel('E-mail').check();
  const found = await barriers(page);
  await page.getByRole('button', { name: 'Show these' }).click();
  await expect.poll(() => heads(page)).toContain('E-mail');
  expect(await heads(page)).not.toContain('Currency');
  expect(await page.getByText('Old Mill').count()).toBe(0);

  await link(page, 'Save as a view').click();
  await page.getByLabel('Name').fill('Fitness');
  found.push(...(await barriers(page)));
  await page.getByRole('button', { name: 'Save view' }).click();
  const views = page.getByRole('navigation', { name: 'Views' });
  await views.locator('[aria-current]', { hasText: 'Fitness' }).waitFor();
  await views.getByRole('link', { name: 'All' }).click();
  await page.getByText('Old Mill').waitFor();
  expect(await heads(page)).toEqual(before);
  await views.getByRole('link', { name: 'Fitness' }).click();
  await expect.poll(() => heads(page)).toContain('E-mail');

  await link(page, 'Change this view').click();
  await page.getByText('Rename', { exact: true }).first().click();
  await page.getByLabel('Name').fill('Studios');
  found.push(...(await barriers(page)));
  await page.getByRole('button', { name: 'Rename' }).click();
  await views.locator('[aria-current]', { hasText: 'Studios' }).waitFor();
  expect(await page.getByRole('button', { name: 'Archive' }).isVisible()).toBe(false);
  await page.getByLabel('Select all on this page').check();
  await page.getByText('2 selected').waitFor();
  found.push(...(await barriers(page)));
  await page.getByRole('button', { name: 'Archive' }).click();
  await page.getByRole('heading', { name: 'Archive: 2 merchants?' }).waitFor();
  expect(await page.locator('.bulk-names li').allInnerTexts()).toHaveLength(2);
  found.push(...(await barriers(page)));
  await page.getByRole('button', { name: 'Archive: 2 merchants' }).click();
  await page.getByText('2 merchants archived.').waitFor();
  found.push(...(await barriers(page)));
  await link(page, 'Back to the list').click();
  await page.getByText('Nothing matches these filters').waitFor();

  await link(page, 'Change this view').click();
  await page.getByText('Delete', { exact: true }).first().click();
  await page.getByRole('button', { name: 'Delete this view' }).click();
  await page.getByText('Old Mill').waitFor();
  expect(await views.count()).toBe(0);
  expect(found).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('on a phone and without JavaScript columns are chosen, a view is kept, and all rows of a page are changed', {
  timeout: 60_000,
}, async () => {
  const options = { viewport: { width: 390, height: 844 }, javaScriptEnabled: false };
  const visitor = await visit(browser, stack, stack.tenant, options);
  const { page } = visitor;
  await signIn(visitor, stack.tenant, '/merchants?archived=true');
  const isNarrow = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  await page.getByText('Columns', { exact: true }).click();
  await page.getByLabel('Time zone').check();
  expect(await isNarrow()).toBe(true);
  await page.getByRole('button', { name: 'Show these' }).click();
  await expect.poll(() => heads(page)).toContain('Time zone');
  await link(page, 'Save as a view').click();
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Name').fill('Archived');
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current]', { hasText: 'Archived' }).waitFor();
  await link(page, 'Select all on this page').click();
  expect(await isNarrow()).toBe(true);
  await page.getByRole('button', { name: 'Restore' }).click();
  expect(await isNarrow()).toBe(true);
  await page.getByRole('button', { name: 'Restore: 2 merchants' }).click();
  await page.getByText('2 merchants restored.').waitFor();
  await link(page, 'Back to the list').click();
  await page.getByText('Nothing matches these filters').waitFor();
  await visitor.leave();
});

test('what is typed before the page comes alive is kept, and asked for', async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(visitor, stack.tenant);
  let comeAlive = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    comeAlive = resolve;
  });
  await page.route('**/*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/merchants?q=Quay', { waitUntil: 'commit' });
  const field = page.getByLabel('Search', { exact: true });
  await field.fill('Mill');
  comeAlive();
  await page.waitForLoadState('networkidle');
  expect(await field.inputValue()).toBe('Mill');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/q=Mill/);
  await page.goBack();
  await expect.poll(() => field.inputValue()).toBe('Quay');
  await visitor.leave();
});
