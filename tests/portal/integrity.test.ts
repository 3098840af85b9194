import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { passHorizon } from '../../scripts/prove/ledger/horizon.ts';
import { startBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { findBarriers, signIn, visit } from './visitor.ts';

let stack: Stack;
let browser: Browser;

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const init = body
    ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : {};
  const response = await stack.api(stack.tenant, path, init);
  expect(response.ok, `${path} answered ${response.status}`).toBe(true);
  return (await response.json()) as T;
}

type Integrity = {
  seal: { last_block: number | null };
  chain: { running: unknown; verification: { problems: number } };
};

/** Ticks until all jobs of the ledger have run. */
async function work(isDone: (integrity: Integrity) => boolean): Promise<void> {
  await stack.tickUntil(async () => isDone(await ask<Integrity>('/api/ledger/integrity')));
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  const [book] = (await ask<{ data: { id: string }[] }>('/api/books?party_type=tenant')).data;
  const [cash, payable] = (await ask<{ data: { id: string }[] }>(`/api/accounts?book_id=${book?.id}`)).data;
  const lines = [
    { account_id: cash?.id, side: 'debit', amount: 12_500 },
    { account_id: payable?.id, side: 'credit', amount: 12_500 },
  ];
  for (let count = 0; count < 3; count += 1) await ask('/api/transactions', { description: 'Takings', lines });
  // The next job seals them, whatever runs beside this file; the one after it is a quarter of an hour away.
  const { admin } = stack.database;
  await passHorizon(async (statement, values) => (await admin.query(statement, values)).rows);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

test('a verification is asked for at the page, runs in the background, and its result appears by itself', {
  timeout: 60_000,
}, async () => {
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(visitor, stack.tenant, '/integrity');
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByRole('progressbar').waitFor();
  await work(({ chain }) => chain.running === null && chain.verification.problems === 0);
  await page.getByText('Everything fits').waitFor();
  await work(({ seal }) => (seal.last_block ?? 0) > 0);
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByRole('progressbar').waitFor();
  await work(({ chain }) => chain.running === null);
  await page.reload();
  await page.getByRole('group', { name: 'The last blocks of the chain' }).waitFor();
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
});

test('without JavaScript it verifies and exports too, and empty fields are not asked for', {
  timeout: 60_000,
}, async () => {
  const visitor = await visit(browser, stack, stack.tenant, { javaScriptEnabled: false });
  const { page } = visitor;
  await signIn(visitor, stack.tenant, '/integrity');
  const download = page.waitForEvent('download');
  await page.getByLabel('Effective from').fill('2020-01-01');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  expect((await download).suggestedFilename()).toBe(`${stack.tenant.slug}-ledger-from-2020-01-01.csv`);
  const bundle = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download the bundle' }).click();
  expect((await bundle).suggestedFilename()).toBe(`${stack.tenant.slug}-ledger.bundle.jsonl`);
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByRole('link', { name: 'Look again' }).waitFor();
  await work(({ chain }) => chain.running === null);
  await page.getByRole('link', { name: 'Look again' }).click();
  await page.getByText('Everything fits').waitFor();
  await visitor.leave();
});

test('what was tampered with is named', { timeout: 60_000 }, async () => {
  const { admin } = stack.database;
  const schema = stack.tenant.record.schema;
  await admin.query('SET session_replication_role = replica');
  await admin.query(`UPDATE ${schema}.transaction_lines SET amount = amount + 100 WHERE side = 'debit'`);
  await admin.query('SET session_replication_role = origin');
  await ask('/api/ledger/verify', {});
  await work(({ chain }) => chain.running === null && chain.verification.problems > 0);
  const visitor = await visit(browser, stack, stack.tenant);
  const { page } = visitor;
  await signIn(visitor, stack.tenant, '/integrity');
  await page
    .getByText(/Journal .* was changed/)
    .first()
    .waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await visitor.leave();
});
