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

const BAD = 'Customer name;Address;Mobile\nAnna Miller;anna@acme.test;1\nBo;not an address;2\n;cy@acme.test;3\n';
const GOOD = BAD.replace('not an address', 'bo@acme.test').replace('\n;', '\nCy;');

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('a merchant’s customers from a file, %s,', (_, javaScriptEnabled) => {
  const tenant = () => stack.tenants[javaScriptEnabled ? 0 : 1] ?? stack.tenant;
  let visitor: Visitor;
  let page: Page;
  let merchant: string;

  const make = async (path: string, body: object) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return ((await (await stack.api(tenant(), path, init)).json()) as { id: string }).id;
  };
  const upload = async (text: string | Buffer) => {
    const file = { name: 'customers.csv', mimeType: 'text/csv', buffer: Buffer.from(text) };
    await page.getByLabel('CSV file').setInputFiles(file);
    await page.getByRole('button', { name: 'Upload' }).click();
  };
  /** The page asks again by itself, with and without JavaScript, while the job is carried out. */
  const whileWorking = async (words: string | RegExp) => {
    await stack.tickUntil(() => page.getByText(words).first().isVisible());
  };

  beforeAll(async () => {
    const org = await make('/api/merchant-orgs', { name: 'Harbor & Pine' });
    merchant = await make('/api/merchants', { merchant_org_id: org, name: 'Pine Street Hair' });
    visitor = await visit(browser, stack, tenant(), { javaScriptEnabled });
    page = visitor.page;
    await signIn(visitor, tenant(), `/merchants/${merchant}/customers`);
  });
  afterAll(() => visitor?.leave());

  test('are uploaded from where customers are; what is no text is refused with its line', async () => {
    await page.getByRole('link', { name: 'Import', exact: true }).click();
    await upload(Buffer.concat([Buffer.from('Name\nAnna\nB'), Buffer.from([0xff, 0x0a])]));
    expect(await page.getByRole('alert').textContent()).toContain('is not UTF-8 at or after line 3');
    expect(await page.getByLabel('For').inputValue()).toBe(`merchant-${merchant}`);
    await upload(BAD);
    await page.waitForURL(/imports\/[0-9a-f-]{36}$/);
  });

  test('are mapped to columns, where a needed one that is left out is named', async () => {
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Customer name');
    await page.getByLabel('Name', { exact: true }).selectOption('');
    await page.getByRole('button', { name: 'Check the file' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Name needs a column');
    await page.getByLabel('Name', { exact: true }).selectOption('Customer name');
    await page.getByLabel('E-mail').selectOption('Address');
    await page.getByRole('button', { name: 'Check the file' }).click();
    await whileWorking('2 rows of 3 cannot be imported');
  });

  test('show what is wrong line by line, by field and as a file', async () => {
    const rows = page.getByRole('group', { name: 'What is wrong' }).getByRole('row');
    expect(await rows.nth(1).textContent()).toContain('E-mail must be an e-mail address');
    expect(await rows.nth(2).textContent()).toContain('Name is required');
    expect(javaScriptEnabled ? await findBarriers(page) : []).toEqual([]);
    await page.getByLabel('Field').selectOption({ label: 'Name' });
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/field=name/);
    await expect.poll(() => rows.count()).toBe(2);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV', exact: true }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('imports.csv');
  });

  test('come in with the corrected file, all at once', async () => {
    await page.getByRole('link', { name: 'upload it again' }).click();
    await upload(GOOD);
    await page.waitForURL(/imports\/[0-9a-f-]{36}$/);
    await page.getByLabel('E-mail').selectOption('Address');
    await page.getByRole('button', { name: 'Check the file' }).click();
    await whileWorking('3 rows, and nothing wrong with any');
    expect(javaScriptEnabled ? await findBarriers(page) : []).toEqual([]);
    await page.getByText('Import 3 rows').click();
    await page.getByRole('button', { name: 'Import all of them' }).click();
    await whileWorking('3 rows imported');
    expect(javaScriptEnabled ? await findBarriers(page) : []).toEqual([]);
    await page.getByRole('link', { name: 'Customers', exact: true }).click();
    await page.waitForURL(`/merchants/${merchant}/customers`);
    await expect.poll(() => page.getByRole('row').count()).toBe(4);
    expect(visitor.complaints).toEqual([]);
  });

  test('that were not wanted after all are cancelled', async () => {
    await page.goto(`/imports/new?kind=end_customer&for=merchant-${merchant}`);
    await upload('Name\nDee\n');
    await page.waitForURL(/imports\/[0-9a-f-]{36}$/);
    await page.getByText('Cancel this import').click();
    await page.getByRole('button', { name: 'Cancel the import' }).click();
    await page.getByText('was cancelled and made nothing').waitFor();
    await page.goto('/imports');
    await expect.poll(() => page.getByRole('row').count()).toBe(5);
  });
});
