import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tenantUrl } from '../tenants/address.ts';
import { ensureBuilt } from './bundle/ensure-built.ts';
import { CommandError, runCommand } from './command.ts';
import { dataFolder, ensureDataFolder } from './local/data-folder.ts';
import { DEMO_SLUG, type DemoAccess, writeAccess } from './local/demo-tenant.ts';
import { statusOf } from './local/http-request.ts';
import { keepRunning } from './local/keep-running.ts';
import { claimFolder } from './local/launcher-note.ts';
import { prepareSystem } from './local/prepare.ts';
import { listenForShutdown, type Shutdown, Stopped } from './local/shutdown.ts';
import { type Database, withDatabase } from './local/with-database.ts';
import { claimPort } from './local/workerd.ts';

const READY_TIMEOUT_MS = 60_000;

/** `npm start`: the whole system on this machine, until Ctrl-C. */
async function main(): Promise<number> {
  const folder = dataFolder();
  ensureDataFolder(folder);
  const shutdown = listenForShutdown();
  const release = claimFolder(folder);
  try {
    const port = await claimPort(readPort(), join(folder, 'worker'));
    note('starting the database');
    await withDatabase((database) => run({ database, folder, port, shutdown }).finally(shutdown.stopAll));
    return 0;
  } catch (error) {
    if (error instanceof Stopped) return 0;
    throw error;
  } finally {
    release();
    note('stopped');
  }
}

type Run = { database: Database; folder: string; port: number; shutdown: Shutdown };

async function run({ database, folder, port, shutdown }: Run): Promise<void> {
  shutdown.check();
  const url = tenantUrl(DEMO_SLUG, { baseDomain: process.env.BASE_DOMAIN || 'localhost', port: String(port) });
  const { settings, demo } = await prepareSystem({ database, folder, url, shutdown, note });
  shutdown.check();
  await ensureBuilt({ log: note });
  shutdown.check();
  await keepRunning({ folder, port, settings, shutdown, note, isEmbedded: !process.env.DATABASE_URL });
  await waitUntilHealthy(port, new URL(url).host, shutdown);
  if (demo) writeAccess(folder, demo);
  announce(url, demo);
  await shutdown.requested;
  note('stopping');
}

function readPort(): number {
  const port = Number(process.env.PORT || 8787);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new CommandError(`PORT is ${process.env.PORT}; it must be a number from 1 to 65535.`, 2);
}

async function waitUntilHealthy(port: number, host: string, shutdown: Shutdown): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    shutdown.check();
    const status = await statusOf(port, host, '/healthz').catch(() => 0);
    if (status === 200) return;
    if (Date.now() > deadline) throw new CommandError(`The worker is not healthy: ${host}/healthz answers ${status}.`);
    await sleep(200);
  }
}

function announce(url: string, demo: DemoAccess | undefined): void {
  const lines = [`SCP Platform Operations runs at ${url}`];
  if (demo) lines.push(`  sign in  ${demo.email}  password ${demo.password}`, `  API key  ${demo.apiKey}`);
  else lines.push('  tenant acme was there already; its sign-in is known where it was made');
  process.stdout.write(`\n${lines.join('\n')}\n\nCtrl-C stops it.\n`);
}

function note(line: string): void {
  process.stdout.write(`${line}\n`);
}

await runCommand(main);
