import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, type StackTenant, startStack } from '../support/stack.ts';
import { signIn, type Visitor, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

async function ask(tenant: StackTenant, path: string, body: unknown): Promise<{ id: string }> {
  const headers = { 'content-type': 'application/json' };
  const response = await stack.api(tenant, path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.ok, `${path} answered ${response.status}`).toBe(true);
  return (await response.json()) as { id: string };
}

async function earn(tenant: StackTenant): Promise<void> {
  const org = await ask(tenant, '/api/merchant-orgs', { name: 'Harbor & Pine' });
  const { id } = await ask(tenant, '/api/merchants', { merchant_org_id: org.id, name: 'Pine Street Hair' });
  const to = { type: 'merchant', id };
  const amount = { amount: 125_000, currency: 'USD' };
  await ask(tenant, '/api/transactions', { type: 'payment', category: 'full', to, amount });
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
  await Promise.all(stack.tenants.map(earn));
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const showsState = (page: Page, state: string) => page.locator('.page-title .badge', { hasText: state }).waitFor();

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('staff, %s,', (_, javaScriptEnabled) => {
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    const tenant = stack.tenants[javaScriptEnabled ? 0 : 1]!;
    visitor = await visit(browser, stack, tenant, { javaScriptEnabled });
    page = visitor.page;
    await signIn(visitor, tenant);
  });
  afterAll(() => visitor?.leave());

  const payOut = async (amount: string, day = '') => {
    await page.getByLabel('Amount').fill(amount);
    await page.getByLabel('Day').fill(day);
    await page.getByRole('button', { name: 'Pay out' }).click();
  };

  test('pay out what waits in clearing, and no more', async () => {
    await page.goto('/payouts');
    await page.getByRole('link', { name: 'Pine Street Hair' }).click();
    await page.waitForURL(/\/payouts\/new/);
    expect(await page.getByLabel('Payee').locator('option:checked').textContent()).toContain('$1,250.00 available');
    await payOut('1,250.01');
    expect(await page.getByRole('alert').textContent()).toContain('There is not enough money to pay out');
    await payOut('12.345');
    await page.getByRole('link', { name: 'Amount can have at most 2 decimals in USD' }).waitFor();
    await payOut('1,000.00');
    await page.waitForURL(/\/payouts\/[0-9a-f-]{36}/);
    expect(await page.getByRole('status').textContent()).toBe('The payout is on its way.');
    await showsState(page, 'In transit');
  });

  test('say that a payout came back, with the reason, and what it was is in its timeline', async () => {
    await page.getByText('It came back').click();
    await page.getByRole('button', { name: 'Mark as returned' }).click();
    await page.getByRole('link', { name: 'Reason is required' }).waitFor();
    await page.getByLabel('Reason').fill('The account is closed');
    await page.getByRole('button', { name: 'Mark as returned' }).click();
    await showsState(page, 'Returned');
    const steps = await page.locator('.timeline li').allTextContents();
    expect(steps[0]).toContain('Sent');
    expect(steps[1]).toContain('Came backThe account is closed');
    expect(await page.getByText('Mark as paid').count()).toBe(0);
  });

  test('schedule one, cancel it, and say of another that it arrived', async () => {
    await page.goto('/payouts');
    await page.getByRole('link', { name: 'Pine Street Hair' }).first().click();
    await payOut('10', '2999-01-01');
    await page.waitForURL(/\/payouts\/[0-9a-f-]{36}/);
    await showsState(page, 'Scheduled');
    await page.getByText('Cancel it').click();
    await page.getByRole('button', { name: 'Cancel this payout' }).click();
    await showsState(page, 'Canceled');
    await page.goto('/payouts/new');
    await page.getByLabel('Payee').selectOption({ index: 1 });
    await payOut('1250');
    await page.waitForURL(/\/payouts\/[0-9a-f-]{36}/);
    await page.getByText('It arrived').click();
    await page.getByRole('button', { name: 'Mark as paid' }).click();
    await showsState(page, 'Paid');
    await page.goto('/payouts?state=paid');
    expect(await page.getByRole('group', { name: 'Payouts' }).locator('tbody tr').count()).toBe(1);
    expect(visitor.complaints).toEqual([]);
  });
});
