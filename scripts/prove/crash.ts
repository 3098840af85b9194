import { setTimeout as sleep } from 'node:timers/promises';
import { type LocalSystem, startLocalSystem } from '../local/system.ts';
import { type Client, createClient, untilStatus } from './client.ts';
import { auditLedgers, type Ledger, openLedger, type Posting, send, startLoad } from './postings.ts';

export type Victim = 'worker' | 'postgres';

export type CrashOptions = {
  tenants: number;
  /** Postings under way at any moment. */
  inFlight: number;
  /** How long the load runs before the kill. */
  loadMs: number;
  log: (line: string) => void;
};

/** What one kill under load did. Counts are of postings. */
export type CrashFigures = {
  victim: Victim;
  inFlightAtKill: number;
  sent: number;
  acknowledged: number;
  /** Answered without a 201, by status. */
  refused: Record<string, number>;
  unanswered: number;
  /** Acknowledged ones that the database does not hold. */
  missing: number;
  /** Ones that it holds more than once. */
  doubled: number;
  /** Unacknowledged ones that it holds all the same. */
  foundUnacknowledged: number;
  /** Of the unacknowledged, answered 201 when sent again with their key; all of them must be. */
  replayed: number;
  /** Afterwards: postings that are not there exactly once. */
  wrongAfterReplay: number;
  /** Books and currencies whose sides differ, and transactions without their lines; by SQL and by the API. */
  unbalanced: number;
  /** From the restart (of PostgreSQL: from its first answer) until every tenant answers 200. */
  recoverySeconds: number;
  /** From the kill until the killed part runs again. */
  downSeconds: number;
};

/** Kills the worker, then PostgreSQL, under load, and accounts for every posting. */
export async function proveCrash(options: CrashOptions): Promise<CrashFigures[]> {
  const system = await startLocalSystem({ log: () => {} });
  const client = createClient(system.workerPort);
  try {
    const ledgers: Ledger[] = [];
    for (let count = 1; count <= options.tenants; count += 1) {
      ledgers.push(await openLedger(client, await system.createTenant(`crash-${count}`)));
    }
    const figures: CrashFigures[] = [];
    for (const victim of ['worker', 'postgres'] as const) {
      options.log(`killing the ${victim} with ${options.inFlight} postings under way`);
      figures.push(await crash(system, client, ledgers, victim, options));
    }
    const errors = system.logs.filter((line) => line.startsWith('error:'));
    if (errors.length > 0) throw new Error(`The worker logged errors:\n${errors.slice(0, 5).join('\n')}`);
    return figures;
  } finally {
    client.close();
    await system.stop();
  }
}

async function crash(
  system: LocalSystem,
  client: Client,
  ledgers: readonly Ledger[],
  victim: Victim,
  { inFlight, loadMs }: CrashOptions,
): Promise<CrashFigures> {
  const load = startLoad(client, ledgers, inFlight);
  await sleep(loadMs);
  const inFlightAtKill = load.inFlight();
  const killedAt = performance.now();
  if (victim === 'worker') await system.killWorker();
  else await system.killPostgres();
  // While the database is away the worker goes on answering; so do its clients for a moment.
  await sleep(victim === 'postgres' ? 1_000 : 0);
  const stopped = load.stop();
  if (victim === 'worker') await system.startWorker();
  else await system.startPostgres();
  const downSeconds = (performance.now() - killedAt) / 1000;
  const recovery = await Promise.all(
    ledgers.map(({ tenant }) => untilStatus(() => client.api(tenant, '/api/accounts'), 200)),
  );
  await stopped;

  const account = await accountFor(system, ledgers, load.postings);
  const open = load.postings.filter((posting) => posting.status !== 201);
  const replayed = await replay(client, open);
  const after = await auditLedgers(system.adminUrl, ledgers);
  return {
    victim,
    inFlightAtKill,
    ...account,
    replayed,
    wrongAfterReplay: load.postings.filter((posting) => after.found.get(posting.key) !== 1).length,
    unbalanced: account.unbalanced + after.unbalanced + (await countUnbalanced(client, ledgers)),
    recoverySeconds: Math.max(...recovery) / 1000,
    downSeconds,
  };
}

async function accountFor(system: LocalSystem, ledgers: readonly Ledger[], postings: readonly Posting[]) {
  const { found, unbalanced } = await auditLedgers(system.adminUrl, ledgers);
  const refused: Record<string, number> = {};
  for (const { status } of postings) {
    if (status !== null && status !== 201) refused[status] = (refused[status] ?? 0) + 1;
  }
  const acknowledged = postings.filter(({ status }) => status === 201);
  return {
    sent: postings.length,
    acknowledged: acknowledged.length,
    refused,
    unanswered: postings.filter(({ status }) => status === null).length,
    missing: acknowledged.filter(({ key }) => !found.has(key)).length,
    doubled: postings.filter(({ key }) => (found.get(key) ?? 0) > 1).length,
    foundUnacknowledged: postings.filter(({ key, status }) => status !== 201 && found.has(key)).length,
    unbalanced,
  };
}

/** Sends them again, twice each at the same time, and counts those for which both were answered 201 with the same body. */
async function replay(client: Client, postings: readonly Posting[]): Promise<number> {
  let replayed = 0;
  const queue = postings.values();
  const sender = async () => {
    for (const posting of queue) {
      const twins = [{ ...posting }, { ...posting }];
      await Promise.all(twins.map((twin) => send(client, twin)));
      const isSame = twins.every(({ status, text }) => status === 201 && text === twins[0]?.text);
      replayed += isSame ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: 8 }, sender));
  return replayed;
}

/** The books that the API itself calls unbalanced. */
async function countUnbalanced(client: Client, ledgers: readonly Ledger[]): Promise<number> {
  let count = 0;
  for (const { tenant } of ledgers) {
    const { text } = await client.api(tenant, '/api/ledger/integrity');
    const { balanced, books }: { balanced: boolean; books: { difference: number }[] } = JSON.parse(text);
    count += books.filter(({ difference }) => difference !== 0).length + (balanced ? 0 : 1);
  }
  return count;
}
