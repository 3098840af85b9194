import { join } from 'node:path';
import { tenantUrl } from '../../tenants/address.ts';
import { CommandError } from '../command.ts';
import { dataFolder, ensureDataFolder } from './data-folder.ts';
import { DEMO_SLUG, type DemoAccess } from './demo-tenant.ts';
import { claimFolder } from './launcher-note.ts';
import { listenForShutdown, type Shutdown, Stopped } from './shutdown.ts';
import { type Database, withDatabase } from './with-database.ts';
import { claimPort } from './workerd.ts';

/** What a launcher runs with: the database is up, folder and port are ours. */
export type Run = {
  database: Database;
  folder: string;
  port: number;
  /** Address of the demo tenant's portal. */
  url: string;
  shutdown: Shutdown;
};

/** Runs a launcher from claiming its folder and port to stopping everything it has started; answers the exit code. */
export async function launch(run: (run: Run) => Promise<void>): Promise<number> {
  const wanted = readPort();
  const folder = dataFolder();
  ensureDataFolder(folder);
  const shutdown = listenForShutdown();
  const release = claimFolder(folder);
  try {
    const port = await claimPort(wanted, join(folder, 'worker'));
    const url = tenantUrl(DEMO_SLUG, { baseDomain: process.env.BASE_DOMAIN || 'localhost', port: String(port) });
    note('starting the database');
    await withDatabase(async (database) => {
      try {
        shutdown.check();
        await run({ database, folder, port, url, shutdown });
        note('stopping');
      } finally {
        await shutdown.stopAll();
      }
    });
    note('stopped');
    return 0;
  } catch (error) {
    if (error instanceof Stopped) return 0;
    throw error;
  } finally {
    release();
  }
}

/** Says where the system runs and how to get in. */
export function announce(url: string, demo: DemoAccess | undefined): void {
  const lines = [`SCP Platform Operations runs at ${url}`];
  if (demo) lines.push(`  sign in  ${demo.email}  password ${demo.password}`, `  API key  ${demo.apiKey}`);
  else lines.push(`  tenant ${DEMO_SLUG} was there already; its sign-in is known where it was made`);
  process.stdout.write(`\n${lines.join('\n')}\n\nCtrl-C stops it.\n`);
}

/** Prints a line of progress. */
export function note(line: string): void {
  process.stdout.write(`${line}\n`);
}

function readPort(): number {
  const port = Number(process.env.PORT || 8787);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new CommandError(`PORT is ${process.env.PORT}; it must be a number from 1 to 65535.`, 2);
}
