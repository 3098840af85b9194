import { expect, test } from 'vitest';
import { proveCrash } from '../../scripts/prove/crash.ts';

test('kill -9 of the worker and of PostgreSQL under load loses and doubles nothing that was acknowledged', async () => {
  const figures = await proveCrash({ tenants: 2, inFlight: 60, loadMs: 1_500, log: () => {} });
  expect(figures.map(({ victim }) => victim)).toEqual(['worker', 'postgres']);
  for (const each of figures) {
    expect(each.inFlightAtKill).toBe(60);
    expect(each.acknowledged).toBeGreaterThan(0);
    expect(each).toMatchObject({ missing: 0, doubled: 0, unbalanced: 0, wrongAfterReplay: 0 });
    expect(each.replayed).toBe(each.sent - each.acknowledged);
    expect(Object.keys(each.refused).filter((status) => status !== '503')).toEqual([]);
  }
  // The worker answers all the time that PostgreSQL is away.
  expect(figures[1]?.unanswered).toBe(0);
}, 120_000);
