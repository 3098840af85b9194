/** A failure that the person at the terminal can act on: printed as one line, without a stack. */
export class CommandError extends Error {
  readonly exitCode: number;

  /** `exitCode` as in the commands' contract: 1 failed, 2 usage, 3 not found, 4 conflict, 5 partly done. */
  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** Runs a command's main function; expected failures end in one line on stderr, bugs keep their stack. */
export async function runCommand(main: () => Promise<number | undefined>): Promise<void> {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (error instanceof CommandError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = error.exitCode;
      return;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** The `code` of a system or Postgres error (`EACCES`, `57P03`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
