import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, type Visitor, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;
let provider: OpenIdProvider;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
  const redirectUris = stack.tenants.map(({ slug }) => `${stack.url(slug)}/sso/callback`);
  provider = await startOpenIdProvider({ redirectUris, inToken: true });
});
afterAll(async () => {
  await browser?.close();
  await provider?.stop();
  await stack?.stop();
});

type Answer = { id: string; data: { id: string; key: string | null }[] };

async function ask(path: string, init: { method?: string; json?: unknown } = {}): Promise<Answer> {
  const response = await stack.api(stack.tenant, path, init);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

async function roleOf(key: string): Promise<string> {
  const { data } = await ask('/api/roles?limit=200');
  return data.find((role) => role.key === key)?.id ?? '';
}

async function connect(name: string, more: object = {}): Promise<string> {
  const given = { name, issuer: provider.issuer, ...provider.client, email_domains: ['acme.test'], is_enabled: true };
  const role = { default_role: { role_id: await roleOf('auditor') }, creates_users: true };
  return (await ask('/api/sso-connections', { method: 'POST', json: { ...given, ...role, ...more } })).id;
}

/** Chooses the provider on the sign-in page and says there who one is. */
async function goThrough(page: Page, name: string, subject: string): Promise<void> {
  await page.getByRole('link', { name: `Sign in with ${name}` }).click();
  await page.getByLabel('Account').fill(subject);
  await page.getByRole('button', { name: 'Continue' }).click();
}

describe('signing in', () => {
  let visitor: Visitor;
  let page: Page;
  let connection: string;
  beforeAll(async () => {
    connection = await connect('Acme ID');
  });
  beforeEach(async () => {
    visitor = await visit(browser, stack, stack.tenant);
    page = visitor.page;
    return () => visitor.leave();
  });

  test('goes through the provider and back to the page that was asked for', async () => {
    provider.people.set('ada', { email: 'ada@acme.test', email_verified: true, name: 'Ada Lovelace' });
    await page.goto('/merchants?sort=name');
    await goThrough(page, 'Acme ID', 'ada');
    await page.waitForURL('/merchants?sort=name');
    await page.locator('.shell').waitFor();
    expect(await page.getByRole('banner').or(page.locator('.shell')).first().textContent()).toContain('Ada Lovelace');
    const cookies = await page.context().cookies();
    const own = cookies.filter(({ domain }) => domain.startsWith(stack.tenant.slug));
    expect(own.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite])).toEqual([
      ['scp_session', true, 'Lax'],
    ]);
    expect(provider.errors).toEqual([]);
    expect(visitor.complaints).toEqual([]);
  });

  test('that is refused comes back to the sign-in page with words that help', async () => {
    provider.people.set('eve', { email: 'eve@evil.test', email_verified: true });
    await page.goto('/');
    await goThrough(page, 'Acme ID', 'eve');
    await page.getByText('Your e-mail address is not one of those that sign in this way.').waitFor();
    expect(await page.title()).toContain('Sign in');
    expect(await findBarriers(page)).toEqual([]);
  });

  test('that is cancelled at the provider says so', async () => {
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Sign in with Acme ID' }).click();
    await page.goto(`${page.url()}?refuse=1`);
    await page.getByText('it was cancelled or not allowed').waitFor();
  });

  test('leads to no other site afterwards', async () => {
    provider.people.set('bob', { email: 'bob@acme.test', email_verified: true });
    for (const next of ['//evil.test/', '/.//evil.test/', 'https://evil.test/', '/\\evil.test/', '/%5c%5cevil.test']) {
      await page.context().clearCookies();
      await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
      await goThrough(page, 'Acme ID', 'bob');
      await page.locator('.shell').waitFor();
      expect(new URL(page.url()).host).toBe(new URL(stack.url(stack.tenant.slug)).host);
    }
  });

  test('does not work with a link that was stolen, at this tenant or another', async () => {
    const [, other] = stack.tenants;
    provider.people.set('mia', { email: 'mia@acme.test', email_verified: true });
    const begun = await stack.fetch(stack.tenant.slug, `/sso/${connection}/start`);
    const stolen = await provider.authorize(begun.headers.get('location') ?? '', 'mia');
    const thief = await visit(browser, stack, other!);
    for (const at of [stack.url(other!.slug), stack.url(stack.tenant.slug)]) {
      await thief.page.goto(at + stolen.pathname + stolen.search);
      await thief.page.getByText('Signing in took too long, or was begun in another window.').waitFor();
    }
    await thief.leave();
    // With their own cookie the one who began it is still let in.
    const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? '';
    const own = await stack.fetch(stack.tenant.slug, stolen.pathname + stolen.search, { headers: { cookie } });
    expect([own.status, own.headers.get('location')]).toEqual([302, '/']);
    expect(own.headers.get('set-cookie')).toMatch(/scp_session=\w{30,}/);
    expect(own.headers.get('set-cookie')).toMatch(/scp_sso=; HttpOnly; Max-Age=0; Path=\/; SameSite=Lax/);
  });

  test('works without JavaScript', async () => {
    provider.people.set('no-js', { email: 'nojs@acme.test', email_verified: true });
    const plain = await visit(browser, stack, stack.tenant, { javaScriptEnabled: false });
    await plain.page.goto('/account');
    await goThrough(plain.page, 'Acme ID', 'no-js');
    await plain.page.waitForURL('/account');
    await plain.leave();
  });
});

