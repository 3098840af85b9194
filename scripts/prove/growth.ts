import type pg from 'pg';
import { ledgerSettle } from '../../server/contexts/ledger/operations.ts';
import type { Home } from '../../server/home.ts';
import { systemActor } from '../../server/operations/actor.ts';
import { execute } from '../../server/operations/execute.ts';
import { withBenchServer } from '../bench/ledger/server.ts';
import { type Cost, costOf } from './growth/explain.ts';
import { loadLedger } from './growth/load.ts';
import { questionsFor } from './growth/questions.ts';
import { passHorizon } from './ledger/horizon.ts';
import { type MeasuredServer, withMeasuredTenant } from './measured-tenant.ts';

export type GrowthOptions = {
  sizes: readonly number[];
  merchants: number;
  ownAccounts: number;
  days: number;
  log: (line: string) => void;
};

/** Per question, what it cost the database at each size. */
export type GrowthFigures = { question: string; costs: Cost[] }[];

/** What the database may take for a question, and how many times more than for the smallest ledger. */
const MOST_MS = 50;
const MOST_GROWTH = 4;
const TABLES = [
  'transactions',
  'transaction_journals',
  'transaction_lines',
  'account_totals',
  'account_days',
  'account_marks',
];
/** Below this, growth is noise. */
const QUIET_MS = 5;

/** Loads ledgers of several sizes over the same years and accounts, and asks each the same questions. */
export async function measureGrowth(server: MeasuredServer, options: GrowthOptions): Promise<GrowthFigures> {
  const figures = new Map<string, Cost[]>();
  for (const size of options.sizes) {
    for (const [question, cost] of await measureSize(server, size, options)) {
      figures.set(question, [...(figures.get(question) ?? []), cost]);
    }
  }
  return [...figures].map(([question, costs]) => ({ question, costs }));
}

function measureSize(server: MeasuredServer, size: number, options: GrowthOptions) {
  return withMeasuredTenant(server, `growth-${size}`, async ({ owner, role, home, vacuum }) => {
    const start = performance.now();
    const { accounts } = await loadLedger(owner, { ...options, journals: size });
    const loaded = performance.now();
    await settle(home, owner);
    await vacuum(TABLES);
    const settled = performance.now();
    options.log(
      `${size} journals in ${accounts} accounts: loaded in ${seconds(loaded - start)}, settled in ${seconds(settled - loaded)}`,
    );
    const costs: [string, Cost][] = [];
    for (const { name, operation, input } of await questionsFor(owner)) {
      costs.push([name, await costOf(home.runtime, role, operation, input)]);
    }
    return costs;
  });
}

/** Folds, seals and indexes all there is. */
async function settle(home: Home, owner: pg.Client): Promise<void> {
  await passHorizon(async (statement, values) => (await owner.query(statement, values)).rows);
  await execute(
    home.runtime,
    ledgerSettle,
    systemActor('prover', 'Prover'),
    {},
    { requestId: 'prove', door: 'command' },
  );
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;

/** The questions that take the database too long, or grow with the ledger. */
export function tooSlow(figures: GrowthFigures): string[] {
  return figures
    .filter(({ costs }) => {
      const [first, last] = [costs[0]!, costs.at(-1)!];
      return last.ms >= MOST_MS || (last.ms >= QUIET_MS && last.ms > MOST_GROWTH * first.ms);
    })
    .map(({ question }) => question);
}

/** The long form: prints the figures side by side. @throws when a question is too slow, or grows with the ledger */
export async function proveGrowth(options: GrowthOptions): Promise<string> {
  let figures: GrowthFigures = [];
  await withBenchServer(async (server) => {
    figures = await measureGrowth(server, options);
  });
  const table = tableOf(options.sizes, figures);
  const slow = tooSlow(figures);
  if (slow.length > 0) throw new Error(`${table}\n\nToo slow, or growing: ${slow.join(', ')}`);
  return table;
}

function tableOf(sizes: readonly number[], figures: GrowthFigures): string {
  const head = ['database time, ms (blocks read)', ...sizes.map((size) => `${size} journals`)];
  const rows = figures.map(({ question, costs }) => [
    question,
    ...costs.map(({ ms, blocks }) => `${ms.toFixed(1)} (${blocks})`),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  '),
    )
    .join('\n');
}
