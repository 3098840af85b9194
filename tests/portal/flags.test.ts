import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { OpenFeature as OpenFeatureWeb } from '@openfeature/web-sdk';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { type Stack, type StackTenant, startStack } from '../support/stack.ts';
import { findBarriers, signIn, type Visitor, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;
let merchant: string;

async function ask(tenant: StackTenant, path: string, body: unknown, method = 'POST'): Promise<{ id: string }> {
  const headers = { 'content-type': 'application/json' };
  const response = await stack.api(tenant, path, { method, headers, body: JSON.stringify(body) });
  expect(response.ok, `${path} answered ${response.status}: ${await response.clone().text()}`).toBe(true);
  return (await response.json()) as { id: string };
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
  for (const tenant of stack.tenants) {
    const org = await ask(tenant, '/api/merchant-orgs', { name: 'Harbor & Pine' });
    const made = await ask(tenant, '/api/merchants', { merchant_org_id: org.id, name: 'Pine Street Hair' });
    if (tenant === stack.tenants[0]) merchant = made.id;
  }
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

// Only where the host leads is the test's: Node cannot look up *.localhost.
const throughStack: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  const { host, port, pathname } = new URL(request.url);
  const { method, headers } = request;
  return hostFetch(Number(port), host, pathname, { method, headers, body: await request.text() });
};

test('the official providers, for servers and for browsers, evaluate all four types through the built worker', async () => {
  const tenant = stack.tenant;
  const values = { boolean: true, string: 'blue', number: 0.5, object: { depth: { at: 2 } } };
  let last = '';
  for (const [type, value] of Object.entries(values)) {
    const made = await ask(tenant, '/api/feature-flags', {
      key: `sdk-${type}`,
      name: type,
      type,
      variants: [{ name: 'only', value }],
      rollout: [{ variant: 'only', percent: 100 }],
      off_variant: 'only',
    });
    last = made.id;
  }
  const options = {
    baseUrl: stack.url(tenant.slug),
    headers: [['Authorization', `Bearer ${tenant.apiKey}`]] as [string, string][],
    fetchImplementation: throughStack,
  };
  await OpenFeature.setProviderAndWait('built-worker', new OFREPProvider(options));
  const client = OpenFeature.getClient('built-worker');
  const context = { targetingKey: 'somebody' };
  const seen = [
    await client.getBooleanDetails('sdk-boolean', false, context),
    await client.getStringDetails('sdk-string', 'red', context),
    await client.getNumberDetails('sdk-number', 0, context),
    await client.getObjectDetails('sdk-object', {}, context),
  ];
  expect(seen.map(({ value }) => value)).toEqual(Object.values(values));
  expect(seen.map(({ variant, reason }) => [variant, reason])).toEqual(seen.map(() => ['only', 'STATIC']));
  expect(await client.getStringDetails('sdk-none', 'red', context)).toMatchObject({
    value: 'red',
    errorCode: 'FLAG_NOT_FOUND',
  });

  // Browsers hold all flags, and ask again for another context.
  await OpenFeatureWeb.setContext('in-browsers', context);
  const provider = new OFREPWebProvider({ ...options, pollInterval: 0, cacheMode: 'disabled' });
  await OpenFeatureWeb.setProviderAndWait('in-browsers', provider);
  const inBrowsers = OpenFeatureWeb.getClient('in-browsers');
  const held = () => [
    inBrowsers.getBooleanDetails('sdk-boolean', false),
    inBrowsers.getStringDetails('sdk-string', 'red'),
    inBrowsers.getNumberDetails('sdk-number', 0),
    inBrowsers.getObjectDetails('sdk-object', {}),
  ];
  expect(held().map(({ value }) => value)).toEqual(Object.values(values));
  await ask(tenant, `/api/feature-flags/${last}`, { is_enabled: false }, 'PATCH');
  await OpenFeatureWeb.setContext('in-browsers', { targetingKey: 'somebody else' });
  expect(held().map(({ reason }) => reason)).toEqual(['STATIC', 'STATIC', 'STATIC', 'DISABLED']);
  await OpenFeatureWeb.close();
});

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
    await signIn(visitor, tenant, '/flags');
  });
  afterAll(() => visitor?.leave());

  test('create a flag, roll it out to 30 %, try it, and kill it', async () => {
    await page.getByRole('link', { name: 'New flag' }).click();
    await page.getByLabel('Key', { exact: true }).fill('tips.at-the-door');
    await page.getByLabel('Name', { exact: true }).fill('Tips at the door');
    await page.getByLabel('Share in %').nth(1).fill('90');
    await page.getByRole('button', { name: 'Create the flag' }).click();
    await page.getByRole('link', { name: 'Share of variant 1 must add up to 100' }).waitFor();
    await page.getByLabel('Share in %').nth(1).fill('100');
    await page.getByRole('button', { name: 'Create the flag' }).click();
    await page.getByText('Everybody else: off').waitFor();

    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByLabel('Share in %').nth(0).fill('30');
    await page.getByLabel('Share in %').nth(1).fill('70');
    await page.getByLabel('Attribute').first().fill('tier');
    await page.getByLabel('Values').first().fill('gold, silver');
    await page.getByLabel('Gives').first().selectOption('on');
    await page.getByText('Only for some merchants').click();
    await page.getByLabel('Pine Street Hair (Harbor & Pine)').first().check();
    await page.getByLabel('Attribute').nth(1).fill('merchant');
    await page.getByLabel('Values').nth(1).fill('pine');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('A rule asks for merchant. Evaluation knows a merchant by merchant_id alone').waitFor();
    await page.getByText(/merchant is one of pine and merchant_id is one of Pine Street Hair/).waitFor();
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByText('A rule asks for merchant.').waitFor();
    await page.getByLabel('Pine Street Hair (Harbor & Pine)').first().uncheck();
    await page.getByLabel('Attribute').nth(1).fill('');
    await page.getByLabel('Values').nth(1).fill('');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('When tier is one of gold, silver: on').waitFor();
    await page.getByText('Everybody else: on 30 %, off 70 %').waitFor();

    await page.getByText('Go back to this').last().click();
    await page.getByRole('button', { name: 'Go back to it' }).last().click();
    await page.getByText('Took a feature flag back to an earlier version').waitFor();
    await page.getByText('Everybody else: off').waitFor();
    await page.getByText('Go back to this').first().click();
    await page.getByRole('button', { name: 'Go back to it' }).first().click();
    await page.getByText('Everybody else: on 30 %, off 70 %').waitFor();

    await page.getByLabel('Attributes').fill('tier = gold');
    await page.getByRole('button', { name: 'Evaluate' }).click();
    await page.getByText('Rule 1 holds.').waitFor();
    await page.getByLabel('Attributes').fill('');
    await page.getByLabel('Targeting key').fill('person-1');
    await page.getByRole('button', { name: 'Evaluate' }).click();
    await page.getByText(/falls into bucket \d+ of 100,000/).waitFor();
    if (javaScriptEnabled) expect(await findBarriers(page)).toEqual([]);

    await page.getByText('Switch it off', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Switch it off' }).click();
    await page.locator('.page-title .badge', { hasText: 'Off' }).waitFor();
    await page.getByText('Switched a feature flag off').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  test('see that the portal itself follows a flag', async () => {
    await page.goto('/audit');
    expect(await page.getByRole('link', { name: 'Follow live' }).count()).toBe(1);
    await page.goto('/flags?q=portal.audit-live');
    await page.getByRole('link', { name: 'Follow the audit log live' }).click();
    await page.getByText('Switch it off', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Switch it off' }).click();
    await page.locator('.page-title .badge', { hasText: 'Off' }).waitFor();
    await page.goto('/audit?live=1');
    await page.getByRole('heading', { name: 'Audit log' }).waitFor();
    expect(await page.getByText('Following').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Follow live' }).count()).toBe(0);
  });
});

test('a merchant gets a variant of its own, and the pages have no barriers', async () => {
  const visitor = await visit(browser, stack, stack.tenants[0]!);
  const { page } = visitor;
  await signIn(visitor, stack.tenants[0]!, `/merchants/${merchant}/flags`);
  const row = page.getByRole('row', { name: /sdk-string/ });
  await row.getByText('As everybody').waitFor();
  await row.getByRole('combobox').selectOption('only');
  await row.getByRole('button', { name: 'Set' }).click();
  await row.getByText('Of its own').first().waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.goto('/flags?q=sdk-string');
  await page.getByRole('link', { name: 'string', exact: true }).click();
  const own = page.getByRole('region', { name: 'Merchants with a variant of their own' });
  await own.getByRole('link', { name: 'Pine Street Hair' }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  for (const path of ['/flags', '/flags/new']) {
    await page.goto(path);
    await page.locator('h1').waitFor();
    expect(await findBarriers(page)).toEqual([]);
  }
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('the portal and its sign-in page wear the tenant’s colour', async () => {
  const tenant = stack.tenants[0]!;
  const visitor = await visit(browser, stack, tenant);
  const { page } = visitor;
  await signIn(visitor, tenant, '/settings/branding');
  await page.getByLabel('Colour').fill('#B4236A');
  await page.getByRole('button', { name: 'Save branding' }).click();
  await page.getByText('Your branding was saved.').waitFor();
  await page.reload();
  const button = page.getByRole('button', { name: 'Save branding' });
  const colour = () => button.evaluate((element) => getComputedStyle(element).backgroundColor);
  expect(await colour()).toBe('rgb(180, 35, 106)');
  expect(await findBarriers(page)).toEqual([]);
  await page.context().clearCookies();
  await page.goto('/sign-in');
  const signInButton = page.getByRole('button', { name: 'Sign in' }).first();
  expect(await signInButton.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(180, 35, 106)');
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});
