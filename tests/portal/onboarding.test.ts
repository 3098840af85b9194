import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, type Visitor, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const step = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Steps' }).getByRole('listitem').filter({ hasText: name });
const blocks = (page: Page) => page.locator('.onboard-blocks').last();
async function goOn(page: Page, path: string): Promise<void> {
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.waitForURL(`**/onboard/${path}?*`);
}
const reviewed = (page: Page, name: string) => page.getByRole('region', { name });
const SHOTS = process.env.SHOTS;
const shot = async (page: Page, name: string) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};

let merchant: string;

async function arrive(options: BrowserContextOptions, next: string): Promise<Visitor> {
  const visitor = await visit(browser, stack, stack.tenant, options);
  visitor.page.setDefaultTimeout(10_000);
  await signIn(visitor, stack.tenant, next);
  return visitor;
}

test('an onboarding is begun without JavaScript, and every step saves what it is about', async () => {
  const visitor = await arrive({ javaScriptEnabled: false }, '/');
  const { page } = visitor;
  await page.goto('/settings/merchants');
  const needed = page.getByRole('group', { name: 'Needed of a merchant to go live' });
  for (const item of ['Location', 'Services', 'Terms']) await needed.getByLabel(item).check();
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('Location, Services, Terms').waitFor();

  await page.goto('/');
  await page.getByRole('link', { name: 'Onboard a business' }).click();
  await page.waitForURL('/onboard');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('link', { name: 'Name of a new one is required' }).waitFor();
  await page.getByLabel('Name of a new one').fill('Harbor Group');
  await page.getByRole('button', { name: 'Continue' }).click();

  await page.getByLabel('Legal name').fill('Harbor Group LLC');
  await page.getByLabel('Tax id').fill('12-3456789');
  await page.getByLabel('Billing address').fill('1 Quay\nAmsterdam');
  await page.getByRole('group', { name: 'Contact 1' }).getByLabel('Name').fill('Maria Silva');
  await shot(page, 'legal');
  await page.getByRole('button', { name: 'Save and continue' }).click();

  await page.getByRole('heading', { name: 'A new business' }).waitFor();
  await step(page, 'Legal and billing').getByText('done').waitFor({ state: 'attached' });
  await page.getByLabel('Name', { exact: true }).first().fill('Pine Street Hair');
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await page.waitForURL(/\/onboard\/location\?merchant_id=/);
  await blocks(page).getByText('Blocks going live: Location, Services, Terms').waitFor();

  await page.getByRole('button', { name: 'Add the location' }).click();
  await page.getByRole('link', { name: 'Name is required' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Main street');
  await page.getByRole('button', { name: 'Add the location' }).click();
  await page.getByRole('status').getByText('The location was added.').waitFor();
  await page.getByLabel('Monday from', { exact: true }).fill('09:00');
  await page.getByLabel('Monday to', { exact: true }).fill('08:00');
  await page.getByRole('button', { name: 'Save the hours' }).click();
  await page.getByText('Opening hours must open before they close').first().waitFor();
  await page.getByLabel('Monday to', { exact: true }).fill('17:00');
  await page.getByRole('button', { name: 'Tuesday to Friday as Monday' }).click();
  await expect.poll(() => page.getByLabel('Friday to', { exact: true }).inputValue()).toBe('17:00');
  expect(await page.getByLabel('Saturday to', { exact: true }).inputValue()).toBe('');
  await page.getByRole('button', { name: 'Save the hours' }).click();
  await page.getByRole('status').getByText('The opening hours were saved.').waitFor();
  await shot(page, 'location');
  merchant = new URL(page.url()).searchParams.get('merchant_id') ?? '';
  await visitor.leave();
});

test('it goes on where it was left, on a phone, and what is missing blocks going live', async () => {
  const visitor = await arrive({ viewport: { width: 390, height: 844 } }, '/onboarding');
  const { page } = visitor;
  await shot(page, 'list-phone');
  await page.goto('/onboard');
  await page.getByRole('link', { name: 'Pine Street Hair' }).click();
  await page.waitForURL(/\/onboard\/services/);
  await page.getByText('Add a service', { exact: true }).click();
  await page.getByLabel('Name', { exact: true }).first().fill('Cut');
  await page.getByLabel('Duration in minutes').fill('30');
  await page.getByLabel(/^Price/).fill('25');
  await page.getByRole('button', { name: 'Add service' }).click();
  await page.getByText('30 minutes').waitFor();
  await page.getByText('Add somebody', { exact: true }).click();
  // The hours of the business are where those of its people begin.
  expect(await page.getByLabel('Monday from', { exact: true }).inputValue()).toBe('09:00');
  await page.getByLabel('Monday from', { exact: true }).fill('10:00');
  await page.getByRole('button', { name: 'Tuesday to Friday as Monday' }).click();
  expect(await page.getByLabel('Friday from', { exact: true }).inputValue()).toBe('10:00');
  await page.locator('#provider-field-name').fill('Alma');
  await page.getByRole('button', { name: 'Add them' }).click();
  await page.getByText('Alma').waitFor();
  await shot(page, 'services-phone');
  expect(await findBarriers(page)).toEqual([]);
  await goOn(page, 'people');

  await page.getByLabel('E-mail').fill('maria@harbor.test');
  await page.getByLabel('Name').fill('Maria Silva');
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await page.getByText('Invited').waitFor();
  await shot(page, 'people-phone');
  await goOn(page, 'payments');

  await page.getByRole('group', { name: 'Payment methods' }).getByLabel('Cash').check();
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('The settings were saved.').waitFor();
  await shot(page, 'payments-phone');
  await goOn(page, 'terms');

  // Left for later, it blocks going live, and says so.
  await goOn(page, 'review');
  // What is done on another page leads back here.
  await reviewed(page, 'Pine Street Hair')
    .getByRole('link', { name: /^Do it.*Details$/ })
    .click();
  await page.waitForURL(/\/merchants\/.*\/edit/);
  await page.locator('#field-phone').fill('+31 20 555 0100');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.waitForURL(/\/onboard\/review\?merchant_id=/);
  await page.getByRole('status').getByText('It was saved.').waitFor();
  await page.getByRole('button', { name: 'Pine Street Hair goes live' }).click();
  await page.getByRole('alert').getByText('Still missing: terms').waitFor();
  await shot(page, 'review-phone');
  expect(await findBarriers(page)).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('with the last item done or waived the business is live, and leaves the list', async () => {
  const visitor = await arrive({}, `/onboard/review?merchant_id=${merchant}`);
  const { page } = visitor;
  const business = reviewed(page, 'Pine Street Hair');
  await business.getByText('Go live without: messaging').click();
  await business.getByRole('textbox', { name: 'Reason' }).fill('Sends none');
  await business.getByRole('button', { name: 'Waive it' }).click();
  await business.getByText('Sends none').waitFor();
  await business.getByText('Accept the terms for Pine Street Hair').click();
  await business.getByRole('textbox', { name: 'Accepted by' }).fill('Maria Silva');
  await business.getByRole('button', { name: 'Record the acceptance' }).click();
  await business.getByText('Nothing blocks going live.').waitFor();
  await shot(page, 'review');
  expect(await findBarriers(page)).toEqual([]);
  await page.getByRole('button', { name: 'Pine Street Hair goes live' }).click();
  await page.getByRole('status').getByText('It is live.').waitFor();
  await shot(page, 'live');
  await page.getByRole('link', { name: 'Open its workspace' }).click();
  await page.waitForURL(`/merchants/${merchant}`);
  await page.getByText('Mon 09:00–17:00').waitFor();
  expect(await page.getByRole('region', { name: 'Onboarding' }).count()).toBe(0);
  // Its MerchantOrg is still being onboarded, with its checklist beside it.
  await page.goto('/onboarding');
  await page.getByRole('link', { name: 'Harbor Group' }).click();
  const org = reviewed(page, 'Onboarding');
  await org.getByText('2 of 4 done').waitFor();
  await shot(page, 'org');
  expect(await findBarriers(page)).toEqual([]);
  await org.getByText('Go live without: owner').click();
  await org.getByRole('textbox', { name: 'Reason' }).fill('Later');
  await org.getByRole('button', { name: 'Waive it' }).click();
  await org.getByText('3 of 4 done').waitFor();
  await page.goto('/onboarding?missing=terms');
  expect(await findBarriers(page)).toEqual([]);
  await shot(page, 'list');
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});
