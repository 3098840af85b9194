import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { createParties, newPerson, type Parties, password, REASON } from '../support/impersonation.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openTenant, type TestTenant } from '../support/tenant.ts';
import { findBarriers, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;
let tenant: TestTenant;
let parties: Parties;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  const { record, apiKey, slug } = stack.tenant;
  tenant = await openTenant(stack.database, stack.settings, record, apiKey, '', {
    door: (path, init) => stack.fetch(slug, path, init),
    origin: stack.url(slug),
  });
  parties = await createParties(tenant);
});
afterAll(async () => {
  await browser?.close();
  await tenant?.close();
  await stack?.stop();
});

async function newNamed(name: string, role: string, merchant_id?: string) {
  const person = await newPerson(tenant, { role, ...(merchant_id ? { merchant_id } : {}) });
  await tenant.arrange('UPDATE users SET name = $2 WHERE id = $1', [person.id, name]);
  return person;
}

async function signIn(page: Page, email: string) {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.shell').waitFor();
}

const banner = (page: Page) => page.getByRole('complementary', { name: 'You view as somebody else' });

test.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])(
  'support views as a manager, may only look until it proves who it is, and ends it; the manager reads what was done, %s',
  async (_, javaScriptEnabled) => {
    const [support, manager] = [
      await newNamed('Sam Support', 'support'),
      await newNamed('Mia Manager', 'merchant_manager', parties.merchant),
    ];
    const visitor = await visit(browser, stack, stack.tenant, { javaScriptEnabled });
    const { page } = visitor;
    const phone = javaScriptEnabled ? '555 0100' : '555 0200';
    const looksRight = async () => {
      if (javaScriptEnabled) expect(await findBarriers(page)).toEqual([]);
    };
    await signIn(page, support.email);
    await page.goto(`/team/${manager.id}/view-as`);
    await looksRight();
    await page.getByLabel('Reason').fill('Why');
    await page.getByRole('button', { name: 'View as Mia Manager' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Reason').fill(REASON);
    await page.getByRole('button', { name: 'View as Mia Manager' }).click();
    await banner(page).waitFor();
    for (const words of ['Mia Manager', REASON, 'Read only', 'since', '30 min left']) {
      expect(await banner(page).textContent()).toContain(words);
    }
    await looksRight();

    // What she may see, on every page, and nothing changes.
    await page.goto('/merchants');
    await page.getByText('Harbor Spa').first().waitFor();
    expect(await page.getByText('Harbor Gym').count()).toBe(0);
    await page.goto(`/merchants/${parties.merchant}/edit`);
    await page.locator('#field-phone').fill(phone);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('Enter your password');
    expect(await page.locator('#field-phone').inputValue()).toBe(phone);
    await page.goto('/nowhere');
    await banner(page).waitFor();

    await banner(page).getByRole('link', { name: 'Allow changes' }).click();
    await page.getByRole('heading', { name: 'Allow changes' }).waitFor();
    await looksRight();
    await page.getByLabel('Your own password').fill('wrong horse battery');
    await page.getByRole('button', { name: 'Allow changes' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Your own password').fill(password);
    await page.getByRole('button', { name: 'Allow changes' }).click();
    await banner(page).getByText('Changes are possible').waitFor();
    await looksRight();
    await page.goto(`/merchants/${parties.merchant}/edit`);
    await page.locator('#field-phone').fill(phone);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.waitForURL(/saved=1|merchants\/[^/]+$/);

    await banner(page).getByRole('button', { name: 'End' }).click();
    await banner(page).waitFor({ state: 'detached' });
    await page.goto('/merchants');
    await page.getByText('Harbor Gym').first().waitFor();

    await page.getByRole('button', { name: 'Sign out' }).first().click();
    await page.waitForURL(/sign-in/);
    await signIn(page, manager.email);
    await page.getByRole('link', { name: 'Support access' }).first().click();
    await page.getByRole('heading', { name: 'Support access' }).waitFor();
    await looksRight();
    await page.getByRole('link', { name: 'Sam Support as Mia Manager' }).first().click();
    await page.getByText(`“${phone}”`).waitFor();
    await page.getByText(REASON).waitFor();
    await looksRight();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  },
  90_000,
);

test('when the time is up the page says so by itself, and nothing goes on until its reader says who they are', async () => {
  const [support, manager] = [
    await newNamed('Sam Support', 'support'),
    await newNamed('Mia Manager', 'merchant_manager', parties.merchant),
  ];
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(page, support.email);
  await page.goto(`/team/${manager.id}/view-as`);
  await page.getByLabel('Reason').fill(REASON);
  await page.getByRole('button', { name: 'View as Mia Manager' }).click();
  await banner(page).waitFor();
  await tenant.arrange(`UPDATE impersonations SET expires_at = now() + interval '4 seconds' WHERE user_id = $1`, [
    manager.id,
  ]);
  await page.goto('/merchants');
  await banner(page)
    .getByText(/\d s left/)
    .waitFor();
  await page.waitForURL(/support-access\/leave/);
  await page.getByText('the time was up').waitFor();
  expect(await banner(page).count()).toBe(0);
  expect(await findBarriers(page)).toEqual([]);
  await page.goto('/merchants');
  await page.getByText('the time was up').waitFor();
  await page.getByRole('button', { name: 'Go on as Sam Support' }).click();
  await page.getByRole('link', { name: 'Merchants' }).first().click();
  await page.getByText('Harbor Gym').first().waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('before anybody has looked, a merchant is told so', async () => {
  const other = await newNamed('Olga Other', 'merchant_staff', parties.other);
  const visitor = await visit(browser, stack, stack.tenant, { viewport: { width: 390, height: 844 } });
  await signIn(visitor.page, other.email);
  await visitor.page.goto('/support-access');
  await visitor.page.getByText('Nobody has looked').waitFor();
  expect(await findBarriers(visitor.page)).toEqual([]);
  await visitor.leave();
});
