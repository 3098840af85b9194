import { parseArgs } from 'node:util';
import { CommandError } from '../../command.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

export type LedgerOptions = {
  scenarios: readonly Scenario[];
  clients: readonly number[];
  /** synchronous_commit */
  commits: readonly ('on' | 'off')[];
  rounds: number;
  roundMs: number;
  /** Whether what was posted is folded, sealed and indexed meanwhile. */
  isSettled: boolean;
};

export const LEDGER_HELP = `npm run bench -- ledger [--quick] [--only LIST] [--clients LIST] [--commit LIST] [--rounds N] [--seconds N] [--settle]

Postings per second through the product's function, through pgledger's and through a bare reference that checks nothing, in
one run on one server: ${SCENARIOS.map(({ name }) => name).join(', ')}.

  --quick          8 clients, synchronous_commit on, 3 rounds
  --only LIST      scenarios, such as random,hot
  --clients LIST   numbers of clients; 2,4,8 unless told otherwise
  --commit LIST    synchronous_commit; on,off unless told otherwise
  --rounds N       rounds, of which the median is taken; 5 unless told otherwise
  --seconds N      length of one measurement; 2 unless told otherwise
  --settle         the job that folds, seals and indexes what was posted runs beside the postings

PGLEDGER_SQL names pgledger's published SQL files, which are not part of this repository, separated like PATH and in the
order to load them: uuid-to-ulid.sql (github.com/scoville/pgsql-ulid), then pgledger.sql (github.com/pgr0ss/pgledger).
Without it pgledger is skipped.`;

/** @throws CommandError (usage) for what it does not understand */
export function parseLedgerOptions(args: readonly string[]): LedgerOptions {
  const values = parse(args);
  const names = list(values.only) ?? SCENARIOS.map(({ name }) => name);
  const options: LedgerOptions = {
    scenarios: names.map(
      (name) => SCENARIOS.find((scenario) => scenario.name === name) ?? usage(`no scenario ${name}`),
    ),
    clients: (list(values.clients) ?? (values.quick ? ['8'] : ['2', '4', '8'])).map((text) => number(text, 12)),
    commits: (list(values.commit) ?? (values.quick ? ['on'] : ['on', 'off'])).map((text) =>
      text === 'on' || text === 'off' ? text : usage(`synchronous_commit is on or off, not ${text}`),
    ),
    rounds: number(values.rounds ?? (values.quick ? '3' : '5'), 1_000),
    roundMs: number(values.seconds ?? '2', 3_600) * 1_000,
    isSettled: values.settle ?? false,
  };
  return options;
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    quick: { type: 'boolean' },
    settle: { type: 'boolean' },
    only: text,
    clients: text,
    commit: text,
    rounds: text,
    seconds: text,
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function list(text: string | undefined): string[] | undefined {
  return text?.split(',');
}

function number(text: string, largest: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= largest
    ? value
    : usage(`${text} is not between 1 and ${largest}`);
}

function usage(message: string): never {
  throw new CommandError(`${message}\n\n${LEDGER_HELP}`, 2);
}
