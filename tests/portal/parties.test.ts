import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, type StackTenant, startStack } from '../support/stack.ts';
import { findBarriers, signIn, type Visitor, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;
let visitor: Visitor;
let page: Page;
let org: string;
let merchant: string;
let transferPath: string;
let waitingPath: string;

async function ask(tenant: StackTenant, path: string, body: unknown): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await stack.api(tenant, path, { method: 'POST', headers, body: JSON.stringify(body) });
  return ((await response.json()) as { id: string }).id;
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  const tenant = stack.tenants[0]!;
  org = await ask(tenant, '/api/merchant-orgs', { name: 'Harbor & Pine' });
  merchant = await ask(tenant, '/api/merchants', { merchant_org_id: org, name: 'Pine Street Hair' });
  visitor = await visit(browser, stack, tenant, { javaScriptEnabled: false });
  page = visitor.page;
  await signIn(visitor, tenant);
});
afterAll(async () => {
  await visitor?.leave();
  await browser?.close();
  await stack?.stop();
});

const save = () => page.getByRole('button', { name: 'Save settings' }).click();

test('a setting of a MerchantOrg reaches its merchants, is set anew by one and reset', async () => {
  await page.goto(`/merchant-orgs/${org}`);
  await page.getByRole('link', { name: 'Settings' }).last().click();
  await page.getByLabel('Slot length').fill('twenty');
  await save();
  await page.getByRole('link', { name: 'Slot length must be a number' }).waitFor();
  await page.getByLabel('Slot length').fill('20');
  await page.getByLabel('Band 1, up to').fill('40.50');
  await page.getByLabel('Band 1, deposit').fill('30');
  await page.getByLabel('Band 2, deposit').fill('20');
  await save();
  expect(await page.getByRole('status').textContent()).toBe('The settings were saved.');
  await page.goto(`/merchants/${merchant}/settings`);
  await page.getByText('20 minutes from Harbor & Pine when empty.').waitFor();
  expect(await page.getByRole('group', { name: 'Payment methods (inherited)' }).getByLabel('Cash').isChecked()).toBe(
    true,
  );
  await page.getByText('30 % up to $40.50, 20 % above from Harbor & Pine when empty.').waitFor();
  await page.getByLabel('Slot length').fill('45');
  await page.getByLabel('Deposit required').selectOption('Yes');
  await save();
  const own = page.getByRole('region', { name: 'Set here' });
  expect(await own.locator('strong').allTextContents()).toEqual(['Slot length', 'Deposit required']);
  await own.getByRole('button', { name: 'Reset Slot length' }).click();
  await page.getByRole('status').waitFor();
  expect(await own.locator('strong').allTextContents()).toEqual(['Deposit required']);

  // No way of paying at all is a choice, which a reset takes back.
  const ways = page.getByRole('group', { name: /^Payment methods/ }).getByRole('checkbox');
  for (const box of await ways.all()) await box.uncheck();
  await save();
  expect(await own.locator('strong').allTextContents()).toEqual(['Deposit required', 'Payment methods']);
  expect(await ways.and(page.locator(':checked')).count()).toBe(0);
  await own.getByRole('button', { name: 'Reset Payment methods' }).click();
  await page.getByRole('group', { name: 'Payment methods (inherited)' }).waitFor();
});

test('a merchant goes live, is suspended with a reason and closed, and is archived', async () => {
  const step = async (title: string, button: string, reason?: string) => {
    await page.getByText(title, { exact: true }).first().click();
    if (reason) await page.locator('details[open]').getByLabel('Reason').fill(reason);
    await page.locator('details[open]').getByRole('button', { name: button }).click();
    await page.getByRole('status').first().waitFor();
  };
  const isNow = (status: string) => page.locator('.page-title .badge', { hasText: status }).waitFor();
  await page.goto(`/merchants/${merchant}`);
  await page.getByRole('region', { name: 'People' }).getByRole('link', { name: 'In the team' }).click();
  await page.waitForURL(`/team?merchant_id=${merchant}`);
  await page.getByText(/^Those with a role at .* itself\.$/).waitFor();
  await page.goBack();
  await step('Go live', 'Go live');
  await isNow('Active');
  await step('Suspend', 'Suspend', 'Licence expired');
  await isNow('Suspended');
  await page.getByRole('definition').getByText('Licence expired').waitFor();
  await page.goto(`/merchant-orgs/${org}`);
  await page.getByText('Close for good', { exact: true }).first().click();
  await page.getByRole('button', { name: 'Close for good' }).click();
  await page.getByText('Harbor & Pine cannot be closed before its merchants: Pine Street Hair.').waitFor();
  await page.goto(`/merchants/${merchant}`);
  await step('Close for good', 'Close for good', 'Sold');
  await step('Archive', 'Archive');
  await page.getByText('This merchant is archived.').waitFor();
  await page.goto('/merchants');
  expect(await page.getByRole('link', { name: 'Pine Street Hair' }).count()).toBe(0);
  await page.getByLabel('Shown').selectOption('Archived');
  await page.getByRole('button', { name: /Apply|Search|Filter/ }).click();
  await page.getByRole('link', { name: 'Pine Street Hair' }).waitFor();
});

