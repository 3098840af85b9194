import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, type Visitor, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

type Body = { id: string; data: { id: string; purpose?: string }[] };

async function ask(tenant: Stack['tenant'], path: string, body?: unknown): Promise<Body> {
  const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await stack.api(tenant, path, body ? json : {});
  expect(response.ok, `${path} answered ${response.status}`).toBe(true);
  return (await response.json()) as Body;
}

/** A MerchantOrg with a merchant, and a visit with what followed from it. */
async function createNetwork(tenant: Stack['tenant']) {
  const org = await ask(tenant, '/api/merchant-orgs', { name: 'Harbor & Pine' });
  const merchant = await ask(tenant, '/api/merchants', { merchant_org_id: org.id, name: 'Pine Street Hair' });
  const to = { type: 'merchant', id: merchant.id };
  const usd = (amount: number) => ({ amount, currency: 'USD' });
  const payment = await ask(tenant, '/api/transactions', {
    type: 'payment',
    category: 'full',
    to,
    amount: usd(8_500),
    components: { tip: 500 },
    description: 'Visit of Ada',
    external_id: 'ch_1',
  });
  await ask(tenant, '/api/transactions', {
    type: 'commission',
    from: to,
    to: { type: 'merchant_org', id: org.id },
    amount: usd(850),
    caused_by: payment.id,
    description: 'Commission of the visit',
  });
  const hold = await ask(tenant, '/api/transactions', {
    type: 'payment',
    category: 'deposit',
    to,
    amount: usd(10_000),
    status: 'pending',
    description: 'Deposit of Grace',
  });
  return { org, merchant, payment, hold };
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ tenants: 2 }), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const press = (page: Page, name: string) => page.locator('.button:visible', { hasText: name }).click();

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('staff, %s,', (_, javaScriptEnabled) => {
  let visitor: Visitor;
  let page: Page;
  let network: Awaited<ReturnType<typeof createNetwork>>;
  const tenant = () => stack.tenants[javaScriptEnabled ? 0 : 1] ?? stack.tenant;

  beforeAll(async () => {
    network = await createNetwork(tenant());
    visitor = await visit(browser, stack, tenant(), { javaScriptEnabled });
    page = visitor.page;
    await signIn(visitor, tenant());
  });
  afterAll(() => visitor?.leave());

  async function choose(label: string, option: string) {
    const select = page.getByLabel(label, { exact: true });
    await select.selectOption(await select.locator('option', { hasText: option }).first().getAttribute('value'));
  }

  test('find a transaction by a word, and by what it is', async () => {
    await page.goto('/transactions');
    await page.getByRole('searchbox', { name: 'Search' }).fill('ada');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/q=ada/);
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    expect(await page.getByRole('cell', { name: 'Pine Street Hair', exact: true }).count()).toBe(1);
    await page.goto('/transactions?type=commission&least=8.50');
    expect(await page.locator('tbody tr').textContent()).toContain('Commission of the visit');
    const download = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
    expect(download).toContain('amount_min=850');
    expect((await page.goto('/transactions?least=much'))?.status()).toBe(422);
  });

  test('post a part of a hold, and see what became of the rest', async () => {
    await page.goto(`/transactions/${network.hold.id}`);
    await page.getByText('Post it', { exact: true }).click();
    await page.getByLabel(/^Amount, USD/).fill('100.001');
    await press(page, 'Post to the books');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('at most 2 decimals');
    await page.getByLabel(/^Amount, USD/).fill('200');
    await press(page, 'Post to the books');
    await page.getByText('A part is from 1 to what is held').waitFor();
    await page.getByLabel(/^Amount, USD/).fill('60');
    await press(page, 'Post to the books');
    await page.getByText('Done. The journals below').waitFor();
    expect(await page.locator('.timeline').textContent()).toMatch(/Held.*Posted, \$60\.00/);
    expect(await page.getByRole('region', { name: /, posting$/ }).textContent()).toContain('60.00');
  });

  test('reverse it with a reason, which stays in sight', async () => {
    await page.getByText('Reverse it', { exact: true }).click();
    await press(page, 'Reverse with a second entry');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('Reason');
    await page.getByLabel('Reason').fill('Charged twice');
    await press(page, 'Reverse with a second entry');
    await page.getByText('“Charged twice”').waitFor();
    expect(await page.locator('.page-title').textContent()).toContain('Reversed');
    expect(await page.getByText('Reverse it', { exact: true }).count()).toBe(0);
  });

  test('follow the money from a visit to its commission and back', async () => {
    await page.goto(`/transactions/${network.payment.id}`);
    await page.getByRole('link', { name: 'Trace' }).click();
    await page.waitForURL(/\/trace$/);
    const trace = page.getByRole('list', { name: 'Trace' });
    expect(await trace.textContent()).toMatch(/Visit of Ada.*Commission of the visit.*came to owe/s);
    await trace.getByRole('link', { name: 'Commission of the visit' }).click();
    await page.getByRole('heading', { level: 1, name: 'Commission of the visit' }).waitFor();
  });

  test('read the flow of funds, drawn and as tables', async () => {
    await page.goto('/reports/flow-of-funds');
    expect(await page.getByRole('img', { name: /Money from customers/ }).textContent()).toContain('Pine Street Hair');
    const types = page.getByRole('group', { name: 'Flow of funds by type' });
    expect(await types.textContent()).toContain('Commission');
    expect(await types.getByRole('row', { name: /Payment, full/ }).textContent()).toContain('85.00');
    await page.goto('/reports/flow-of-funds?from=2001-01-01&to=2001-01-31');
    await page.getByText('Nothing moved in this period').waitFor();
  });

  test('enter an event by its type, preview what it does, and post it', async () => {
    await page.goto('/transactions/new');
    await page.getByRole('link', { name: 'By type' }).click();
    await page.waitForURL(/mode=typed/);
    await choose('What happened', 'Payment: full');
    await choose('To', 'Pine Street Hair');
    await page.getByLabel('Amount', { exact: true }).fill('40');
    await page.getByLabel(/^Tip/).fill('50');
    await press(page, 'Preview');
    await page.getByText('The components are more than the amount').waitFor();
    await page.getByLabel(/^Tip/).fill('5');
    await press(page, 'Preview');
    const preview = page.getByRole('group', { name: 'Preview of the balances' });
    await preview.waitFor();
    expect(await preview.getByRole('row', { name: /Processor clearing/ }).textContent()).toContain('125.00 debit');
    await page.getByLabel(/^Description/).fill('Visit of Linus');
    await press(page, 'Post entry');
    await page.getByRole('heading', { level: 1, name: 'Visit of Linus' }).waitFor();
  });

  test('enter lines in the books of two parties, each of which must balance', async () => {
    await page.goto('/transactions/new');
    await page.getByLabel('Description').fill('Gift to a merchant');
    await choose('Account, line 1', '5000 Operating expense');
    await page.getByLabel('Debit, line 1').fill('30');
    await choose('Another book', 'Pine Street Hair');
    await press(page, 'Take in its accounts');
    await page.locator('optgroup[label="Pine Street Hair: Asset"]').first().waitFor({ state: 'attached' });
    expect(await page.getByLabel('Debit, line 1').inputValue()).toBe('30');
    const inPine = page.getByLabel('Account, line 2', { exact: true });
    const cash = inPine.locator('optgroup[label="Pine Street Hair: Asset"] option', { hasText: '1000 Cash' });
    await inPine.selectOption(await cash.first().getAttribute('value'));
    await page.getByLabel('Credit, line 2').fill('30');
    await press(page, 'Post entry');
    await page.getByText('Debits and credits differ').waitFor();
    expect(await page.getByLabel('Credit, line 2').inputValue()).toBe('30');
    expect(await page.locator('output').textContent()).toContain('Pine Street Hair');
    await inPine.selectOption(await inPine.locator('option', { hasText: '1000 Cash' }).first().getAttribute('value'));
    await page.getByText('Hold it first, or post it late').click();
    await choose('Post or hold', 'Hold it as pending');
    await press(page, 'Post entry');
    await page.getByText('The entry is held until it is posted or voided').waitFor();
    await page.getByText('Void it', { exact: true }).click();
    await press(page, 'Void and release');
    await page.getByText('Voided, and released').waitFor();
  });

  test('meet no barrier and no complaint of the browser on the way', async () => {
    const found: string[] = [];
    if (javaScriptEnabled) {
      const { hold, payment } = network;
      for (const address of [
        `/transactions/${hold.id}`,
        `/transactions/${payment.id}/trace`,
        '/reports/flow-of-funds',
        '/transactions/new?mode=typed',
        '/transactions?least=1',
      ]) {
        await page.goto(address);
        found.push(...(await findBarriers(page)));
      }
    }
    expect(found).toEqual([]);
    expect(visitor.complaints).toEqual([]);
  });
});
