import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Contender, Ledger, Posted } from './contender.ts';
import type { Scenario } from './scenarios.ts';

/** What one measurement found: transactions per second, and the processor time that the clients took, as a share of one core. */
export type Measurement = { rate: number; clientLoad: number };

/** A contender in a scenario, on books of its own, with its clients connected. */
export type Entrant = {
  readonly contender: Contender['name'];
  readonly scenario: Scenario;
  measure(durationMs: number): Promise<Measurement>;
  /** Checks the books against all that was ever posted. */
  verify(): Promise<void>;
  leave(): Promise<void>;
};

export async function enter(
  contender: Contender,
  scenario: Scenario,
  {
    clients: count,
    commit,
    isSettled,
    name,
  }: { clients: number; commit: 'on' | 'off'; isSettled: boolean; name: string },
): Promise<Entrant> {
  const ledger = await contender.open(name);
  const clients = await Promise.all(Array.from({ length: count }, () => connect(ledger, commit)));
  const posted: Posted = { calls: 0, transactions: 0, transfers: 0 };
  return {
    contender: contender.name,
    scenario,
    measure: async (durationMs) => {
      const settled = isSettled ? settleUntil(ledger, performance.now() + durationMs) : undefined;
      const measurement = await measure(clients, { ledger, scenario, posted }, durationMs);
      await settled;
      return measurement;
    },
    verify: () => ledger.verify(posted),
    leave: async () => {
      await Promise.all(clients.map((client) => client.end()));
      await ledger.drop();
    },
  };
}

/** As the job runs while there are postings: a second after the last time. */
async function settleUntil({ settle }: Ledger, until: number): Promise<void> {
  while (settle && performance.now() < until) {
    await sleep(Math.min(1_000, until - performance.now()));
    await settle();
  }
}

async function connect(ledger: Ledger, commit: 'on' | 'off'): Promise<pg.Client> {
  const client = new pg.Client(ledger.login);
  // When one call fails the server is stopped under the others: the call's own error is the one to show.
  client.on('error', () => {});
  await client.connect();
  await client.query(`SET synchronous_commit = ${commit}`);
  return client;
}

async function measure(
  clients: readonly pg.Client[],
  { ledger, scenario, posted }: { ledger: Ledger; scenario: Scenario; posted: Posted },
  durationMs: number,
): Promise<Measurement> {
  const before = process.cpuUsage();
  const start = performance.now();
  const until = start + durationMs;
  let calls = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < until) {
        const call = scenario.draw();
        await client.query(ledger.statement(call));
        calls += 1;
        posted.calls += 1;
        posted.transactions += call.length;
        posted.transfers += call.reduce((sum, transfers) => sum + transfers.length, 0);
      }
    }),
  );
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { rate: (calls * scenario.transactions * 1_000) / elapsedMs, clientLoad: (user + system) / 1_000 / elapsedMs };
}
