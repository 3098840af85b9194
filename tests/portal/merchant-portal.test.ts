import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newWorkspace } from '../doors/workspace-doors.ts';
import { startBrowser } from '../support/browser.ts';
import { assign, createParties, newPerson, type Parties, password, REASON } from '../support/impersonation.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openTenant, type TestTenant } from '../support/tenant.ts';
import { findBarriers, step, take, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;
let tenant: TestTenant;
let parties: Parties;
let home: string;
let visitId: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  const { record, apiKey, slug } = stack.tenant;
  tenant = await openTenant(stack.database, stack.settings, record, apiKey, '', {
    door: (path, init) => stack.fetch(slug, path, init),
    origin: stack.url(slug),
  });
  parties = await createParties(tenant);
  visitId = (await newWorkspace(tenant, parties.merchant)).appointment;
  home = `/merchants/${parties.merchant}`;
});
afterAll(async () => {
  await browser?.close();
  await tenant?.close();
  await stack?.stop();
});

async function signIn(page: Page, email: string, home: RegExp): Promise<void> {
  await page.goto('/');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(home);
  await page.locator('.shell').waitFor();
}

const statusOf = (page: Page, href: string) => page.evaluate(async (path) => (await fetch(path)).status, href);

const phone = { viewport: { width: 390, height: 844 } };
const entries = (page: Page) => page.locator('.sidebar nav a').allTextContents();

