import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, type StackTenant, startStack } from '../support/stack.ts';
import { findBarriers, signIn, type Visitor, visit } from './visitor.ts';

const PASSWORD = 'correct horse battery';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

type Body = { id: string; data: { id: string; key: string | null; recipient: string; body: string }[] };

async function ask(tenant: StackTenant, path: string, body?: object): Promise<Body> {
  const headers = { 'content-type': 'application/json' };
  const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : {};
  const response = await stack.api(tenant, path, init);
  expect(response.ok, `${path} answered ${response.status}`).toBe(true);
  return (await response.json()) as Body;
}

const roleOf = async (tenant: StackTenant, key: string) =>
  (await ask(tenant, '/api/roles')).data.find((role) => role.key === key)?.id ?? '';

/** The newest link that was mailed to somebody, other than the one that is known already. */
function mailedLink(tenant: StackTenant, to: string, known?: string): Promise<string> {
  return stack.tickUntil(async () => {
    const mails = (await ask(tenant, '/api/mailbox')).data.filter(({ recipient }) => recipient === to);
    return mails.map(({ body }) => /\/invitations\/[\w-]+/.exec(body)?.[0]).find((link) => link && link !== known);
  });
}

/** Opens the link as a stranger, sets a name and a password, and is in. */
async function accept(tenant: StackTenant, link: string, name: string, options: BrowserContextOptions = {}) {
  const visitor = await visit(browser, stack, tenant, options);
  await visitor.page.goto(link);
  await visitor.page.getByText(/^You are invited to .* as .*, and sign in as /).waitFor();
  expect(await visitor.page.getByLabel('Your name').inputValue()).toBe(name);
  await visitor.page.getByLabel('Password').fill(PASSWORD);
  await visitor.page.getByRole('button', { name: 'Set up my account' }).click();
  await visitor.page.locator('.shell').waitFor();
  return visitor;
}

/** Opens a step and presses its button. */
async function confirm(page: Page, title: string, button: string): Promise<void> {
  await page.locator('summary', { hasText: new RegExp(`^${title}$`) }).click();
  await page.getByRole('button', { name: button }).click();
}

async function expectNoBarrier({ page }: Visitor): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await findBarriers(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await findBarriers(page, ['color-contrast'])).toEqual([]);
}

