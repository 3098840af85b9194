import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAPPING } from '../doors/statements.ts';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;
let pages: string[];

type Created = { id: string; data: { id: string; code?: string; key?: string | null }[] };

async function ask(path: string, body?: unknown): Promise<Created> {
  const init = body
    ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : {};
  const response = await stack.api(stack.tenant, path, init);
  expect(response.ok, `${path} answered ${response.status}`).toBe(true);
  return (await response.json()) as Created;
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  const org = await ask('/api/merchant-orgs', { name: 'Harbor & Pine', email: 'office@acme.test' });
  const merchant = await ask('/api/merchants', { merchant_org_id: org.id, name: 'Pine Street Hair' });
  const [book] = (await ask('/api/books?party_type=tenant')).data;
  const [cash, payable] = (await ask(`/api/accounts?book_id=${book?.id}`)).data;
  const lines = [
    { account_id: cash?.id, side: 'debit', amount: 12_500 },
    { account_id: payable?.id, side: 'credit', amount: 12_500, memo: 'On account' },
  ];
  const transaction = await ask('/api/transactions', { description: 'Takings of the day', lines });
  const to = { type: 'merchant', id: merchant.id };
  const amount = { amount: 9_900, currency: 'USD' };
  await ask('/api/transactions', { type: 'payment', category: 'full', to, amount });
  const payout = await ask('/api/payouts', { merchant_id: merchant.id, amount: { ...amount, amount: 5_000 } });
  const source = await ask('/api/reconciliation/sources', { name: 'Bank', account_id: cash?.id, mapping: MAPPING });
  const csv = 'Date,Amount,Text\n2026-03-01,125.00,Takings\n2026-03-02,-3.00,Charges\n';
  const statement = await ask('/api/reconciliation/statements', { source_id: source.id, csv });
  const auditor = (await ask('/api/roles')).data.find(({ key }) => key === 'auditor');
  const role = await ask('/api/roles', { name: 'Night desk', permissions: ['merchant:read'] });
  const roles = [{ role_id: auditor?.id }, { role_id: role.id, merchant_id: merchant.id }];
  const person = await ask('/api/users', { name: 'Jo', email: 'jo@acme.test', roles });
  const held = (await ask(`/api/role-assignments?user_id=${person.id}`)).data[0];
  const event = (await ask('/api/audit-logs?limit=1')).data[0];
  const customers = { kind: 'end_customer', merchant_id: merchant.id, file_name: 'customers.csv' };
  const imported = await ask('/api/imports', { ...customers, csv: 'Name,E-mail\nAnna,anna@acme.test\n' });
  pages = [
    '/',
    '/merchant-orgs',
    '/merchant-orgs/new',
    `/merchant-orgs/${org.id}?created=1`,
    `/merchant-orgs/${org.id}/edit`,
    '/merchants',
    '/merchants?q=nobody',
    `/merchants/new?merchant_org_id=${org.id}`,
    `/merchants/${merchant.id}`,
    `/merchants/${merchant.id}/edit`,
    '/onboarding',
    '/onboard',
    `/onboard/legal?merchant_org_id=${org.id}`,
    ...['business', 'location', 'services', 'people', 'payments', 'terms', 'review'].map(
      (step) => `/onboard/${step}?merchant_id=${merchant.id}`,
    ),
    '/accounts',
    '/accounts/new',
    `/accounts/${cash?.id}`,
    `/accounts/${cash?.id}/edit`,
    `/accounts/${cash?.id}?from=2026-01-01&axis=recorded`,
    '/reports',
    '/reports/trial-balance?zeros=1',
    `/reports/trial-balance?books=org-${org.id}`,
    '/reports/balance-sheet',
    `/reports/balance-sheet?books=org-${org.id}&at=2026-01-31&axis=recorded`,
    '/reports/income-statement?from=2026-01-01&to=2026-12-31',
    '/reports/income-statement?from=2001-01-01&to=2001-01-31',
    '/periods',
    '/usage',
    '/settings/branding',
    '/usage?measure=rows',
    '/transactions',
    '/transactions?least=1',
    '/transactions/new',
    '/transactions/new?mode=typed',
    `/transactions/${transaction.id}`,
    `/transactions/${transaction.id}/trace`,
    '/reports/flow-of-funds',
    '/payouts',
    '/payouts/new',
    `/payouts/${payout.id}?created=1`,
    '/reconciliation',
    '/reconciliation/sources/new',
    `/reconciliation/sources/${source.id}/edit`,
    `/reconciliation/sources/${source.id}/import?created=1`,
    `/reconciliation/${statement.id}`,
    `/reconciliation/${statement.id}/report`,
    '/imports',
    '/imports?status=done',
    '/imports/new',
    `/imports/${imported.id}`,
    '/integrity',
    '/health',
    '/audit',
    `/audit/${event?.id}`,
    '/team',
    '/team?q=nobody',
    '/team/invite',
    `/team/${person.id}?created=1`,
    `/team/${person.id}?ask=payout:create`,
    '/team/roles',
    '/team/roles/new',
    `/team/roles/new?from=${auditor?.id}`,
    `/team/roles/${auditor?.id}`,
    `/team/roles/${role.id}`,
    '/team/review',
    `/team/review?take=${held?.id}`,
    '/settings?saved=1',
    '/settings/api-keys',
    '/settings/api-keys/new',
    '/settings/single-sign-on',
    '/settings/single-sign-on/new',
    '/account',
    '/account/second-factor',
    '/account/passkeys/new',
    '/mailbox',
    '/search?q=pine',
    '/nowhere',
  ];
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** What a dark page can have that the same page in light has not. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

async function findBarriersInBoth(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await findBarriers(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  return [...light, ...(await findBarriers(page, COLOUR_RULES)).map((barrier) => `dark ${barrier}`)];
}

/** Windows that the page is wider than. */
async function findTooWide(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of [390, 768, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) found.push(`${page.url()} is ${overflow} pixels wider than ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
  return found;
}

test('no page has a barrier that axe can find, light or dark, or is wider than a window', {
  timeout: 600_000,
}, async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await page.goto('/sign-in');
  const found = await findBarriersInBoth(page);
  await page.goto('/forgot');
  found.push(...(await findBarriersInBoth(page)));
  await page.goto('/reset/not-a-token-that-anybody-ever-sent');
  found.push(...(await findBarriersInBoth(page)));
  await page.goto('/invitations/not-a-token-that-anybody-ever-sent');
  found.push(...(await findBarriersInBoth(page)));
  await signIn(visitor, stack.tenant);
  for (const address of pages) {
    await page.goto(address);
    found.push(...(await findBarriersInBoth(page)), ...(await findTooWide(page)));
  }
  expect(found).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('on a phone, the menu opens and leads on without JavaScript', async () => {
  const options = { viewport: { width: 390, height: 844 }, javaScriptEnabled: false };
  const visitor = await visit(browser, stack, stack.tenant, options);
  const { page } = visitor;
  await signIn(visitor, stack.tenant);
  await page.getByText('Menu').click();
  await page.getByRole('link', { name: 'Integrity' }).click();
  await page.waitForURL('/integrity');
  expect(await page.getByRole('link', { name: 'Integrity' }).isVisible()).toBe(false);
  await visitor.leave();
});

test('with the keyboard alone, the first stop of a page skips to its content', async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  await signIn(visitor, stack.tenant);
  const { page } = visitor;
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  await visitor.leave();
});

test('a refused form and the open palette have no barrier either', async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  await signIn(visitor, stack.tenant, '/transactions/new');
  const { page } = visitor;
  await page.waitForLoadState('networkidle');
  await page.locator('button.button-primary', { hasText: 'Post entry' }).click();
  await page.getByRole('alert').waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await visitor.leave();
});