test('who works at one merchant lands there, books, and takes the cash, on a phone', { timeout: 120_000 }, async () => {
  const staff = await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.merchant });
  const visitor = await visit(browser, stack, stack.tenant, phone);
  const { page } = visitor;
  await signIn(page, staff.email, /\/appointments$/);
  expect(new URL(page.url()).pathname).toBe(`${home}/appointments`);
  await page.getByRole('heading', { level: 1, name: 'Appointments' }).waitFor();
  expect(await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link').allTextContents()).toEqual([
    'Harbor Spa',
  ]);
  expect(await page.title()).toContain('Appointments of Harbor Spa');
  const found = await findBarriers(page);

  await page.getByText('Menu').click();
  const menu = page.locator('.topbar-panel nav');
  const labels = [
    'Overview',
    'Appointments',
    'Customers',
    'Invoices',
    'Set-up',
    'Settings',
    'Imports',
    'Support access',
  ];
  expect(await menu.getByRole('link').allTextContents()).toEqual(labels);
  found.push(...(await findBarriers(page)));
  for (const link of await menu.getByRole('link').all()) {
    const href = (await link.getAttribute('href'))!;
    expect([href, await statusOf(page, href)]).toEqual([href, 200]);
  }
  await menu.getByRole('link', { name: 'Appointments' }).click();

  await page.getByRole('link', { name: 'Book', exact: true }).click();
  await page.getByLabel('Day', { exact: true }).fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10));
  await page.getByRole('button', { name: 'Show free times' }).click();
  await page.getByRole('button', { name: 'Book', exact: true }).click();
  await page.getByText('The appointment is booked.').waitFor();
  await page.getByRole('link', { name: 'Regular' }).click();
  await page.getByText('What comes next').waitFor();
  await page.waitForLoadState('networkidle');
  // On its own day it is checked in and completed with a click each.
  const moved = { starts_at: new Date().toISOString(), ignores_hours: true };
  const path = `/api/appointments/${new URL(page.url()).pathname.split('/').at(-1)}/reschedule`;
  expect((await tenant.owner.post(path, moved)).status).toBe(200);
  await page.reload();
  await page.waitForLoadState('networkidle');
  await take(page, 'Check in');
  await take(page, 'Complete');
  await step(page, 'Invoice this visit', {}, 'Make the invoice');
  await page.getByText('The invoice is made.').waitFor();
  await page.waitForLoadState('networkidle');
  await step(page, 'Take a payment', { How: 'cash' }, 'Take it');
  await page.locator('aside').getByText('Paid', { exact: true }).first().waitFor();
  // Giving money back and voiding are for who leads the merchant.
  expect(await page.getByText('Give back').count()).toBe(0);
  found.push(...(await findBarriers(page)));
  expect(found).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('every entry of a manager’s portal leads somewhere, and Ctrl K finds what is theirs', {
  timeout: 60_000,
}, async () => {
  const manager = await newPerson(tenant, { role: 'merchant_manager', merchant_id: parties.merchant });
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(page, manager.email, /\/appointments$/);
  expect((await entries(page)).slice(0, 7)).toEqual([
    ...['Overview', 'Appointments', 'Customers', 'Invoices', 'Set-up', 'Settings', 'Flags'],
  ]);
  for (const link of await page.locator('.sidebar nav a').all()) {
    const href = (await link.getAttribute('href'))!;
    expect([href, await statusOf(page, href)]).toEqual([href, 200]);
  }
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search and go' });
  await page.keyboard.type('new');
  await palette.getByRole('option', { name: 'New appointment' }).waitFor();
  expect(await palette.getByRole('option').allTextContents()).toEqual([
    'New appointmentHarbor Spa',
    'New customerHarbor Spa',
  ]);
  await palette.getByRole('combobox').fill('regul');
  await palette.getByRole('group', { name: 'Customers' }).getByText('Regular').waitFor();
  await palette.getByRole('group', { name: 'Appointments' }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/customers\//);
  await page.getByRole('heading', { name: 'Regular' }).waitFor();

  // What does not answer is told, and the page stays.
  await page.route('**/api/search?*', (route) => route.abort());
  await page.keyboard.press('Control+k');
  await page.keyboard.type('zzz');
  await palette.getByText('The search did not answer.').waitFor();
  await page.unroute('**/api/search?*');
  await page.keyboard.type('z');
  await palette.getByText('Nothing found. Names').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Regular' }).waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('who leads a MerchantOrg begins with it and its figures, and every entry leads somewhere', async () => {
  for (const role of ['merchant_manager', 'auditor', 'admin']) {
    const leader = await newPerson(tenant, { role, merchant_org_id: parties.org });
    const visitor = await visit(browser, stack, stack.tenant);
    const { page } = visitor;
    await signIn(page, leader.email, /\/merchant-orgs\//);
    await page.getByRole('heading', { name: 'Harbor', exact: true }).waitFor();
    await page.getByText('Revenue, last 30 days').waitFor();
    expect((await entries(page)).slice(0, 3)).toEqual(['Overview', 'Settings', 'Merchants']);
    for (const link of await page.locator('.sidebar nav a').all()) {
      const href = (await link.getAttribute('href'))!;
      expect([href, await statusOf(page, href)]).toEqual([href, 200]);
    }
    expect(await statusOf(page, `/merchant-orgs/${parties.other_org}`)).toBe(404);
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  }
});

test('who works at a few merchants begins with these', async () => {
  const both = await newPerson(tenant, { role: 'merchant_staff', merchant_id: parties.merchant });
  await assign(tenant, both.id, 'merchant_manager', { merchant_id: parties.other });
  const visitor = await visit(browser, stack, stack.tenant, { javaScriptEnabled: false });
  const { page } = visitor;
  await signIn(page, both.email, /\/merchants$/);
  expect(await page.locator('main').getByRole('link', { name: /Spa$/ }).allTextContents()).toEqual(
    expect.arrayContaining(['Harbor Spa', 'Summit Spa']),
  );
  expect(await entries(page)).not.toContain('Dashboard');
  expect(await entries(page)).toContain('Merchants');
  // What they may do at one merchant is not offered at the other.
  const tabs = async () => page.locator('main .tabs a').allTextContents();
  await page.goto(home);
  expect(await tabs()).not.toContain('Flags');
  await page.goto(`/merchants/${parties.other}`);
  expect(await tabs()).toContain('Flags');
  await visitor.leave();
});

test('who views as another is offered no button that would be refused', { timeout: 60_000 }, async () => {
  const support = await newPerson(tenant, { role: 'support' });
  const manager = await newPerson(tenant, { role: 'merchant_manager', merchant_id: parties.merchant });
  const visitor = await visit(browser, stack, stack.tenant, { javaScriptEnabled: false });
  const { page } = visitor;
  await signIn(page, support.email, /\/$/);
  await page.goto(`/team/${manager.id}/view-as`);
  await page.getByLabel('Reason').fill(REASON);
  await page.getByRole('button', { name: /^View as/ }).click();
  await page.getByText('Read only').waitFor();
  const offers = page.locator(
    'main form[method="post"], main a[href$="/new"], main a[href*="/new?"], main a[href$="/edit"]',
  );
  const paths = [
    '',
    '/appointments',
    `/appointments/${visitId}`,
    '/customers',
    '/invoices',
    '/set-up',
    '/settings',
    '/flags',
  ];
  for (const path of paths) {
    expect([path, (await page.goto(`${home}${path}`))?.status()]).toEqual([path, 200]);
    expect([path, await offers.count()]).toEqual([path, 0]);
  }
  await page.goto('/support-access/step-up');
  await page.getByLabel('Your own password').fill(password);
  await page.getByRole('button', { name: 'Allow changes' }).click();
  await page.getByText('Changes are possible').waitFor();
  await page.goto(`${home}/appointments`);
  await page.getByRole('link', { name: 'Book', exact: true }).waitFor();
  await visitor.leave();
});
