import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, step, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;
let home: string;

async function ask(path: string, body: unknown, method = 'POST'): Promise<{ id: string }> {
  const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await stack.api(stack.tenant, path, init);
  expect(response.ok, `${path} answered ${response.status}`).toBe(true);
  return (await response.json()) as { id: string };
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  const org = await ask('/api/merchant-orgs', { name: 'Harbor' });
  const merchant = await ask('/api/merchants', {
    merchant_org_id: org.id,
    name: 'Pine Hair',
    time_zone: 'America/New_York',
  });
  await ask(`/api/merchants/${merchant.id}`, { status: 'active' }, 'PATCH');
  home = `/merchants/${merchant.id}`;
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

function tomorrow(): string {
  return new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
}

test('a merchant is set up, a customer booked, invoiced, paid and given a part back', {
  timeout: 120_000,
}, async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(visitor, stack.tenant, `${home}/set-up`);
  await page.waitForLoadState('networkidle');
  await step(
    page,
    'Add a service',
    { Name: 'Cut', 'Duration in minutes': '30', 'Price (USD)': '80.00' },
    'Add service',
  );
  const everyDay = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].flatMap((day) => [
    [`${day} from`, '09:00'],
    [`${day} to`, '17:00'],
  ]);
  await step(page, 'Add somebody', { Name: 'Alma', ...Object.fromEntries(everyDay) }, 'Add them');
  expect(await page.getByRole('link', { name: 'Alma' }).isVisible()).toBe(true);
  const found = await findBarriers(page);

  await page.goto(`${home}/customers/new`);
  await page.getByLabel('Name').fill('Chen Wei');
  await page.getByRole('button', { name: 'Add customer' }).click();
  await page.getByRole('heading', { name: 'Chen Wei' }).waitFor();
  found.push(...(await findBarriers(page)));

  // Who is away is not offered, and why is told.
  const providers = await stack.api(stack.tenant, `/api/providers?merchant_id=${home.split('/').at(-1)}`);
  const [alma] = ((await providers.json()) as { data: { id: string }[] }).data;
  const away = { starts_at: `${tomorrow()}T19:00:00Z`, ends_at: `${tomorrow()}T22:00:00Z`, reason: 'Dentist' };
  await ask('/api/provider-absences', { provider_id: alma?.id, ...away });
  await page.goto(`${home}/appointments?day=${tomorrow()}`);
  await page.getByRole('cell', { name: 'Dentist' }).waitFor();

  await page.goto(`${home}/appointments/new`);
  await page.getByLabel('Day').fill(tomorrow());
  await page.getByRole('button', { name: 'Show free times' }).click();
  await page.getByLabel('Time (America/New_York)').waitFor();
  found.push(...(await findBarriers(page)));
  expect(await page.getByLabel('Time (America/New_York)').locator('option').first().textContent()).toBe(
    '9:00 AM with Alma',
  );
  await page.getByRole('button', { name: 'Book', exact: true }).click();
  await page.getByText('The appointment is booked.').waitFor();
  found.push(...(await findBarriers(page)));
  await page.getByRole('link', { name: 'Chen Wei' }).click();
  await page.getByText('What comes next').waitFor();
  await page.waitForLoadState('networkidle');
  const another = page.locator('details.choice', { has: page.getByText('Another time', { exact: true }) });
  await another.locator('summary').click();
  await another.getByRole('button', { name: 'Show free times' }).click();
  const times = page.getByLabel('Free time (America/New_York)');
  await times.waitFor();
  found.push(...(await findBarriers(page)));
  expect(await times.locator('option').first().textContent()).toBe('9:15 AM with Alma');
  await times.selectOption({ label: '10:00 AM with Alma' });
  await page.getByRole('button', { name: 'Move it', exact: true }).click();
  await page.getByText('The appointment was changed.').waitFor();
  // Its clocks are not the tenant's.
  expect(await page.locator('aside').textContent()).toMatch(/10:00\sAM E[SD]T/);
  await page.waitForLoadState('networkidle');
  // It is on a later day: that is asked about.
  await step(page, 'Check in', {}, 'Check in all the same');
  await step(page, 'Complete', {}, 'Complete all the same');
  await step(page, 'Invoice this visit', {}, 'Make the invoice');
  await page.getByText('The invoice is made.').waitFor();
  found.push(...(await findBarriers(page)));

  await page.getByText('10 % is 8.00, 15 % is 12.00, 20 % is 16.00').waitFor({ state: 'attached' });
  const deposit = { 'What for': 'deposit', How: 'bank_transfer', 'Amount (USD)': '20.00' };
  await step(page, 'Take a payment', { ...deposit, Day: '2026-01-15', Reference: 'Statement 3' }, 'Take it');
  await page.getByText('Jan 15, 2026, Statement 3').waitFor();
  expect(await page.locator('tfoot').textContent()).toContain('Of that held as a deposit$20.00');
  await step(page, 'Take a payment', { How: 'card', 'Test card': 'tok_declined' }, 'Take it');
  await page.getByText('The card was declined.').first().waitFor();
  await page.reload();
  await page.waitForLoadState('networkidle');
  await step(page, 'Take a payment', { How: 'card', 'Tip (USD)': '5.00' }, 'Take it');
  expect(await page.locator('aside').textContent()).toContain('Paid');
  expect(await page.locator('tfoot').textContent()).toContain('Paid$80.00');
  await step(page, 'Give back', { 'Amount (USD)': '30.00', Reason: 'Kept waiting' }, 'Give it back');
  expect(await page.locator('tfoot').textContent()).toContain('Given back$30.00');
  found.push(...(await findBarriers(page)));
  expect(await page.getByRole('link', { name: 'In the ledger' }).count()).toBe(3);
  expect(found).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('the workspace of a merchant works on a phone without JavaScript, and has no barrier', {
  timeout: 60_000,
}, async () => {
  const options = { viewport: { width: 390, height: 844 }, javaScriptEnabled: false };
  const visitor = await visit(browser, stack, stack.tenant, options);
  const { page } = visitor;
  await signIn(visitor, stack.tenant, `${home}/appointments?day=${tomorrow()}`);
  expect(await page.getByRole('link', { name: 'Chen Wei' }).isVisible()).toBe(true);
  await page.getByRole('heading', { name: / E[SD]T$/ }).waitFor();
  await page.getByRole('link', { name: 'Day after' }).click();
  await page.getByText('Nothing is booked.').waitFor();
  await page.goto(`${home}/appointments/new?day=${tomorrow()}`);
  await page.getByRole('button', { name: 'Show free times' }).click();
  // Ten o'clock is taken.
  const times = page.getByLabel('Time (America/New_York)').locator('option');
  expect((await times.allTextContents()).slice(0, 4)).toEqual(
    ['9:00', '9:15', '9:30', '10:30'].map((time) => `${time} AM with Alma`),
  );
  await page.getByRole('button', { name: 'Book', exact: true }).click();
  await page.getByText('The appointment is booked.').waitFor();

  await page.goto(`${home}/set-up`);
  await step(page, 'Add a category', { Name: 'Colour' }, 'Add category');
  await page.getByRole('link', { name: 'Colour' }).click();
  await page.getByLabel('Name').fill('Colours');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('link', { name: 'Colours' }).waitFor();
  await step(page, 'Add a location', { Name: 'Main street' }, 'Add location');
  await page.getByRole('link', { name: 'Main street' }).click();
  await page.getByLabel('Name').fill('High street');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('link', { name: 'High street' }).click();
  await page.getByRole('heading', { level: 1, name: 'High street' }).waitFor();
  const crumbs = page.getByRole('navigation', { name: 'Breadcrumb' });
  expect(await crumbs.getByRole('link').allTextContents()).toEqual(['Harbor', 'Pine Hair', 'Set-up']);
  await step(page, 'Archive', {}, 'Take out of use');
  await page.getByText('The changes were saved.').waitFor();
  expect(await page.getByRole('link', { name: 'High street' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Show what is out of use' }).click();
  await page.getByRole('link', { name: 'High street' }).waitFor();

  const { id: bo } = await ask('/api/providers', { merchant_id: home.split('/').at(-1), name: 'Bo' });
  await page.goto(`${home}/set-up`);
  await page.getByRole('link', { name: 'Cut', exact: true }).click();
  await page.getByRole('checkbox', { name: 'Bo' }).check();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('link', { name: 'Cut', exact: true }).click();
  expect(
    await page
      .getByRole('checkbox', { checked: true })
      .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('value'))),
  ).toEqual([bo]);
  await page.getByRole('checkbox', { name: 'Bo' }).uncheck();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('link', { name: 'Cut', exact: true }).click();
  expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(0);
  await visitor.leave();
});
