import { setTimeout as sleep } from 'node:timers/promises';
import { bare } from './ledger/bare.ts';
import type { Contender } from './ledger/contender.ts';
import { type Entrant, enter } from './ledger/entrant.ts';
import { LEDGER_HELP, type LedgerOptions, parseLedgerOptions } from './ledger/options.ts';
import { ours } from './ledger/ours.ts';
import { pgledger } from './ledger/pgledger.ts';
import { printGoals, printTable, Results } from './ledger/report.ts';
import { type BenchServer, withBenchServer } from './ledger/server.ts';

const WARM_UP_MS = 1_000;
const PAUSE_MS = 100;

type Setting = { clients: number; commit: 'on' | 'off'; isSettled: boolean };

/** Postings per second beside pgledger's and a bare reference's: `npm run bench -- ledger --help`. */
export async function benchLedger(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log(LEDGER_HELP);
    return;
  }
  const options = parseLedgerOptions(args);
  await withBenchServer(async (server) => {
    const contenders = contendersOn(server);
    console.log(
      `transactions per second, medians of ${options.rounds} rounds of ${options.roundMs / 1_000} s, interleaved, fresh books per setting`,
    );
    for (const commit of options.commits) {
      for (const clients of options.clients) {
        const results = await run(server, contenders, options, { clients, commit, isSettled: options.isSettled });
        console.log(
          `\n${clients} clients, synchronous_commit = ${commit}${options.isSettled ? ', settled meanwhile' : ''}`,
        );
        printTable(results, options.scenarios);
        if (clients === 8 && commit === 'on') printGoals(results);
      }
    }
  });
}

function contendersOn(server: BenchServer): Contender[] {
  const paths = process.env.PGLEDGER_SQL;
  if (!paths) {
    console.log('pgledger is skipped: PGLEDGER_SQL does not say where its SQL is (npm run bench -- ledger --help)');
  }
  return [ours(server), ...(paths ? [pgledger(server, paths)] : []), bare(server)];
}

/** One setting: every contender in every scenario once per round, each round beginning with another contender. */
async function run(
  server: BenchServer,
  contenders: readonly Contender[],
  { scenarios, rounds, roundMs }: LedgerOptions,
  setting: Setting,
): Promise<Results> {
  const entrants: Entrant[] = [];
  for (const scenario of scenarios) {
    for (const contender of contenders) {
      const name = `${contender.name}_${scenario.name}_${setting.clients}_${setting.commit}`;
      entrants.push(await enter(contender, scenario, { ...setting, name }));
    }
  }
  for (const entrant of entrants) await entrant.measure(WARM_UP_MS);
  await server.admin.query('ANALYZE');
  for (const entrant of entrants) await entrant.measure(WARM_UP_MS / 5);
  await server.admin.query('CHECKPOINT');

  const results = new Results();
  for (let round = 0; round < rounds; round += 1) {
    for (const scenario of scenarios) {
      const group = entrants.filter((entrant) => entrant.scenario === scenario);
      const first = round % group.length;
      for (const entrant of [...group.slice(first), ...group.slice(0, first)]) {
        await settle(server);
        results.add(scenario.name, entrant.contender, await entrant.measure(roundMs));
      }
    }
  }
  for (const entrant of entrants) await entrant.verify();
  for (const entrant of entrants) await entrant.leave();
  return results;
}

/** Has all WAL so far on disk, which this durable commit waits for, so that nobody pays for what another left behind. */
async function settle({ admin }: BenchServer): Promise<void> {
  await admin.query(`SELECT pg_logical_emit_message(true, 'bench', '')`);
  await sleep(PAUSE_MS);
}
