import axe, { type RunOptions } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Stack, StackTenant } from '../support/stack.ts';

/** A person at a browser, with what the browser complained about. */
export type Visitor = { page: Page; complaints: string[]; leave(): Promise<void> };

/** Opens a window of its own: no cookies, no cache. Addresses are paths of the tenant's portal. */
export async function visit(
  browser: Browser,
  stack: Stack,
  tenant: StackTenant,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: stack.url(tenant.slug), ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refusal is an answer: browsers report each as a failed resource.
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !isRefusal) complaints.push(message.text());
  });
  return { page, complaints, leave: () => context.close() };
}

/** Signs in as the owner and waits for the page that was asked for. */
export async function signIn({ page }: Visitor, tenant: StackTenant, next = '/'): Promise<void> {
  await page.goto(next);
  await page.getByLabel('E-mail').fill(tenant.owner.email);
  await page.getByLabel('Password').fill(tenant.owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(next);
  await page.locator('.shell').waitFor();
}

const WHOLE_PAGE: RunOptions['runOnly'] = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] };

/** What axe finds on the page as it is, one line each; by every rule, or by those named. */
export async function findBarriers(page: Page, rules: string[] = []): Promise<string[]> {
  const options: RunOptions = {
    runOnly: rules.length > 0 ? { type: 'rule', values: rules } : WHOLE_PAGE,
    resultTypes: ['violations'],
  };
  // In the page itself, which is five times as fast as through its Playwright package: our only frames are mails, without scripts.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const found = await page.evaluate(async (asked) => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run({ exclude: ['iframe[sandbox]'] }, asked);
    return violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html ?? ''}`);
  }, options);
  return found.map((barrier) => `${new URL(page.url()).pathname}: ${barrier}`);
}

/** Every answer, also a refusal, brings the forms of a page new keys. */
const keysOf = (page: Page) =>
  page
    .locator('input[name="idempotency_key"]')
    .evaluateAll((inputs) => inputs.map((each) => (each as HTMLInputElement).value).join());

/** Opens a step, fills its fields and takes it. */
export async function step(page: Page, title: string, fields: Record<string, string>, button: string): Promise<void> {
  const form = page.locator('details.choice', { has: page.locator('summary', { hasText: title }) }).first();
  await form.locator('summary').first().click();
  for (const [label, value] of Object.entries(fields)) {
    const field = form.getByLabel(label).first();
    if ((await field.evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  const before = await keysOf(page);
  await form.getByRole('button', { name: button }).click();
  await expect.poll(() => keysOf(page), { timeout: 15_000 }).not.toBe(before);
}

/** Takes a step that asks nothing. */
export async function take(page: Page, button: string): Promise<void> {
  const before = await keysOf(page);
  await page.getByRole('button', { name: button, exact: true }).click();
  await expect.poll(() => keysOf(page), { timeout: 15_000 }).not.toBe(before);
}
