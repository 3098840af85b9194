import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

const stageOf = (page: Page, stage: string) => page.getByRole('region', { name: stage, exact: true });
const cardIn = (page: Page, stage: string, name: string) =>
  stageOf(page, stage).getByRole('link', { name, exact: true });

async function add(page: Page, name: string, more: Record<string, string> = {}): Promise<void> {
  await page.goto('/prospects/new');
  for (const [label, value] of Object.entries({ Business: name, ...more })) await page.getByLabel(label).fill(value);
  await page.getByRole('button', { name: 'Add prospect' }).click();
  await page.waitForURL(/\/prospects\/[0-9a-f-]+/);
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

test('a prospect is added, moved by keyboard and by mouse, worked on, and becomes a merchant', {
  timeout: 120_000,
}, async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(visitor, stack.tenant, '/pipeline');
  expect(await page.getByText('No prospects yet').isVisible()).toBe(true);
  const found = await findBarriers(page);

  await page.goto('/prospects/new');
  await page.waitForLoadState('networkidle');
  await page.getByLabel('Expected in a year').fill('a lot');
  await page.getByRole('button', { name: 'Add prospect' }).click();
  await page.getByRole('alert').waitFor();
  found.push(...(await findBarriers(page)));
  await add(page, 'Corner Studio', {
    'Expected in a year': '12,000.00',
    'Expected close': '2031-03-31',
    'E-mail': 'a@b.test',
    Contact: 'Ann Corner',
  });
  await add(page, 'corner-studio', { Phone: '555 01' });

  await page.goto('/pipeline');
  await page.waitForLoadState('networkidle');
  expect(await stageOf(page, 'Lead').getByText('$12,000.00').first().isVisible()).toBe(true);
  await page.getByRole('button', { name: 'Move Corner Studio to Qualified' }).focus();
  await page.keyboard.press('Enter');
  await cardIn(page, 'Qualified', 'Corner Studio').waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Corner Studio');
  await cardIn(page, 'Qualified', 'Corner Studio').dragTo(stageOf(page, 'Proposal'));
  await cardIn(page, 'Proposal', 'Corner Studio').waitFor();
  found.push(...(await findBarriers(page)));

  await cardIn(page, 'Proposal', 'Corner Studio').click();
  await page.waitForURL(/\/prospects\//);
  await page.waitForLoadState('networkidle');
  await page.getByText('Record a call').click();
  await page.getByLabel('Kind').selectOption('task');
  await page.getByLabel('Due on').fill('2031-01-01');
  await page.getByLabel('Subject').fill('Send the contract');
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.getByText('Due Jan 1, 2031').waitFor();
  await page.getByRole('link', { name: 'Merge this one into it instead' }).click();
  await page.getByRole('button', { name: 'Merge Corner Studio' }).waitFor();
  await page.getByRole('link', { name: 'Merge this one into it instead' }).click();
  await page.getByRole('heading', { level: 1, name: 'Corner Studio' }).waitFor();
  found.push(...(await findBarriers(page)));
  await page.getByRole('button', { name: 'Merge corner-studio' }).click();
  await page.getByRole('link', { name: '555 01' }).waitFor();
  expect(await page.getByText('May be the same').count()).toBe(0);

  await page.goto('/pipeline/tasks');
  await page.waitForLoadState('networkidle');
  found.push(...(await findBarriers(page)));
  await page.getByRole('button', { name: 'Done: Send the contract' }).click();
  await page.getByText('Nothing to do').waitFor();
  await page.goto('/pipeline/forecast');
  expect(await page.getByRole('cell', { name: '7,200.00' }).first().isVisible()).toBe(true);
  found.push(...(await findBarriers(page)));
  await page.goto('/prospects');
  found.push(...(await findBarriers(page)));

  await page.getByRole('link', { name: 'Corner Studio', exact: true }).click();
  await page.getByRole('link', { name: 'Make it a merchant' }).click();
  await page.waitForURL(/\/convert$/);
  await page.waitForLoadState('networkidle');
  found.push(...(await findBarriers(page)));
  await page.getByRole('button', { name: 'Make it a merchant' }).click();
  await page.waitForURL(/\/merchants\/[0-9a-f-]+/);
  await page.getByRole('heading', { level: 1, name: 'Corner Studio' }).waitFor();
  await page.getByText('Ann Corner').waitFor();
  await page.getByRole('link', { name: 'Corner Studio', exact: true }).last().click();
  await page.waitForURL(/\/prospects\//);
  await page.getByRole('link', { name: 'its MerchantOrg' }).click();
  await page.waitForURL(/\/merchant-orgs\//);
  await page.goto('/pipeline');
  expect(await cardIn(page, 'Won', 'Corner Studio').isVisible()).toBe(true);
  expect(found).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('on a phone and without JavaScript a prospect moves by its buttons and is lost for a reason', {
  timeout: 60_000,
}, async () => {
  const options = { viewport: { width: 390, height: 844 }, javaScriptEnabled: false };
  const visitor = await visit(browser, stack, stack.tenant, options);
  const { page } = visitor;
  await signIn(visitor, stack.tenant, '/pipeline');
  await add(page, 'Harbor Gym');
  await page.goto('/pipeline');
  await page.getByRole('button', { name: 'Move Harbor Gym to Qualified' }).click();
  await cardIn(page, 'Qualified', 'Harbor Gym').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await cardIn(page, 'Qualified', 'Harbor Gym').click();
  await page.getByText('It is lost').click();
  await page.getByRole('button', { name: 'Mark as lost' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Why', { exact: true }).selectOption('timing');
  await page.getByRole('button', { name: 'Mark as lost' }).click();
  await page.getByText('Qualified → Lost: timing').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await visitor.leave();
});
