import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newAlert } from '../doors/audit-objects.ts';
import { startBrowser } from '../support/browser.ts';
import { type Stack, type StackTenant, startStack } from '../support/stack.ts';
import { openTenant } from '../support/tenant.ts';
import { findBarriers, signIn, type Visitor, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

async function rename(tenant: StackTenant, names: string[]): Promise<void> {
  const send = async (path: string, method: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await stack.api(tenant, path, { method, headers, body: JSON.stringify(body) });
    expect(response.ok, `${path} answered ${response.status}`).toBe(true);
    return (await response.json()) as { id: string };
  };
  const org = await send('/api/merchant-orgs', 'POST', { name: 'Harbor & Pine' });
  for (const name of names) await send(`/api/merchant-orgs/${org.id}`, 'PATCH', { name });
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
  await Promise.all(stack.tenants.map((tenant) => rename(tenant, ['Harbor', 'Harbor Group'])));
  for (const { record, apiKey } of stack.tenants) {
    const opened = await openTenant(stack.database, stack.settings, record, apiKey, '');
    await newAlert(opened);
    await opened.close();
  }
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const table = (page: Page) => page.getByRole('group', { name: 'Audit events' });

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('staff, %s,', (_, javaScriptEnabled) => {
  let visitor: Visitor;
  let page: Page;
  let tenant: StackTenant;

  beforeAll(async () => {
    tenant = stack.tenants[javaScriptEnabled ? 0 : 1]!;
    visitor = await visit(browser, stack, tenant, { javaScriptEnabled });
    page = visitor.page;
    await signIn(visitor, tenant, '/audit');
  });
  afterAll(() => visitor?.leave());

  test('find an event, keep the search under a name, rename and delete it', async () => {
    await page.getByLabel('Search', { exact: true }).fill('harbor gro');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/q=harbor/);
    await expect.poll(() => table(page).locator('tbody tr').count()).toBe(1);
    await page.getByText('Save this search').click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: 'Name is required' }).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Renamings');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.saved-searches').getByRole('link', { name: 'Renamings' }).waitFor();
    await page.goto('/audit');
    await page.locator('.saved-searches').getByRole('link', { name: 'Renamings' }).click();
    await page.waitForURL(/q=harbor/);
    await page.getByText('Change', { exact: true }).click();
    await page.getByLabel('New name').fill('Names');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.locator('.saved-searches').getByRole('link', { name: 'Names', exact: true }).waitFor();
    await page.getByText('Change', { exact: true }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page
      .locator('.saved-searches')
      .getByRole('link', { name: 'Names', exact: true })
      .waitFor({ state: 'detached' });
  });

  test('follow what happens, and export it', async () => {
    await page.goto('/audit');
    await page.getByRole('link', { name: 'Follow live' }).click();
    await page.getByRole('status').filter({ hasText: 'Following' }).waitFor();
    await rename(tenant, ['Just now']);
    if (!javaScriptEnabled) await page.getByRole('link', { name: 'Refresh' }).click();
    await expect
      .poll(() => table(page).locator('tbody tr').first().textContent(), { timeout: 15_000 })
      .toContain('merchant_org.update');
    const path = await page.getByRole('link', { name: 'JSON Lines' }).getAttribute('href');
    expect(path).toMatch(/^\/api\/audit-logs\/export\?.*format=jsonl/);
  });

  test('look at the evidence of an alert, and acknowledge it with a note', async () => {
    await page.goto('/audit/alerts');
    await page.getByRole('link', { name: 'Many exports' }).first().click();
    await page.waitForURL(/\/audit\/alerts\/[0-9a-f-]{36}/);
    await expect.poll(() => table(page).locator('tbody tr').count(), { timeout: 15_000 }).toBe(1);
    await page.getByLabel('Note').fill('The yearly audit');
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    expect(await page.getByRole('status').textContent()).toBe('The alert is acknowledged.');
    await page.getByText('The yearly audit').waitFor();
  });

  test('change a rule, and are told what is wrong with it', async () => {
    await page.goto('/audit/rules');
    await page.getByRole('link', { name: 'Work at unusual hours' }).click();
    await page.getByLabel('From hour').fill('25');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('From hour').fill('22');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('between 22:00 and 05:00').waitFor();
  });

  test('have personal data erased, from the event that shows it', async () => {
    await page.goto('/audit?action=merchant_org.create');
    await table(page).locator('.row-link').first().click();
    await page.getByRole('link', { name: 'Erase personal data of this actor' }).click();
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByRole('link', { name: 'Reason is required' }).waitFor();
    await page.getByLabel('Reason').fill('They asked for it');
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByRole('group', { name: 'Erasures' }).getByText('They asked for it').waitFor();
  });

  if (javaScriptEnabled) {
    test('meet no barriers', async () => {
      for (const path of [
        '/audit',
        '/audit?live=1',
        '/audit/alerts',
        '/audit/rules',
        '/audit/erasures',
        '/audit?q=none',
      ]) {
        await page.goto(path);
        await page.locator('h1').waitFor();
        expect(await findBarriers(page)).toEqual([]);
      }
      await page.getByRole('link', { name: 'Alerts' }).click();
      await page.getByRole('link', { name: 'Many exports' }).first().click();
      await page.waitForURL(/\/audit\/alerts\/[0-9a-f-]{36}/);
      expect(await findBarriers(page)).toEqual([]);
      expect(visitor.complaints).toEqual([]);
    });
  }
});
