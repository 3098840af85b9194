import { afterAll, beforeAll, expect, test } from 'vitest';
import { liveThroughDemo, type YearFigures, type YearSite } from '../../scripts/prove/demo-year.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { newSlug } from '../tenants/database.ts';

const TODAY = new Date().toISOString().slice(0, 10);
/** A year with a tenth of its visits; `npm run prove -- demo-year` has them all. */
const YEAR = { today: TODAY, seed: 2026, scale: 0.1 };

let stack: Stack;
let year: YearFigures;

const site = (): YearSite => ({
  admin: stack.database.admin,
  settings: stack.settings,
  ask: async (slug, path, question) => {
    const answer = await stack.fetch(slug, path, question);
    const cookie = answer.headers.get('set-cookie')?.split(';')[0];
    return { status: answer.status, text: await answer.text(), cookie };
  },
});

beforeAll(async () => {
  stack = await startStack();
  year = await liveThroughDemo(site(), { ...YEAR, slug: newSlug('year'), eachInvoice: 5 });
}, 120_000);
afterAll(() => stack?.stop());

test('a demo year balances in every book and currency, its money adds up from customers to the tenant, and every page says what the ledger says', () => {
  expect(year.problems).toEqual([]);
  expect(year.compared).toBeGreaterThan(200);
  expect(year.counts).toMatchObject({ currencies: 4 });
});

test('the same seed and day give the same figures, another seed others', async () => {
  const again = await liveThroughDemo(site(), { ...YEAR, slug: newSlug('again'), eachInvoice: 0 });
  expect(again.digest).toBe(year.digest);
  expect(again.problems).toEqual([]);
}, 60_000);
