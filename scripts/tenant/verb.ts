import { parseArgs } from 'node:util';
import type pg from 'pg';
import { type Address, addressFrom } from '../../tenants/address.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { installControlPlane } from '../../tenants/control-plane.ts';
import { sqlState, TenantError, type TenantErrorKind } from '../../tenants/error.ts';
import { CommandError } from '../command.ts';
import { withDatabase } from '../local/with-database.ts';

/** The flags a command was called with. */
export type Flags = Record<string, string | boolean | undefined>;

/** What a command works with. Results go to stdout, everything for people watching to stderr. */
export type CommandContext = {
  flags: Flags;
  admin: pg.Client;
  /** Opens another administrator's connection. */
  connect: () => Promise<pg.Client>;
  masterSecret: string;
  address: Address;
  /** Prints the JSON of a result with `--json`, else the lines. */
  print: (json: unknown, lines: string[]) => void;
  /** Prints a line of progress. */
  note: (line: string) => void;
};

/** One command: its flags as `parseArgs` takes them, its help, and what it does. */
export type Verb = {
  usage: string;
  options: Record<string, { type: 'string' | 'boolean' }>;
  /** Refuses what can be refused without a database. */
  check?: (flags: Flags) => void | Promise<void>;
  /** Answers the exit code when it is not 0. */
  run: (context: CommandContext) => Promise<number | undefined>;
};

const COMMON_OPTIONS = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const;

const EXIT_CODES: Record<TenantErrorKind, number> = { failed: 1, invalid: 2, not_found: 3, conflict: 4 };

const ENVIRONMENT = `  --json          print the result as JSON
  --help          this text

DATABASE_URL (with MASTER_SECRET) names the database, else the embedded server of SCP_DATA_DIR (.data) is used.
BASE_DOMAIN (localhost) and PORT (8787) make the addresses. Exit codes: 0 done, 1 failed, 2 usage, 3 not found,
4 conflict, 5 partly done (run it again).
`;

/** Parses the arguments, opens the database, runs the verb, and turns its expected failures into exit codes. */
export async function runVerb(verb: Verb, args: string[]): Promise<number | undefined> {
  const flags = parseFlags(verb, args);
  if (flags.help) {
    process.stdout.write(`${verb.usage}\n${ENVIRONMENT}`);
    return 0;
  }
  try {
    await verb.check?.(flags);
    return await withDatabase(async ({ url, masterSecret }) => {
      const connect = () => connectAdmin(url);
      const admin = await connect();
      try {
        const warnings = await installControlPlane(admin, { databaseUrl: url, masterSecret });
        for (const warning of warnings) note(warning);
        const print = flags.json ? printJson : printLines;
        return await verb.run({ flags, admin, connect, masterSecret, address: addressFrom(process.env), print, note });
      } finally {
        await admin.end();
      }
    });
  } catch (error) {
    if (error instanceof TenantError) throw new CommandError(error.message, EXIT_CODES[error.kind]);
    if (error instanceof Error && sqlState(error)) throw new CommandError(`The database says: ${error.message}`);
    throw error;
  }
}

/** A flag's value. @throws a usage error when it is missing */
export function required(flags: Flags, name: string): string {
  const value = flags[name];
  if (typeof value !== 'string' || value === '') throw new CommandError(`--${name} is missing; see --help.`, 2);
  return value;
}

/** A flag's value, or undefined. */
export function optional(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

function parseFlags(verb: Verb, args: string[]): Flags {
  try {
    return parseArgs({ args, options: { ...verb.options, ...COMMON_OPTIONS }, strict: true }).values;
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new CommandError(`${message}; see --help.`, 2);
  }
}

function printJson(json: unknown): void {
  process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
}

function printLines(_json: unknown, lines: string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
