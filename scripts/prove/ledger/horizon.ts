import { setTimeout as sleep } from 'node:timers/promises';

/** Less than a test may take, so that its own error is told. */
const PATIENCE_MS = 25_000;

type Ask = (statement: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/**
 * Waits until all that was committed before the call lies below the horizon, so that the next step folds, indexes or seals
 * it. The horizon is one for the whole server: whatever writes there, in any database, holds it back until it ends.
 */
export async function passHorizon(ask: Ask): Promise<void> {
  const [mark] = await ask('SELECT pg_current_xact_id()::text AS xid');
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await sleep(20)) {
    const [now] = await ask('SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AS is_past', [mark?.xid]);
    if (now?.is_past) return;
  }
  const oldest = await ask(
    `SELECT pid, datname, usename, state, now() - xact_start AS age, left(query, 200) AS query FROM pg_stat_activity
     WHERE backend_xid IS NOT NULL ORDER BY xact_start LIMIT 3`,
  );
  throw new Error(`The horizon has not moved on for ${PATIENCE_MS / 1000} s. In flight: ${JSON.stringify(oldest)}`);
}
