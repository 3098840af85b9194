import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
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

const FILE = `Tag;Betrag;Text;Beleg
02.03.2026;1.250,00;Harbor invoice;INV-1001
03.03.2026;970,00;Card payout;po_7788
04.03.2026;-15,00;Bank charges;
`;

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('finance staff, %s,', (_, javaScriptEnabled) => {
  let visitor: Visitor;
  let page: Page;
  const tenant = () => stack.tenants[javaScriptEnabled ? 0 : 1] ?? stack.tenant;

  const post = async (amount: number, date: string, more: object) => {
    const read = async (path: string) =>
      (await (await stack.api(tenant(), path)).json()) as { data: { id: string; purpose: string }[] };
    const [book] = (await read('/api/books?party_type=tenant')).data;
    const accounts = (await read(`/api/accounts?book_id=${book!.id}&limit=200`)).data;
    const id = (purpose: string) => accounts.find((account) => account.purpose === purpose)!.id;
    const lines = [
      { account_id: id('cash'), side: 'debit', amount },
      { account_id: id('revenue'), side: 'credit', amount },
    ];
    const body = JSON.stringify({ description: 'Takings', effective_date: date, lines, ...more });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    expect((await stack.api(tenant(), '/api/transactions', init)).status).toBe(201);
  };

  beforeAll(async () => {
    await post(125_000, '2026-03-01', { external_id: 'INV-1001' });
    await post(100_000, '2026-03-02', {});
    visitor = await visit(browser, stack, tenant(), { javaScriptEnabled });
    page = visitor.page;
    await signIn(visitor, tenant(), '/reconciliation');
  });
  afterAll(() => visitor?.leave());

  test('add a source, whose errors are named beside its fields', async () => {
    await page.getByRole('link', { name: 'New source' }).click();
    await page.getByRole('button', { name: 'Add source' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Name');
    await page.getByLabel('Name', { exact: true }).fill('First Harbor Bank');
    await page.getByLabel('Account', { exact: true }).selectOption({ label: '1000 Cash' });
    await page.getByLabel('Amount column').fill('Betrag');
    await page.getByRole('button', { name: 'Add source' }).click();
    await page.waitForURL(/sources\/[0-9a-f-]{36}\/import/);
    await page.getByText('First Harbor Bank was added').waitFor();
  });

  test('see that a file does not read, mend the mapping, and import it', async () => {
    const file = { name: 'march.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) };
    await page.getByLabel('CSV file').setInputFiles(file);
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('3 of 3 rows cannot be read').waitFor();
    await page.getByLabel('Columns are separated by').selectOption('semicolon');
    await page.getByLabel('Date column').fill('Tag');
    await page.getByLabel('Dates are written').selectOption('DD.MM.YYYY');
    await page.getByLabel('Decimals follow a').selectOption(',');
    await page.getByLabel('Description column').fill('Text');
    await page.getByLabel('Reference column').fill('Beleg');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('3 lines of').waitFor();
    await page.getByRole('button', { name: 'Import 3 lines' }).click();
    await page.waitForURL(/reconciliation\/[0-9a-f-]{36}(\?created=1)?$/);
    await page.getByText('3 lines were imported').waitFor();
    expect(await page.getByLabel('Open lines of the statement').getByRole('checkbox').count()).toBe(3);
    // Axe itself needs JavaScript.
    if (javaScriptEnabled) expect(await findBarriers(page)).toEqual([]);
  });

  test('take what the rules find, and undo it', async () => {
    await page.getByRole('button', { name: 'Match Harbor invoice' }).click();
    await page.getByRole('heading', { name: 'Matched · 1 line' }).waitFor();
    await page.getByRole('button', { name: 'Undo the match of Harbor invoice' }).click();
    await page.getByRole('heading', { name: 'Matched · 1 line' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Match by rules' }).click();
    await page.getByRole('heading', { name: 'Matched · 1 line' }).waitFor();
  });

  test('match by hand, are told when sums differ, and post the difference', async () => {
    await page.getByLabel('Card payout').check();
    await page.getByLabel('Takings').check();
    if (javaScriptEnabled) {
      expect(await page.locator('output').textContent()).toContain('Difference -$30.00');
    }
    await page.getByRole('button', { name: 'Match', exact: true }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('Statement $970.00, ledger $1,000.00');
    expect(await page.getByLabel('Card payout').isChecked()).toBe(true);
    await page.getByLabel('To the account').selectOption({ label: '5100 Processor fees' });
    await page.getByRole('button', { name: 'Match', exact: true }).click();
    await page.getByRole('heading', { name: 'Matched · 2 lines' }).waitFor();
    await page.getByLabel('Bank charges').check();
    await page.getByText('Post the difference').click();
    await page.getByLabel('To the account').selectOption({ label: '5000 Operating expense' });
    await page.getByRole('button', { name: 'Match', exact: true }).click();
    await page.getByText('Every line of the statement is matched.').waitFor();
  });

  test('sign the statement off, see its report, and may not open it again themselves', async () => {
    await page.getByRole('button', { name: 'Sign off' }).click();
    await page.getByText('Signed off by').waitFor();
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await page.getByText('Open it again').click();
    await page.getByLabel('Reason').fill('A mistake');
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('Somebody else');
    await page.getByRole('link', { name: 'Report', exact: true }).click();
    await page.getByRole('heading', { name: 'Reconciliation report' }).waitFor();
    const closing = page.getByRole('row', { name: 'Closing balance of the statement' });
    expect(await closing.textContent()).toContain('2,205.00');
    expect(visitor.complaints).toEqual([]);
  });
});
