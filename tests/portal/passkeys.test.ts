import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, type StackTenant, startStack } from '../support/stack.ts';
import { findBarriers, signIn, type Visitor, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

type Device = { cdp: CDPSession; id: string };

/** A device that keeps passkeys and knows its owner, without hardware (WebDriver §11.2 of WebAuthn). */
async function plugIn(page: Page): Promise<Device> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, id: authenticatorId };
}

const passkeysOf = async ({ cdp, id }: Device) =>
  (await cdp.send('WebAuthn.getCredentials', { authenticatorId: id })).credentials;

async function addPasskey({ page }: Visitor, tenant: StackTenant): Promise<void> {
  await page.goto('/account');
  await page.getByRole('link', { name: 'Add a passkey' }).click();
  await page.getByLabel('Name').fill('Laptop');
  await page.getByLabel('Password').fill(tenant.owner.password);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await page.getByRole('link', { name: 'Laptop' }).waitFor();
}

/** What the page's own browser gives for the options of a host: the request that the sign-in page makes. */
function give(page: Page): Promise<Record<string, unknown>> {
  return page.evaluate(async () => {
    const options = await (await fetch('/api/passkeys/challenge')).json();
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    return (credential as PublicKeyCredential).toJSON();
  });
}

async function send(page: Page, credential: unknown): Promise<[number, string | undefined]> {
  return page.evaluate(async (given) => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify({ credential: given }) };
    const response = await fetch('/api/sessions/passkey', init);
    return [response.status, (await response.json()).code];
  }, credential);
}

test('a passkey is added, signs in alone, is renamed, and opens nothing once it is removed', async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(visitor, stack.tenant);
  const device = await plugIn(page);
  await addPasskey(visitor, stack.tenant);
  expect(await findBarriers(page)).toEqual([]);
  const [kept] = await passkeysOf(device);
  expect(kept).toMatchObject({ isResidentCredential: true, rpId: new URL(page.url()).hostname });

  await page.context().clearCookies();
  // The button, not the suggestion: the device answers whoever asks.
  await device.cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: device.id, enabled: false });
  await page.goto('/sign-in?next=%2Faccount');
  await page.getByRole('button', { name: 'Use a passkey' }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await device.cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: device.id, enabled: true });
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.waitForURL('/account');
  await page.getByRole('link', { name: 'Laptop' }).click();
  expect(await findBarriers(page)).toEqual([]);
  await page.getByText('Rename it').click();
  await page.getByLabel('Name').fill('Key ring');
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('link', { name: 'Key ring' }).click();
  await page.getByText('Remove it').click();
  await page.getByLabel('Password').fill(stack.tenant.owner.password);
  await page.getByRole('button', { name: 'Remove the passkey' }).click();
  await page.getByText('instead of password and code').waitFor();

  await page.context().clearCookies();
  await page.goto('/forgot');
  expect(await send(page, await give(page))).toEqual([401, 'passkey_refused']);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
}, 120_000);

test('an answer is good once, at its own host alone, and not from a copy of the device', async () => {
  const tenant = stack.tenants[1] ?? stack.tenant;
  const visitor = await visit(browser, stack, tenant);
  const { page } = visitor;
  await signIn(visitor, tenant);
  const device = await plugIn(page);
  await addPasskey(visitor, tenant);
  await page.context().clearCookies();
  await page.goto('/forgot');
  const [copied] = await passkeysOf(device);
  const first = await give(page);
  expect(await send(page, first)).toEqual([201, undefined]);
  await page.context().clearCookies();
  expect(await send(page, first)).toEqual([401, 'passkey_refused']);

  const answer = await give(page);
  const headers = { 'content-type': 'application/json' };
  const elsewhere = await stack.fetch(stack.tenant.slug, '/api/sessions/passkey', {
    method: 'POST',
    headers,
    body: JSON.stringify({ credential: answer }),
  });
  expect([elsewhere.status, ((await elsewhere.json()) as { code: string }).code]).toEqual([401, 'passkey_refused']);
  // Another host's page is refused by the browser itself.
  const stolen = await page.evaluate(
    async (rpId) => {
      const publicKey = { challenge: new Uint8Array(32), rpId };
      return navigator.credentials.get({ publicKey }).then(
        () => 'given',
        (error: DOMException) => error.name,
      );
    },
    new URL(stack.url(stack.tenant.slug)).hostname,
  );
  expect(stolen).toBe('SecurityError');

  expect(await send(page, answer)).toEqual([201, undefined]);
  await page.context().clearCookies();
  if (!copied) throw new Error('The device kept no passkey');
  await device.cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: device.id });
  const copy = await plugIn(page);
  await copy.cdp.send('WebAuthn.addCredential', { authenticatorId: copy.id, credential: copied });
  expect(await send(page, await give(page))).toEqual([401, 'passkey_copied']);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
}, 120_000);

test('a passkey is among the suggestions of the sign-in page, and leads where one wanted to go', async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(visitor, stack.tenant);
  await plugIn(page);
  await addPasskey(visitor, stack.tenant);
  await page.context().clearCookies();
  // Chromium's own device takes the first suggestion by itself.
  await page.goto('/settings/api-keys');
  await page.waitForURL(/sign-in/);
  await page.waitForURL('/settings/api-keys');
  await page.getByRole('heading', { name: 'API keys' }).waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
}, 120_000);

test('without JavaScript the password is the way in, and adding a passkey says what it needs', async () => {
  const visitor = await visit(browser, stack, stack.tenant, { javaScriptEnabled: false });
  const { page } = visitor;
  await signIn(visitor, stack.tenant, '/account/passkeys/new');
  await page.getByLabel('Name').fill('Laptop');
  await page.getByLabel('Password').fill(stack.tenant.owner.password);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Passkeys need JavaScript').waitFor();
  await visitor.leave();
}, 120_000);
