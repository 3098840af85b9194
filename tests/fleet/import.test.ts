import { expect, test } from 'vitest';
import { faultsOf, measureImport } from '../../scripts/prove/import.ts';

test('an import names exactly the bad rows, survives kill -9 without a trace, and people work meanwhile', async () => {
  const figures = await measureImport({ rows: 2_000, quietMs: 500, waitsForLease: false, log: () => {} });
  expect(faultsOf(figures)).toEqual([]);
  expect(figures.reported).toHaveLength(37);
  expect(figures.meanwhile.asked).toBeGreaterThan(0);
  expect(figures.held.worker).toBeGreaterThan(0);
}, 120_000);