test('a merchant is transferred after a review of what changes', async () => {
  const tenant = stack.tenants[0]!;
  await ask(tenant, '/api/merchant-orgs', { name: 'Cove Holdings' });
  const moved = await ask(tenant, '/api/merchants', { merchant_org_id: org, name: 'Dock Barbers' });
  await page.goto(`/merchants/${moved}`);
  await page.getByRole('link', { name: 'Transfer' }).click();
  await page.getByLabel('New MerchantOrg').selectOption('Cove Holdings');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('heading', { name: '2. Review what changes' }).waitFor();
  await page.getByRole('button', { name: 'Move to Cove Holdings' }).click();
  await page.getByRole('link', { name: 'Reason is required' }).waitFor();
  await page.getByLabel('Reason').fill('Sold');
  await page.getByRole('button', { name: 'Move to Cove Holdings' }).click();
  await page.waitForURL(/saved=1/);
  await page.getByRole('definition').getByRole('link', { name: 'Cove Holdings' }).waitFor();
  await page.getByText('Moved a merchant to another MerchantOrg: Sold').waitFor();
  transferPath = `/merchants/${moved}/transfer?to=${org}`;
});

test('a transfer of a later day is proposed, cancelled from the list, and approved by somebody else', async () => {
  const tenant = stack.tenants[0]!;
  const cove = await ask(tenant, '/api/merchant-orgs', { name: 'Bay Holdings' });
  const moved = await ask(tenant, '/api/merchants', { merchant_org_id: org, name: 'Quay Nails' });
  const effective_date = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`/merchants/${moved}/transfer`);
  await page.getByLabel('New MerchantOrg').selectOption('Bay Holdings');
  await page.getByLabel('Takes effect at the start of').fill(effective_date);
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByLabel('Reason').fill('Sold');
  await page.getByRole('button', { name: /^Propose to move on / }).click();
  await page.getByText('Somebody else has to approve it.').waitFor();
  expect(await page.getByRole('button', { name: 'Approve this transfer' }).count()).toBe(0);
  await page.getByRole('complementary').getByRole('link', { name: 'Quay Nails' }).click();
  await page.getByText(/^It is proposed that it moves to Bay Holdings at the start of/).waitFor();
  await page.goto('/merchant-transfers?status=proposed');
  await page.getByRole('row', { name: 'Quay Nails' }).getByRole('link', { name: 'Cancel' }).click();
  await page.getByLabel('Reason').fill('Not sold after all');
  await page.getByRole('button', { name: 'Cancel this transfer' }).click();
  await page.getByText('The transfer is cancelled.').waitFor();

  const body = { merchant_org_id: cove, effective_date };
  const headers = { 'content-type': 'application/json' };
  const post = async (path: string, json: object) =>
    (await stack.api(tenant, path, { method: 'POST', headers, body: JSON.stringify(json) })).json() as Promise<
      Record<string, string>
    >;
  const { digest } = await post(`/api/merchants/${moved}/transfer-preview`, body);
  const proposed = await post(`/api/merchants/${moved}/transfer`, { ...body, digest, reason: 'Sold' });
  waitingPath = `/merchant-transfers/${proposed.transfer_id}`;
  await page.goto(waitingPath);
  await page.getByRole('button', { name: 'Approve this transfer' }).click();
  await page.getByText('The transfer is approved.').waitFor();
  await page.goto(`/merchants/${moved}`);
  await page.getByText(/^It moves to Bay Holdings at the start of/).waitFor();
});

test.each([1280, 390])('the pages are clean for assistive technology at a width of %i', async (width) => {
  const seen = await visit(browser, stack, stack.tenants[0]!);
  await signIn(seen, stack.tenants[0]!);
  await seen.page.setViewportSize({ width, height: 844 });
  for (const path of [
    `/merchant-orgs/${org}`,
    `/merchant-orgs/${org}/settings`,
    `/merchants/${merchant}/settings`,
    transferPath,
    waitingPath,
    '/merchant-transfers',
  ]) {
    await seen.page.goto(path);
    expect(await findBarriers(seen.page)).toEqual([]);
    const overflow = await seen.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  }
  expect(seen.complaints).toEqual([]);
  await seen.leave();
});

test('keeping things for fewer days is asked about once more', async () => {
  await page.goto('/settings');
  const days = page.getByLabel('Days to keep what is over');
  await days.fill('10');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('more than 10 days are removed').waitFor();
  await page.goto('/settings');
  expect(await days.inputValue()).toBe('30');
  await days.fill('10');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByRole('button', { name: 'Save and remove what is older' }).click();
  await page.getByText('Your settings were saved.').waitFor();
  expect(await days.inputValue()).toBe('10');
  await days.fill('30');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('Your settings were saved.').waitFor();
});
