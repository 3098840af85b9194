import { expect, test } from 'vitest';
import { proveFleet } from '../../scripts/prove/fleet.ts';

test('a fleet is served at N−1, migrated with a kill -9 in the middle, and served at N; other versions are upgrading', async () => {
  const figures = await proveFleet({ tenants: 8, log: () => {} });
  expect(figures).toMatchObject({ exitCodes: [null, 0, 0], noOpQueries: 1, drifted: 0, wrong: [] });
  expect(figures.migratedBeforeKill).toBeGreaterThan(0);
  expect(figures.migratedBeforeKill + figures.migratedAfterwards).toBe(8);
}, 120_000);
