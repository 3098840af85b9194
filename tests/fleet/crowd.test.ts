import { expect, test } from 'vitest';
import { proveCrowd } from '../../scripts/prove/crowd.ts';

test('with more tenants than connections all are served in turn, the rest is told 503 with Retry-After, and all recover', async () => {
  const figures = await proveCrowd({ tenants: 16, maxConnections: 14, loadMs: 14_000, log: () => {} });
  expect(figures).toMatchObject({ wrong: [], leftOpen: 0 });
  // Who gets a place is chance, so that a tenant may have none for the few seconds of this test.
  expect(figures.starved).toBeLessThanOrEqual(2);
  expect(figures.statuses['200']).toBeGreaterThan(16);
}, 120_000);
