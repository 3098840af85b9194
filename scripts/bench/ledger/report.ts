import { median } from '../measure.ts';
import type { Contender } from './contender.ts';
import type { Measurement } from './entrant.ts';
import type { Scenario } from './scenarios.ts';

type Name = Contender['name'];

/** What was measured in one setting, by scenario and contender: one measurement per round. */
export class Results {
  readonly #measured = new Map<string, Measurement[]>();

  add(scenario: string, contender: Name, measurement: Measurement): void {
    const key = `${scenario} ${contender}`;
    this.#measured.set(key, [...(this.#measured.get(key) ?? []), measurement]);
  }

  /** Median of transactions per second; undefined when it was not measured. */
  rate(scenario: string, contender: Name): number | undefined {
    const measured = this.#measured.get(`${scenario} ${contender}`);
    return measured && median(measured.map(({ rate }) => rate));
  }

  /** Largest and smallest rate as shares of the median. */
  spread(scenario: string, contender: Name): [number, number] {
    const rates = (this.#measured.get(`${scenario} ${contender}`) ?? []).map(({ rate }) => rate);
    return [Math.min(...rates) / median(rates), Math.max(...rates) / median(rates)];
  }

  clientLoad(scenario: string, contender: Name): number | undefined {
    const measured = this.#measured.get(`${scenario} ${contender}`);
    return measured && median(measured.map(({ clientLoad }) => clientLoad));
  }

  /** How many times the first is the second. */
  ratio(first: readonly [string, Name], second: readonly [string, Name]): number | undefined {
    const [one, other] = [this.rate(...first), this.rate(...second)];
    return one !== undefined && other !== undefined ? one / other : undefined;
  }
}

const NAMES: readonly Name[] = ['ours', 'pgledger', 'bare'];

/** Transactions per second side by side, their ratios, and how much of a core the clients used: near 100 % they would be the limit. */
export function printTable(results: Results, scenarios: readonly Scenario[]): void {
  const header = [
    '',
    ...NAMES.map((name) => `${name}/s`),
    'ours÷pgledger',
    'ours÷bare',
    'spread of ours',
    'core used by clients',
  ];
  const rows = scenarios.map(({ name, title }) => [
    title,
    ...NAMES.map((contender) => results.rate(name, contender)?.toFixed(0) ?? '–'),
    times(results.ratio([name, 'ours'], [name, 'pgledger'])),
    times(results.ratio([name, 'ours'], [name, 'bare'])),
    results
      .spread(name, 'ours')
      .map((share) => share.toFixed(2))
      .join('…'),
    NAMES.map((contender) => percent(results.clientLoad(name, contender))).join(' '),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)));
  for (const row of [header, ...rows]) {
    console.log(
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    );
  }
}

const GOALS: readonly { title: string; atLeast: number; of: (results: Results) => number | undefined }[] = [
  goal('random pairs, of pgledger', 2, ['random', 'ours'], ['random', 'pgledger']),
  goal('hot account, of pgledger', 5, ['hot', 'ours'], ['hot', 'pgledger']),
  goal('hot account, of our random pairs', 0.9, ['hot', 'ours'], ['random', 'ours']),
  goal('random pairs, of the bare reference', 0.6, ['random', 'ours'], ['random', 'bare']),
  goal('batch of 100, of pgledger', 5, ['batch', 'ours'], ['batch', 'pgledger']),
  goal('batch of 100, of the bare set', 0.5, ['batch', 'ours'], ['batch', 'bare']),
];

function goal(title: string, atLeast: number, first: readonly [string, Name], second: readonly [string, Name]) {
  return { title, atLeast, of: (results: Results) => results.ratio(first, second) };
}

/** The goals, which hold for 8 clients and synchronous_commit = on. */
export function printGoals(results: Results): void {
  console.log('\nGoals (8 clients, synchronous_commit = on)');
  for (const { title, atLeast, of } of GOALS) {
    const found = of(results);
    const verdict =
      found === undefined ? 'not measured' : found >= atLeast ? 'reached' : `short by ${times(atLeast - found)}`;
    console.log(
      `${title.padEnd(38)} goal ${times(atLeast).padStart(7)}  found ${times(found).padStart(7)}  ${verdict}`,
    );
  }
}

function times(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(2)} ×`;
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(share * 100).toFixed(0)} %`;
}