test.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])(
  'somebody is invited, joins, is given a role, explained, disabled and removed, %s',
  async (_, javaScriptEnabled) => {
    const tenant = stack.tenants[javaScriptEnabled ? 0 : 1] ?? stack.tenant;
    const org = await ask(tenant, '/api/merchant-orgs', { name: 'Harbor & Pine' });
    const visitor = await visit(browser, stack, tenant, { javaScriptEnabled });
    const { page } = visitor;
    await signIn(visitor, tenant, '/team');
    await page.getByRole('link', { name: 'Invite' }).click();
    await page.waitForURL('/team/invite');
    await page.getByLabel('E-mail').fill('jo@acme.test');
    await page.getByRole('button', { name: 'Add another role' }).click();
    await page.getByLabel('Role').nth(1).waitFor();
    expect(await page.getByLabel('E-mail').inputValue()).toBe('jo@acme.test');
    await page.getByLabel('Role').nth(0).selectOption('Support');
    await page.getByLabel('Place').nth(0).selectOption('Harbor & Pine');
    await page.getByRole('button', { name: 'Send the invitation' }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('Name is required');
    expect(await alert.textContent()).toContain('Role in row 2 must be chosen');
    expect(await page.getByLabel('Place').nth(0).inputValue()).toBe(`org:${org.id}`);
    if (javaScriptEnabled) await expectNoBarrier(visitor);
    await page.getByRole('button', { name: 'Leave out role 2' }).click();
    await page.getByRole('button', { name: 'Leave out role 2' }).waitFor({ state: 'detached' });
    await page.getByLabel('Name').fill('Jo Field');
    await page.getByLabel('Last day').fill('2020-01-01');
    await page.getByRole('button', { name: 'Send the invitation' }).click();
    await page.getByText('Last day must be in the future').first().waitFor();
    await page.getByLabel('Last day').fill('2090-01-01');
    await page.getByRole('button', { name: 'Send the invitation' }).click();
    await page.getByText('Jo Field is invited').waitFor();
    await page.getByText('Holds through Jan 1, 2090').waitFor();

    const first = await mailedLink(tenant, 'jo@acme.test');
    await confirm(page, 'Mail the invitation again', 'Mail a new link');
    await page.getByText('Done.').waitFor();
    const theirs = await accept(tenant, await mailedLink(tenant, 'jo@acme.test', first), 'Jo Field', {
      javaScriptEnabled,
    });

    await page.reload();
    await page.locator('summary', { hasText: 'Give a role' }).click();
    await page.getByRole('button', { name: 'Give the role' }).click();
    await page.getByText('Role must be chosen').first().waitFor();
    await page.getByLabel('Role', { exact: true }).selectOption('Auditor');
    await page.getByLabel('Place', { exact: true }).selectOption('The whole tenant');
    await page.getByRole('button', { name: 'Give the role' }).click();
    await page.getByRole('link', { name: 'Auditor' }).waitFor();
    await page.getByLabel('One permission').selectOption('payout:create');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('Jo Field may not do this: Payout: create.').waitFor();
    await page.getByText('Roles that give it: Admin, Finance, Owner.').waitFor();
    await page.getByLabel('One permission').selectOption('payout:read');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('Allowed by Auditor.').first().waitFor();
    if (javaScriptEnabled) await expectNoBarrier(visitor);

    await confirm(page, 'Disable', 'Disable Jo Field');
    await page.getByText('Disabled', { exact: true }).waitFor();
    await theirs.page.goto('/team');
    await theirs.page.waitForURL(/sign-in/);
    await confirm(page, 'Enable', 'Enable Jo Field');
    await page.getByText('Active', { exact: true }).waitFor();
    await confirm(page, 'Remove', 'Remove Jo Field');
    await page.getByText('The account is removed').waitFor();
    expect(await page.getByRole('link', { name: 'Jo Field' }).count()).toBe(0);
    expect([...visitor.complaints, ...theirs.complaints]).toEqual([]);
    await Promise.all([visitor.leave(), theirs.leave()]);
  },
  180_000,
);

test.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])(
  'a role is made from another, changed after a look at whom it concerns, and kept while it is held, %s',
  async (_, javaScriptEnabled) => {
    const tenant = stack.tenants[javaScriptEnabled ? 0 : 1] ?? stack.tenant;
    const visitor = await visit(browser, stack, tenant, { javaScriptEnabled });
    const { page } = visitor;
    await signIn(visitor, tenant, `/team/roles/${await roleOf(tenant, 'support')}`);
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await page.getByRole('link', { name: 'Copy to a role of your own' }).click();
    await page.getByLabel('Name').waitFor();
    if (javaScriptEnabled) await page.waitForLoadState('networkidle');
    expect(await page.getByLabel('Merchant: update', { exact: true }).isChecked()).toBe(true);
    await page.getByLabel('Name').fill('Night desk');
    await page.getByRole('button', { name: 'All of Payout' }).click();
    await page.getByRole('button', { name: 'None of Payout' }).waitFor();
    expect(await page.getByLabel('Payout: create', { exact: true }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Make the role' }).click();
    await page.getByText('Night desk is made').waitFor();
    const id = new URL(page.url()).pathname.split('/').pop() ?? '';
    await ask(tenant, '/api/users', { name: 'Nia Desk', email: 'nia@acme.test', roles: [{ role_id: id }] });

    await page.goto(`/team/roles/${id}`);
    if (javaScriptEnabled) await page.waitForLoadState('networkidle');
    await page.getByLabel('Find a permission').fill('take a role');
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByLabel('Payout: read', { exact: true }).waitFor({ state: 'hidden' });
    await page.getByLabel('Role assignment: delete', { exact: true }).check();
    await page.getByLabel('Find a permission').fill('');
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByLabel('Merchant: update', { exact: true }).uncheck();
    if (javaScriptEnabled) {
      await page.getByLabel('Say what each lets them do').check();
      await page.getByText('Take a role from somebody').waitFor();
      await expectNoBarrier(visitor);
    }
    await page.getByRole('button', { name: 'Who gains and loses what' }).click();
    const row = page.getByRole('row', { name: /Nia Desk/ });
    await row.waitFor();
    expect(await row.textContent()).toContain('Role assignment: delete');
    expect(await row.textContent()).toContain('Merchant: update');
    if (javaScriptEnabled) await expectNoBarrier(visitor);
    await page.getByRole('button', { name: 'Back' }).click();
    expect(await page.getByLabel('Merchant: update', { exact: true }).isChecked()).toBe(false);
    await page.getByRole('button', { name: 'Who gains and loses what' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The role is changed.').waitFor();
    expect(await page.getByLabel('Role assignment: delete', { exact: true }).isChecked()).toBe(true);

    await confirm(page, 'Delete this role', 'Delete Night desk');
    await page.getByText('The role is still held').waitFor();
    await page.getByRole('link', { name: 'See who holds it' }).click();
    await page.getByRole('link', { name: 'Nia Desk' }).waitFor();
    await page.goto(`/team/review?role_id=${id}`);
    await page.getByRole('link', { name: 'Take Night desk from Nia Desk' }).click();
    await page.getByRole('button', { name: 'Take Night desk' }).click();
    await page.getByText('The role is taken away.').waitFor();
    await page.goto(`/team/roles/${id}`);
    await confirm(page, 'Delete this role', 'Delete Night desk');
    await page.waitForURL(/\/team\/roles(\?|$)/);
    const requires = page.getByRole('switch', { name: 'Finance requires it' });
    await requires.click();
    await page.locator('[role=switch][aria-checked=true]').waitFor();
    expect(await page.getByRole('link', { name: 'Night desk' }).count()).toBe(0);
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  },
  180_000,
);

test('a manager of one MerchantOrg sees and gives only what is theirs', async () => {
  const [tenant] = stack.tenants;
  if (!tenant) throw new Error('There is no tenant.');
  const mine = await ask(tenant, '/api/merchant-orgs', { name: 'Valley' });
  const other = await ask(tenant, '/api/merchant-orgs', { name: 'Summit' });
  const manager = await roleOf(tenant, 'merchant_manager');
  const staff = await roleOf(tenant, 'merchant_staff');
  const invite = (name: string, roles: object[]) =>
    ask(tenant, '/api/users', { name, email: `${name.toLowerCase()}@valley.test`, roles });
  await invite('Elsewhere', [{ role_id: staff, merchant_org_id: other.id }]);
  const both = await invite('Both', [
    { role_id: staff, merchant_org_id: mine.id },
    { role_id: staff, merchant_org_id: other.id },
  ]);
  await invite('Vera', [{ role_id: manager, merchant_org_id: mine.id }]);
  const link = await mailedLink(tenant, 'vera@valley.test');
  const visitor = await accept(tenant, link, 'Vera', { viewport: { width: 390, height: 844 } });
  const { page } = visitor;

  await page.goto('/team');
  await page.getByRole('link', { name: 'Both' }).waitFor();
  expect(await page.getByRole('link', { name: 'Elsewhere' }).count()).toBe(0);
  expect(await page.getByText('Summit').count()).toBe(0);
  await page.goto('/team/invite');
  expect(await page.getByLabel('Place').locator('option').allTextContents()).toEqual(['Choose a place', 'Valley']);
  expect(await page.getByLabel('Role').locator('option').allTextContents()).not.toContain('Owner');
  await page.goto('/team/roles');
  expect(await page.getByRole('link', { name: 'New role' }).count()).toBe(0);
  expect(await page.getByRole('switch').count()).toBe(0);

  await page.goto(`/team/${both.id}`);
  expect(await page.getByText('Summit').count()).toBe(0);
  await confirm(page, 'Take the invitation back', 'Take it back');
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('You do not hold this yourself there');
  await expectNoBarrier(visitor);
  await page.goto('/account');
  await page.getByText('Change your name').click();
  await page.getByLabel('Name').fill('Vera Vale');
  await page.getByRole('button', { name: 'Save the name' }).click();
  await page.getByText('Done.').waitFor();
  await page.goto('/team');
  await page.getByRole('link', { name: 'Vera Vale' }).first().click();
  await page.getByText('Nobody changes their own roles').waitFor();
  expect(await page.getByText('Give a role').count()).toBe(0);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
}, 120_000);
