import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { signIn, type Visitor, visit } from './visitor.ts';

type Row = { id: string; party_id: string; book_id: string; purpose: string };

let stack: Stack;
let browser: Browser;
let org: string;
let merchant: string;
let merchantBook: string;
let cash: string;

async function ask<T>(path: string, body?: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : {};
  const response = await stack.api(stack.tenant, path, init);
  expect(response.ok, `${path} answered ${response.status}`).toBe(true);
  return (await response.json()) as T;
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  org = (await ask<Row>('/api/merchant-orgs', { name: 'Harbor & Pine' })).id;
  merchant = (await ask<Row>('/api/merchants', { merchant_org_id: org, name: 'Pine Street Hair' })).id;
  const books = (await ask<{ data: Row[] }>('/api/books')).data;
  merchantBook = books.find(({ party_id }) => party_id === merchant)!.id;
  const accounts = (await ask<{ data: Row[] }>(`/api/accounts?book_id=${merchantBook}&limit=200`)).data;
  const account = (purpose: string) => accounts.find((each) => each.purpose === purpose)!.id;
  cash = account('cash');
  const post = (effective_date: string, amount: number, description: string) =>
    ask('/api/transactions', {
      description,
      effective_date,
      lines: [
        { account_id: cash, side: 'debit', amount },
        { account_id: account('revenue'), side: 'credit', amount },
      ],
    });
  await post('2026-02-10', 125_000, 'Takings of February');
  await post('2026-03-10', 300_000, 'Takings of March');
  await ask('/api/transactions', {
    type: 'commission',
    from: { type: 'merchant', id: merchant },
    to: { type: 'merchant_org', id: org },
    amount: { amount: 40_000, currency: 'USD' },
    effective_date: '2026-03-31',
  });
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** The cells of the row that begins with a text, in the first table that has one. */
async function cells(page: Page, head: string): Promise<string[]> {
  const row = page.locator('tr', { has: page.getByRole('rowheader', { name: head, exact: true }) }).first();
  return (await row.locator('td').allTextContents()).map((text) => text.trim());
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('staff, %s,', (_, javaScriptEnabled) => {
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    visitor = await visit(browser, stack, stack.tenant, { javaScriptEnabled });
    page = visitor.page;
    await signIn(visitor, stack.tenant);
  });
  afterAll(() => visitor?.leave());

  test('read the chart of accounts of a book with its balances', async () => {
    await page.goto('/accounts');
    await page.getByLabel('Book', { exact: true }).selectOption({ label: 'Pine Street Hair' });
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/book_id=/);
    // The book shown before has a row of that name too.
    await page.getByRole('row', { name: /1000\s*Cash.*4,250\.00/ }).waitFor();
    await page.getByRole('link', { name: 'Cash', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Cash' }).waitFor();
  });

  test('read the statement of an account for a period, with what was held before and after it', async () => {
    await page.goto(`/accounts/${cash}`);
    await page.getByLabel('From').fill('2026-03-01');
    await page.getByLabel('To', { exact: true }).fill('2026-03-31');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/from=2026-03-01/);
    await page.getByText('Takings of March').waitFor();
    expect(await page.getByText('Takings of February').count()).toBe(0);
    expect((await cells(page, 'Opening balance')).at(-1)).toBe('1,250.00');
    expect((await cells(page, 'Closing balance')).at(-1)).toBe('4,250.00');
    expect(await page.getByRole('link', { name: 'CSV' }).getAttribute('href')).toContain(
      `/api/accounts/${cash}/statement?from=2026-03-01`,
    );
  });

  test('read the trial balance and the balance sheet of a book', async () => {
    await page.goto('/reports');
    await page.getByRole('main').getByRole('link', { name: 'Trial balance' }).click();
    await page.waitForURL(/trial-balance/);
    // Books of one name are told apart by where they stand.
    const groups = page.getByLabel('Books of').locator('optgroup');
    expect(await groups.evaluateAll((all) => all.map((group) => group.getAttribute('label')))).toEqual([
      'Platform',
      'Harbor & Pine',
    ]);
    expect(await groups.nth(1).locator('option').allTextContents()).toEqual([
      'Harbor & Pine (MerchantOrg)',
      'Harbor & Pine, consolidated',
      'Pine Street Hair',
    ]);
    await page.getByLabel('Books of').selectOption({ label: 'Pine Street Hair' });
    await page.getByLabel('At the end of').fill('2026-02-28');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/at=2026-02-28/);
    await page.getByText('Debits equal credits').waitFor();
    expect((await cells(page, 'Total')).slice(-2)).toEqual(['1,250.00', '1,250.00']);
    expect(await page.getByRole('row', { name: /Accounts payable/ }).count()).toBe(0);
    await page.getByLabel('Accounts at zero').check();
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/zeros=1/);
    await page
      .getByRole('row', { name: /Accounts payable/ })
      .first()
      .waitFor();
    await page.getByRole('navigation', { name: 'Reports' }).getByRole('link', { name: 'Balance sheet' }).click();
    await page.waitForURL(/balance-sheet\?books=/);
    await page.getByText('Assets = liabilities + equity').waitFor();
    expect(await cells(page, 'Current earnings')).toEqual(['3,850.00']);
  });

  test('read what a group earned outside itself, beside the month before', async () => {
    await page.goto(`/reports/income-statement?books=org-${org}&from=2026-03-01&to=2026-03-31`);
    expect(await cells(page, 'Total revenue')).toEqual(['3,400.00', '-400.00', '3,000.00', '1,250.00']);
    expect(await cells(page, 'Net income')).toEqual(['3,000.00', '–', '3,000.00', '1,250.00']);
    expect(await page.getByText('All agree').count()).toBe(1);
  });

  test('are told when a report cannot be made, and keep what they chose', async () => {
    await page.goto(`/reports/balance-sheet?books=org-${org}&at=2026-03-31&axis=recorded`);
    expect(await page.getByRole('status').textContent()).toContain('Consolidated reports go by effective date');
    expect(await page.getByLabel('At the end of').inputValue()).toBe('2026-03-31');
    expect(visitor.complaints).toEqual([]);
  });
});
