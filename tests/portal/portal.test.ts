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

const HOSTILE = `O'Brien & Söhne <script>alert(1)</script>`;

async function fillLine(page: Page, line: number, account: string, side: 'Debit' | 'Credit', amount: string) {
  const choice = page.getByLabel(`Account, line ${line}`);
  const option = await choice.locator('option', { hasText: account }).first().getAttribute('value');
  await choice.selectOption(option);
  await page.getByLabel(`${side}, line ${line}`).fill(amount);
}

const postEntry = (page: Page) => page.locator('button.button-primary', { hasText: 'Post entry' }).click();

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('staff, %s,', (_, javaScriptEnabled) => {
  let visitor: Visitor;
  let page: Page;
  const tenant = () => stack.tenants[javaScriptEnabled ? 0 : 1] ?? stack.tenant;

  beforeAll(async () => {
    visitor = await visit(browser, stack, tenant(), { javaScriptEnabled });
    page = visitor.page;
  });
  afterAll(() => visitor?.leave());

  test('are asked to sign in, told when it is wrong, and led to where they wanted to go', async () => {
    await page.goto('/merchants?status=active');
    await page.getByLabel('E-mail').fill(tenant().owner.email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('E-mail or password is wrong');
    expect(await page.getByLabel('E-mail').inputValue()).toBe(tenant().owner.email);
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    await page.getByLabel('Password').fill(tenant().owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('/merchants?status=active');
    await page.getByRole('heading', { level: 1, name: 'Merchants' }).waitFor();
    expect(await page.title()).toBe(`Merchants · ${tenant().record.name}`);
  });

  test('add a MerchantOrg, whose name is shown as it was typed', async () => {
    await page.goto('/merchant-orgs');
    await page.getByRole('link', { name: 'New MerchantOrg' }).click();
    await page.locator('#field-email').fill('not an address');
    await page.getByRole('button', { name: 'Add MerchantOrg' }).click();
    const summary = await page.getByRole('alert').textContent();
    expect(summary).toContain('Name is required');
    expect(summary).toContain('E-mail must be an e-mail address');
    expect(await page.locator('#field-email').inputValue()).toBe('not an address');
    expect(await page.locator('#field-email').getAttribute('aria-invalid')).toBe('true');
    await page.locator('#field-name').fill(HOSTILE);
    await page.locator('#field-email').fill('office@acme.test');
    await page.getByRole('button', { name: 'Add MerchantOrg' }).click();
    await page.waitForURL(/merchant-orgs\/[0-9a-f-]{36}(\?created=1)?$/);
    await page.getByRole('heading', { level: 1, name: HOSTILE }).waitFor();
  });

  test('add a merchant to it, which gets books of its own', async () => {
    await page.getByRole('link', { name: 'Add merchant' }).click();
    await page.locator('#field-name').fill('Pine Street Hair');
    await page.getByRole('button', { name: 'Add merchant' }).click();
    await page.waitForURL(/merchants\/[0-9a-f-]{36}(\?created=1)?$/);
    await page.getByText('Pine Street Hair was added').waitFor();
    await page.getByRole('complementary').getByRole('link', { name: 'Pine Street Hair' }).click();
    await page.waitForURL(/accounts\?book_id=/);
    await page.getByRole('link', { name: 'Accounts receivable' }).waitFor();
  });

  test('change it, and are told when somebody else was faster', async () => {
    await page.goto('/merchants');
    await page.getByRole('link', { name: 'Pine Street Hair' }).click();
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.locator('#field-phone').fill('+1 555 0100');
    const { pathname } = new URL(page.url());
    const change = { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"phone": "0"}' };
    await stack.api(tenant(), `/api${pathname.replace(/\/edit$/, '')}`, change);
    await page.getByRole('button', { name: 'Save changes' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('changed by somebody else');
    expect(await page.locator('#field-phone').inputValue()).toBe('+1 555 0100');
    await page.getByRole('link', { name: 'Open the form again' }).click();
    await page.locator('#field-phone').fill('+1 555 0100');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.waitForURL(/merchants\/[0-9a-f-]{36}(\?saved=1)?$/);
    await page.getByText('+1 555 0100').waitFor();
  });

  test('are refused an entry that does not balance or has too many decimals, and lose nothing typed', async () => {
    await page.goto('/transactions/new');
    await page.getByLabel('Description').fill('Rent of November');
    await fillLine(page, 1, '5000 Operating expense', 'Debit', '1,250.505');
    await fillLine(page, 2, '1000 Cash', 'Credit', '1250');
    await page.getByRole('button', { name: 'Add line' }).click();
    await page.getByLabel('Account, line 3').waitFor();
    expect(await page.getByLabel('Debit, line 1').inputValue()).toBe('1,250.505');
    await postEntry(page);
    expect(await page.getByRole('alert').textContent()).toContain('can have at most 2 decimals in USD');
    await page.getByLabel('Debit, line 1').fill('1,250.50');
    await postEntry(page);
    await page.getByText('Debits and credits differ').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('debits $1,250.50, credits $1,250.00');
    expect(await page.getByLabel('Description').inputValue()).toBe('Rent of November');
  });

  test('post it once it balances, and find it in the list', async () => {
    await page.getByLabel('Credit, line 2').fill('1250.50');
    await postEntry(page);
    await page.waitForURL(/transactions\/[0-9a-f-]{36}(\?created=1)?$/);
    expect(await page.locator('tfoot tr').textContent()).toBe('Total1,250.501,250.50');
    await page.goto('/transactions?q=november');
    const row = page.getByRole('row', { name: /Rent of November/ });
    expect(await row.textContent()).toContain('$1,250.50');
  });

  test('see that the books balance', async () => {
    await page.goto('/integrity');
    expect(await page.getByText('The books balance').count()).toBe(1);
    const book = page.getByRole('row', { name: new RegExp(tenant().record.name) });
    expect(await book.textContent()).toContain('1,250.501,250.500.00');
  });

  test('find what they did in the audit log, with before and after', async () => {
    await page.goto('/audit?action=merchant.update');
    const yours = page.getByRole('row', { name: /Owner/ });
    await yours.first().getByRole('link').click();
    await page.waitForURL(/\/audit\/[0-9a-f-]{36}/);
    const phone = page.getByRole('row', { name: /^phone/ });
    expect(await phone.textContent()).toBe('phone0+1 555 0100');
    await page.goto('/audit?action=transaction.create');
    expect(await page.getByRole('row', { name: /Rent of November/ }).count()).toBe(1);
  });

  test('sign out, and see nothing any more', async () => {
    await page.goto('/');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('/sign-in');
    await page.goto('/transactions');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  });

  test('meet no complaint of the browser on the way', () => {
    expect(visitor.complaints).toEqual([]);
  });
});

test('with JavaScript, the sums of an entry are there while it is typed', async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  await signIn(visitor, stack.tenant, '/transactions/new');
  const { page } = visitor;
  await page.waitForLoadState('networkidle');
  await fillLine(page, 1, '1000 Cash', 'Debit', '0.1');
  await fillLine(page, 2, '4000 Revenue', 'Credit', '0.3');
  expect(await page.locator('output').textContent()).toContain('Difference $0.20');
  await page.getByLabel('Debit, line 1').fill('0.3');
  expect(await page.locator('output').textContent()).toContain('Balanced');
  await visitor.leave();
});

test('Ctrl K finds a merchant and goes there with the keyboard alone', async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  await signIn(visitor, stack.tenant);
  const { page } = visitor;
  await page.waitForLoadState('networkidle');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('pine st');
  await page
    .getByRole('option', { name: /Pine Street Hair/ })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/merchants\/[0-9a-f-]{36}/);
  await visitor.leave();
});

test('a form that is sent twice does its work once', async () => {
  const visitor = await visit(browser, stack, stack.tenant, { javaScriptEnabled: false });
  await signIn(visitor, stack.tenant, '/merchant-orgs/new');
  const { page } = visitor;
  const key = await page.locator('[name=idempotency_key]').inputValue();
  const [session] = await page.context().cookies();
  const sending = {
    method: 'POST',
    headers: {
      origin: stack.url(stack.tenant.slug),
      cookie: `${session?.name}=${session?.value}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ idempotency_key: key, name: 'Sent twice' }).toString(),
  };
  const send = () => stack.fetch(stack.tenant.slug, '/merchant-orgs/new', sending);
  const [first, second] = await Promise.all([send(), send()]);
  expect(first.status).toBe(302);
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
  const found = await stack.api(stack.tenant, '/api/merchant-orgs?name=Sent%20twice');
  expect(((await found.json()) as { data: unknown[] }).data).toHaveLength(1);
  await visitor.leave();
});

test('a long list goes on page by page, can be turned round and filtered, and Back leads back', async () => {
  const headers = { 'content-type': 'application/json' };
  for (let count = 100; count < 160; count += 1) {
    const body = JSON.stringify({ name: `Row ${count}` });
    await stack.api(stack.tenant, '/api/merchant-orgs', { method: 'POST', headers, body });
  }
  const visitor = await visit(browser, stack, stack.tenant);
  await signIn(visitor, stack.tenant, '/merchant-orgs?q=Row');
  const { page } = visitor;
  await page.waitForLoadState('networkidle');
  const rows = page.locator('tbody tr');
  const firstRow = async (name: string) => rows.first().getByRole('link', { name }).waitFor();
  await page.getByRole('link', { name: 'Name' }).click();
  await firstRow('Row 100');
  expect(await rows.count()).toBe(50);
  await page.getByRole('link', { name: 'Next page' }).click();
  await firstRow('Row 150');
  expect(await rows.count()).toBe(10);
  await page.goBack();
  await firstRow('Row 100');
  await page.getByRole('link', { name: 'Name' }).click();
  await firstRow('Row 159');
  expect(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('descending');
  await page.getByRole('searchbox', { name: 'Search' }).fill('Row 123');
  await page.keyboard.press('Enter');
  await firstRow('Row 123');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('filter-q');
  await page.getByRole('link', { name: 'Clear' }).click();
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#filter-q')?.value === '');
  await visitor.leave();
});

test('sign-in leads to no other site', async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  for (const next of [
    '//evil.test/',
    '/.//evil.test/',
    '/x/..//evil.test/',
    'https://evil.test/',
    '/\\evil.test/',
    'javascript:alert(1)',
  ]) {
    await page.context().clearCookies();
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await page.getByLabel('E-mail').fill(stack.tenant.owner.email);
    await page.getByLabel('Password').fill(stack.tenant.owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('/');
  }
  await visitor.leave();
});

test('a page that is not there says so inside the portal, and a broken filter explains itself', async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  await signIn(visitor, stack.tenant);
  const { page } = visitor;
  for (const [address, status, words] of [
    ['/nowhere', 404, 'There is nothing here'],
    ['/merchants/01890000-0000-7000-8000-000000000000', 404, 'There is nothing here'],
    ['/merchants/not-an-id', 404, 'There is nothing here'],
    ['/merchants?status=asleep', 422, 'A filter in this address is not valid'],
    ['/merchants?cursor=broken', 400, 'This address cannot be read'],
  ] as const) {
    const response = await page.goto(address);
    expect(response?.status(), address).toBe(status);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(words);
    expect(await page.getByRole('navigation', { name: 'Main' }).count()).toBe(1);
  }
  await visitor.leave();
});

test.each([
  [
    'is refused before a page is reached',
    { status: 503, contentType: 'application/problem+json', body: '{"status": 503}' },
  ],
  ['gets no answer', null],
])('a step that %s asks to try again', async (_, answer) => {
  const visitor = await visit(browser, stack, stack.tenant);
  await signIn(visitor, stack.tenant);
  const { page } = visitor;
  await page.waitForLoadState('networkidle');
  await page.route('**/*.data*', (route) => (answer ? route.fulfill(answer) : route.abort()));
  await page.getByRole('link', { name: 'Transactions', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'The portal is catching its breath' }).waitFor();
  await page.getByRole('link', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'Transactions' }).waitFor();
  await visitor.leave();
});
