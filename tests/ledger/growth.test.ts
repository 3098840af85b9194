import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GrowthFigures, measureGrowth } from '../../scripts/prove/growth.ts';
import { freshDatabase, type TestDatabase } from '../tenants/database.ts';

let database: TestDatabase;
let figures: GrowthFigures;

beforeAll(async () => {
  database = await freshDatabase();
  const { hostname: host, port, pathname, username: user, password } = new URL(database.url);
  const address = { host, port: Number(port), database: pathname.slice(1) };
  const { admin, masterSecret } = database;
  figures = await measureGrowth(
    { admin, address, adminLogin: { ...address, user, password }, masterSecret },
    { sizes: [1_000, 10_000], merchants: 10, ownAccounts: 30, days: 1095, log: () => {} },
  );
});
afterAll(() => database?.drop());

test('what is asked of a ledger reads as much of one that is ten times as large', () => {
  const read = figures.map(({ question, costs }) => ({ question, blocks: costs.map(({ blocks }) => blocks) }));
  // A page of one book is filled only by the larger.
  const growing = read.filter(({ blocks: [small = 0, large = 0] }) => large > 4 * small + 300);
  expect(growing).toEqual([]);
});

test('and never all of its lines, journals or transactions', () => {
  const whole = figures.filter(({ costs }) =>
    costs
      .at(-1)!
      .plans.some((plan) => /"Node Type":"Seq Scan"[^}]*"Relation Name":"transaction(s|_journals|_lines)"/.test(plan)),
  );
  expect(whole.map(({ question }) => question)).toEqual([]);
});

test('and is answered alike by the small and the large one', () => {
  const answers = new Map(
    figures.map(({ question, costs }) => [question, costs.at(-1)!.answer as Record<string, unknown>]),
  );
  expect(answers.get('list page')).toMatchObject({ data: { length: 50 } });
  expect(answers.get('integrity')).toMatchObject({ balanced: true });
  const { debits, credits, balance } = answers.get('balance now') as Record<string, number>;
  expect(balance).toBe(debits! - credits!);
  expect(debits).toBeGreaterThan(0);
  const words = answers.get('list page by words') as { data: { description: string }[] };
  expect(words.data.length).toBe(50);
  for (const { description } of words.data) expect(description).toContain('Amsterdam');
});