describe('setting a connection up', () => {
  test('goes from nothing over a test of the provider to somebody who signs in', async () => {
    const visitor = await visit(browser, stack, stack.tenant);
    const { page } = visitor;
    await signIn(visitor, stack.tenant, '/settings');
    await page.getByRole('link', { name: 'Single sign-on' }).click();
    await page.getByRole('link', { name: 'New connection' }).click();
    await page.getByText(`${stack.url(stack.tenant.slug)}/sso/callback`).waitFor();
    await page.getByLabel('Name').fill('Portal made');
    await page.getByLabel('Issuer').fill('http://127.0.0.1:9');
    await page.getByLabel('Client ID').fill(provider.client.client_id);
    await page.getByLabel('Client secret').fill(provider.client.client_secret);
    await page.getByLabel('Scopes').fill('openid email profile groups');
    await page.getByLabel('E-mail domains').fill('made.test');
    await page.getByRole('button', { name: 'Test the provider' }).click();
    await page.getByText('The provider cannot be used.').waitFor();
    await page.getByLabel('Issuer').fill(provider.issuer);
    await page.getByRole('button', { name: 'Test the provider' }).click();
    await page.getByText('The provider can be used').waitFor();
    expect(await findBarriers(page)).toEqual([]);

    // A secret is never written into a page, so it is typed again.
    expect(await page.getByLabel('Client secret').inputValue()).toBe('');
    await page.getByLabel('Client secret').fill(provider.client.client_secret);
    await page.getByLabel('Somebody new').selectOption({ label: 'Gets an account at the first sign-in' });
    const [first, second] = [page.getByRole('group', { name: 'Line 1' }), page.getByRole('group', { name: 'Line 2' })];
    await second.getByLabel('Claim').fill('groups');
    await second.getByLabel('Value').fill('money');
    await page.getByLabel('State').selectOption({ label: 'On: offered on the sign-in page' });
    await page.getByRole('button', { name: 'Add connection' }).click();
    await page.getByRole('link', { name: /Role in line 2/ }).waitFor();
    await page.getByLabel('Client secret').fill(provider.client.client_secret);
    await second.getByLabel('Role').selectOption({ label: 'Finance' });
    await page.getByRole('button', { name: 'Add connection' }).click();
    await page.getByText('The connection is added.').waitFor();
    expect(await first.getByLabel('Value').inputValue()).toBe('money');
    expect(await findBarriers(page)).toEqual([]);
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();

    provider.people.set('fin', { email: 'fin@made.test', email_verified: true, groups: ['money'] });
    const somebody = await visit(browser, stack, stack.tenant);
    await somebody.page.goto('/accounts');
    await goThrough(somebody.page, 'Portal made', 'fin');
    await somebody.page.waitForURL('/accounts');
    await somebody.leave();
  });

  test('can be changed and deleted, without JavaScript too', async () => {
    const id = await connect('Short-lived', { email_domains: ['short.test'] });
    const visitor = await visit(browser, stack, stack.tenant, { javaScriptEnabled: false });
    const { page } = visitor;
    await signIn(visitor, stack.tenant, '/settings/single-sign-on');
    await page.getByRole('link', { name: 'Short-lived' }).click();
    await page.getByLabel('State').selectOption({ label: 'Off' });
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('The connection is changed.').waitFor();
    await page.getByText('Delete this connection').click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('The connection is deleted.').waitFor();
    expect((await stack.api(stack.tenant, `/api/sso-connections/${id}`)).status).toBe(404);
    await visitor.leave();
  });
});
