import fc from 'fast-check';
import type pg from 'pg';
import { commandBatches } from './commands.ts';
import { findBrokenLimits, findWrongSums, LINES_UNTIL } from './invariants.ts';
import { sumsOf } from './model.ts';
import { openRig } from './rig.ts';
import { Run } from './run.ts';
import { openWorlds } from './world.ts';

export type PropertyOptions = {
  /** A connection as administrator, with the tenant's schema first; kept by the caller. */
  connectAdmin: () => Promise<pg.Client>;
  /** A connection as the tenant's own role. */
  connect: () => Promise<pg.Client>;
  runs: number;
  seed?: number;
};

export type PropertyFigures = {
  runs: number;
  calls: number;
  transactions: number;
  /** Refusals by code, all of them right. */
  refused: Record<string, number>;
};

/** As many connections as a tenant's role may have, less those of its homes. */
const CALLERS = 10;

/** How long a broken property is made smaller. What fails only now and then would be tried for many minutes. */
const SHRINK_MS = 20_000;

/**
 * Any mix of posts, holds, parts, voids, reversals, backdates, closes, limits, folds and replays by callers at the same time:
 * both sides are equal per book and currency at every instant, balances are the sums of their lines and what the model
 * says, limits hold, closed days stay as they were, replays change nothing, and nothing deadlocks.
 * @throws with the smallest mix found that breaks one of these
 */
export async function proveProperties(options: PropertyOptions): Promise<PropertyFigures> {
  const [admin, folder] = [await options.connectAdmin(), await options.connectAdmin()];
  const rig = await openRig(admin, options.connect, CALLERS);
  const figures: PropertyFigures = { runs: 0, calls: 0, transactions: 0, refused: {} };
  try {
    const newWorld = await openWorlds(rig, folder);
    let shrinkUntil = Infinity;
    await fc.assert(
      fc.asyncProperty(commandBatches, async (batches) => {
        if (performance.now() > shrinkUntil) return;
        figures.runs += 1;
        const run = new Run(await newWorld(), `proof ${figures.runs}`);
        try {
          for (const batch of batches) {
            await run.batch(batch);
            await verify(run);
          }
        } catch (error) {
          shrinkUntil = Math.min(shrinkUntil, performance.now() + SHRINK_MS);
          throw error;
        }
        figures.calls += run.calls;
        figures.transactions += run.transactions.size;
        for (const [code, count] of Object.entries(run.codes))
          figures.refused[code] = (figures.refused[code] ?? 0) + count;
      }),
      {
        numRuns: options.runs,
        includeErrorInReport: true,
        ...(options.seed === undefined ? {} : { seed: options.seed }),
      },
    );
    return figures;
  } finally {
    await rig.close();
    await folder.end();
    await admin.end();
  }
}

async function verify(run: Run): Promise<void> {
  const { admin } = run.world.rig;
  const accounts = [...run.accounts];
  const days = [0, 20, 45, 101].map((ago) => run.day(ago));
  const books = new Set(run.world.books.map(({ id }) => id));
  const { instants } = run;
  const some = [0, 0.4, 0.8]
    .map((part) => instants[Math.floor(instants.length * part)])
    .filter((instant) => instant !== undefined);
  const wrong = [
    ...(await findWrongSums(admin, books, accounts, days, some)),
    ...(await findBrokenLimits(admin, accounts)),
  ];
  wrong.push(...(await findOffModel(run, accounts)));
  for (const { book, through, lines } of run.closed) {
    const { rows } = await admin.query<{ lines: number }>(LINES_UNTIL, [book, through]);
    if (rows[0]?.lines !== lines)
      wrong.push(`${book} had ${lines} lines until ${through} when that was closed, now ${rows[0]?.lines}`);
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

/** Accounts of the run's own books whose balance is not what was asked for and answered. */
async function findOffModel(run: Run, accounts: string[]): Promise<string[]> {
  const expected = sumsOf(run.transactions.values());
  const { rows } = await run.world.rig.admin.query<{ account_id: string; told: object }>(
    `SELECT s.account_id, json_build_object('debits', s.debits, 'credits', s.credits, 'pending_debits', s.pending_debits,
       'pending_credits', s.pending_credits) AS told
     FROM sums_now($1) s JOIN accounts a ON a.id = s.account_id WHERE a.book_id = ANY ($2)`,
    [accounts, run.world.books.map(({ id }) => id)],
  );
  const nothing = { debits: 0, credits: 0, pending_debits: 0, pending_credits: 0 };
  return rows
    .map(
      ({ account_id, told }) =>
        [account_id, JSON.stringify(told), JSON.stringify(expected.get(account_id) ?? nothing)] as const,
    )
    .filter(([, told, wanted]) => told !== wanted)
    .map(([account, told, wanted]) => `${account} holds ${told}, and should hold ${wanted}`);
}
