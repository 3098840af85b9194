import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { proveProperties } from '../../scripts/prove/ledger/properties.ts';
import { type Site, startSite } from '../support/tenant.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.stop());

test('any mix of calls by callers at the same time leaves books that balance at every instant and are what the model says', async () => {
  const { record } = site.tenants[0]!;
  const figures = await proveProperties({
    runs: 100,
    connect: () => site.database.connectAs(record),
    connectAdmin: async () => {
      const admin = await site.database.connect();
      await admin.query(`SET search_path = ${pg.escapeIdentifier(record.schema)}, pg_catalog`);
      return admin;
    },
  });
  expect(figures.runs).toBe(100);
  // Every kind of refusal that the mix is made for did happen.
  expect(Object.keys(figures.refused)).toEqual(
    expect.arrayContaining([
      'unbalanced',
      'already_posted',
      'already_voided',
      'already_reversed',
      'limit_exceeded',
      'period_closed',
    ]),
  );
}, 120_000);
