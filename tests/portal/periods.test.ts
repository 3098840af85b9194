import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { signIn, type Visitor, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

type Row = { id: string; purpose: string; party_type: string };

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('finance staff, %s,', (_, javaScriptEnabled) => {
  let visitor: Visitor;
  let page: Page;
  let book: string;
  let accounts: Row[];
  const tenant = () => stack.tenants[javaScriptEnabled ? 0 : 1] ?? stack.tenant;

  async function ask(path: string, body?: object): Promise<{ id: string; status: string; data: Row[] }> {
    const headers = { 'content-type': 'application/json' };
    const response = await stack.api(
      tenant(),
      path,
      body ? { method: 'POST', headers, body: JSON.stringify(body) } : {},
    );
    expect(response.ok, `${path} answered ${response.status}`).toBe(true);
    return (await response.json()) as { id: string; status: string; data: Row[] };
  }
  const account = (purpose: string) => accounts.find((each) => each.purpose === purpose)!.id;
  const post = (date: string, more: object = {}) =>
    ask('/api/transactions', {
      description: `Takings of ${date}`,
      effective_date: date,
      lines: [
        { account_id: account('cash'), side: 'debit', amount: 12_500 },
        { account_id: account('revenue'), side: 'credit', amount: 12_500 },
      ],
      ...more,
    });

  beforeAll(async () => {
    book = (await ask('/api/books?party_type=tenant')).data[0]!.id;
    accounts = (await ask(`/api/accounts?book_id=${book}&limit=200`)).data;
    await post('2025-01-10');
    await post('2025-02-10');
    visitor = await visit(browser, stack, tenant(), { javaScriptEnabled });
    page = visitor.page;
    await signIn(visitor, tenant(), '/periods?year=2025');
  });
  afterAll(() => visitor?.leave());

  test('see which month is next and what stands in its way', async () => {
    const hold = await post('2025-01-20', { status: 'pending', description: 'Deposit of Mrs Hall' });
    await page.goto('/periods?year=2025');
    await page.getByRole('heading', { level: 2, name: 'January 2025' }).waitFor();
    await page.getByText('Not ready').waitFor();
    await page.getByRole('link', { name: 'Deposit of Mrs Hall' }).waitFor();
    expect(await page.getByText('Close this month').count()).toBe(0);
    await ask(`/api/transactions/${hold.id}/void`, {});
  });

  test('close it, and find it closed in the calendar', async () => {
    await page.goto('/periods?year=2025');
    await page.getByText('Close this month').click();
    await page.getByRole('button', { name: 'Close the month' }).click();
    await page.getByText('The period is closed').waitFor();
    await page.getByRole('link', { name: 'February Next to close' }).waitFor();
    await page.getByRole('link', { name: 'January Closed' }).click();
    await page.getByText('Closed by', { exact: true }).waitFor();
    expect(await page.getByRole('definition').first().textContent()).toBe('Owner');
  });

  test('find late items in the month that they belong to, and below where they went', async () => {
    await post('2025-01-31', { on_closed_period: 'next_open', description: 'Late bill' });
    await page.goto('/periods?year=2025&month=2025-01');
    await page.getByRole('link', { name: 'January Closed 1 late item' }).waitFor();
    await page.getByRole('row', { name: 'Late bill Jan 31, 2025 Feb 1, 2025 $125.00' }).waitFor();
  });

  test('cannot reopen what they closed themselves, and keep the reason that they typed', async () => {
    await page.goto('/periods?year=2025&month=2025-01');
    await page.getByText('Reopen this month').click();
    await page.getByLabel('Reason').fill('A bill came late');
    await page.getByRole('button', { name: 'Reopen the month' }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('Somebody else has to');
    expect(await page.getByLabel('Reason').inputValue()).toBe('A bill came late');
  });

  test('reopen what somebody else closed', async () => {
    await ask(`/api/books/${book}/close-period`, { through: '2025-02-28' });
    await page.goto('/periods?year=2025&month=2025-02');
    await page.getByText('Reopen this month').click();
    await page.getByLabel('Reason').fill('A bill came late');
    await page.getByRole('button', { name: 'Reopen the month' }).click();
    await page.getByText('The period is open again').waitFor();
    await page.getByText('Reopened by Owner').waitFor();
  });

  test('set limits of an account, and are told when its balance is outside', async () => {
    await page.goto(`/accounts/${account('cash')}/edit`);
    await page.getByLabel('Minimum').fill('-1,000.00');
    await page.getByLabel('Maximum').fill('10');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('exceed its maximum');
    await page.getByLabel('Maximum').fill('1,000');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.waitForURL(/accounts\/[0-9a-f-]{36}(\?saved=1)?$/);
    const changed = await ask(`/api/accounts/${account('cash')}`);
    expect(changed).toMatchObject({ minimum_balance: -100_000, maximum_balance: 100_000 });
    await page.goto(`/accounts/${account('cash')}/edit`);
    expect(await page.getByLabel('Minimum').inputValue()).toBe('-1000.00');
    await page.getByLabel('Minimum').fill('');
    await page.getByLabel('Maximum').fill('');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.waitForURL(/accounts\/[0-9a-f-]{36}(\?saved=1)?$/);
  });

  test('close an account that is empty, not one that holds something', async () => {
    const close = async (purpose: string) => {
      await page.goto(`/accounts/${account(purpose)}/edit`);
      await page.getByText('Close this account').click();
      await page.getByRole('button', { name: 'Close the account' }).click();
    };
    await close('cash');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('its balance is zero');
    await close('bad_debt');
    await page.waitForURL(/accounts\/[0-9a-f-]{36}(\?saved=1)?$/);
    expect((await ask(`/api/accounts/${account('bad_debt')}`)).status).toBe('closed');
    await page.goto(`/accounts/${account('bad_debt')}/edit`);
    await page.getByText('Reopen this account').click();
    await page.getByRole('button', { name: 'Reopen the account' }).click();
    await page.waitForURL(/accounts\/[0-9a-f-]{36}(\?saved=1)?$/);
    expect((await ask(`/api/accounts/${account('bad_debt')}`)).status).toBe('open');
  });
});
