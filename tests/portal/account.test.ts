import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { codeOf } from '../support/second-factor.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

test.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('a second factor is set up, asked for, and replaced by a recovery code, %s', async (_, javaScriptEnabled) => {
  const tenant = stack.tenants[javaScriptEnabled ? 0 : 1] ?? stack.tenant;
  const visitor = await visit(browser, stack, tenant, { javaScriptEnabled });
  const { page } = visitor;
  await signIn(visitor, tenant);
  await page.getByRole('link', { name: tenant.owner.email }).first().click();
  await page.getByRole('link', { name: 'Set up a second factor' }).click();
  await page.getByRole('button', { name: 'Begin' }).waitFor();
  await page.getByLabel('Password').fill(tenant.owner.password);
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('img', { name: /QR code/ }).waitFor();
  if (javaScriptEnabled) expect(await findBarriers(page)).toEqual([]);
  const secret = ((await page.locator('code.mono').textContent()) ?? '').replaceAll(' ', '');
  await page.getByLabel('Code', { exact: true }).fill(await codeOf(secret, -1));
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByText('Keep these codes').waitFor();
  if (javaScriptEnabled) expect(await findBarriers(page)).toEqual([]);
  const codes = await page.locator('.recovery-codes code').allTextContents();
  expect(codes).toHaveLength(10);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await page.getByText('10 recovery codes left').waitFor();

  for (const code of [await codeOf(secret, 1), codes[0] ?? '']) {
    await page.getByRole('button', { name: 'Sign out' }).first().click();
    await page.waitForURL(/sign-in/);
    await page.getByLabel('E-mail').fill(tenant.owner.email);
    await page.getByLabel('Password').fill(tenant.owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
    expect(await page.content()).not.toContain(tenant.owner.password);
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('is wrong');
    await page.getByLabel('Code', { exact: true }).fill(code);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.shell').waitFor();
  }
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('a forgotten password is set anew through the link in the mailbox', async () => {
  const tenant = stack.tenants[1] ?? stack.tenant;
  const visitor = await visit(browser, stack, tenant, { viewport: { width: 390, height: 844 } });
  const { page } = visitor;
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  // The page before has a field of the same name.
  await page.waitForURL(/forgot/);
  await page.getByLabel('E-mail').fill(tenant.owner.email);
  await page.getByRole('button', { name: 'Mail me a link' }).click();
  await page.getByText('a link is on its way').waitFor();
  const link = await stack.tickUntil(async () => {
    const mails = (await (await stack.api(tenant, '/api/mailbox')).json()) as { data: { body: string }[] };
    return mails.data.map(({ body }) => /\/reset\/\S+/.exec(body)?.[0]).find(Boolean);
  });
  await page.goto(link);
  await page.getByLabel('Password').fill('a brand new battery');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByText('Your new password is set').waitFor();
  await page.goto(link);
  await page.getByLabel('Password').fill('a brand new battery');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
}, 120_000);
