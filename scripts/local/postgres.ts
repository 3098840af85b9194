import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CommandError, errorCode } from '../command.ts';
import { ensureDataFolder, loadSecrets } from './data-folder.ts';
import { withLock } from './lock.ts';
import { freePort } from './ports.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { isAlive, isZombie, processesIn, signal, waitUntilGone } from './processes.ts';

export { type Database, withDatabase } from './with-database.ts';

/** Name of the control-plane database on the embedded server. */
const DATABASE_NAME = 'scp';
const MAJOR_VERSION = '18';
const START_TIMEOUT_MS = 60_000;

/** Durable as in production; sockets off so that two clones never meet in /tmp. */
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  // Dropping a tenant locks every object of its schema in one transaction.
  max_locks_per_transaction: '256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
};

export type StopMode = 'smart' | 'fast' | 'immediate';

export type PostgresServer = {
  /** Connection URL of the control-plane database with the administrator's credentials. */
  url: string;
  port: number;
  pid: number;
  /** False when a server already ran on this folder and was taken over. */
  started: boolean;
  /** Stops the server and waits until it is gone; `smart` lets sessions end first, for at most ten seconds. */
  stop(mode?: StopMode): Promise<void>;
  /** Ends the server and all its processes as a power cut would (SIGKILL). */
  kill(): Promise<void>;
};

export type PostgresOptions = {
  /** The local system's data folder; the server's files are in `postgres/` below it. */
  dataDir: string;
  port?: number;
  settings?: Record<string, string>;
  log?: (line: string) => void;
};

/**
 * Starts the embedded PostgreSQL 18 on the folder, creating the cluster and the control-plane database when missing, or
 * takes over the server that already runs there. The server outlives this process unless it is stopped.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  ensureDataFolder(options.dataDir);
  const { postgresPassword } = loadSecrets(options.dataDir);
  return withLock(startLock(options.dataDir), () => findOrLaunch(options, postgresPassword));
}

/** Stops the server that runs on the folder, if there is one. */
export async function stopPostgres(dataDir: string, mode: StopMode): Promise<void> {
  const cluster = join(dataDir, 'postgres');
  const hasProcesses = () => [dataDir, cluster].some((place) => processesIn(place).length > 0);
  // A server launched a moment ago, whose starter was killed, has not written its file yet.
  for (let round = 0; round < 100 && !readPostmasterFile(cluster) && hasProcesses(); round += 1) await sleep(50);
  const named = readPostmasterFile(cluster);
  if (named) await stopServer(cluster, named.pid, mode);
}

/** Lock held while the server of the folder is started, or stopped by the last of its users. */
export function startLock(dataDir: string): string {
  return join(dataDir, 'postgres.starting');
}

async function findOrLaunch(options: PostgresOptions, password: string): Promise<PostgresServer> {
  const cluster = join(options.dataDir, 'postgres');
  const running = await findRunning(cluster, password);
  if (running) return serverOf(cluster, running, password, false);

  const binaries = await findPostgresBinaries();
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    options.log?.('creating the database cluster');
    initialise(binaries, options.dataDir, cluster, password);
  }
  refuseOtherVersion(cluster);
  binaries.own(cluster);
  await clearAfterCrash(cluster);

  const port = await choosePort(options, cluster);
  const pid = launch(binaries, options, cluster, port);
  await waitUntilReady(options.dataDir, { pid, port }, password);
  writeFileSync(portFile(cluster), `${port}\n`);
  return serverOf(cluster, { pid, port }, password, true);
}

type Running = { pid: number; port: number };

function serverOf(cluster: string, running: Running, password: string, started: boolean): PostgresServer {
  return {
    ...running,
    url: adminUrl(running.port, password),
    started,
    stop: (mode = 'fast') => stopServer(cluster, running.pid, mode),
    kill: () => killServer(cluster, running.pid),
  };
}

function adminUrl(port: number, password: string, database = DATABASE_NAME): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
}

/** The server named in postmaster.pid, once it answers; undefined when there is none (a stale file is the server's to clear). */
async function findRunning(cluster: string, password: string): Promise<Running | undefined> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const named = readPostmasterFile(cluster);
    if (!named || !isPostgres(named.pid)) return undefined;
    const answer = named.port ? await probe(named.port, password) : 'starting';
    if (answer === 'ready') return named;
    if (answer !== 'starting')
      throw new CommandError(`The PostgreSQL running on ${cluster} does not let us in: ${answer}`);
    if (Date.now() > deadline)
      throw new CommandError(`The PostgreSQL running on ${cluster} (pid ${named.pid}) does not answer.`);
    await sleep(100);
  }
}

function readPostmasterFile(cluster: string): Running | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return pid > 1 ? { pid, port: Number(lines[3] ?? 0) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Backends of a killed server live on for a moment, and a new one refuses to start beside them. Once they are gone the
 * server clears a stale postmaster.pid itself, except when the dead process is a zombie that it takes for alive.
 */
async function clearAfterCrash(cluster: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (processesIn(cluster).length > 0) {
    if (Date.now() > deadline) throw new CommandError(`Processes of a killed PostgreSQL still use ${cluster}.`);
    await sleep(50);
  }
  const named = readPostmasterFile(cluster);
  if (named && isZombie(named.pid)) rmSync(join(cluster, 'postmaster.pid'));
}

/** After a crash another program may have the number by now. */
function isPostgres(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return true;
  }
}

/** Asks the server for a session: `ready`, `starting` (also: stopping, or not listening yet), or its refusal. */
async function probe(port: number, password: string): Promise<string> {
  const client = new pg.Client({
    connectionString: adminUrl(port, password, 'postgres'),
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE_NAME]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE_NAME}`);
    return 'ready';
  } catch (error) {
    // 57P03 cannot_connect_now; 42P04, 23505 another start creates the database at this moment.
    if (['57P03', 'ECONNREFUSED', 'ECONNRESET', '42P04', '23505'].includes(errorCode(error) ?? '')) return 'starting';
    const message = error instanceof Error ? error.message : String(error);
    return /terminated unexpectedly|timeout/.test(message) ? 'starting' : message;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Builds the cluster aside and moves it into place, so an interrupted start leaves nothing half made. */
function initialise(binaries: PostgresBinaries, dataDir: string, cluster: string, password: string): void {
  const draft = join(dataDir, 'postgres.new');
  const passwordFile = `${draft}.password`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  binaries.own(draft);
  binaries.own(passwordFile);
  const [program = '', ...prefix] = binaries.initdb;
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const result = spawnSync(program, [...prefix, `--pgdata=${draft}`, ...login, ...locale], { encoding: 'utf8' });
  rmSync(passwordFile, { force: true });
  if (result.status !== 0) {
    rmSync(draft, { recursive: true, force: true });
    throw new CommandError(
      `Could not create the database cluster: ${telling(result.stderr ?? '') || result.error?.message}`,
    );
  }
  renameSync(draft, cluster);
}

function refuseOtherVersion(cluster: string): void {
  const found = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (found === MAJOR_VERSION) return;
  throw new CommandError(
    `${cluster} holds data of PostgreSQL ${found}, this is PostgreSQL ${MAJOR_VERSION}; move it away or set SCP_DATA_DIR.`,
  );
}

function portFile(cluster: string): string {
  return `${cluster}.port`;
}

async function choosePort(options: PostgresOptions, cluster: string): Promise<number> {
  if (options.port !== undefined) {
    if ((await freePort(options.port)) === options.port) return options.port;
    throw new CommandError(`Port ${options.port} for PostgreSQL is taken.`);
  }
  const remembered = existsSync(portFile(cluster)) ? Number(readFileSync(portFile(cluster), 'utf8')) : 0;
  return freePort(remembered || undefined);
}

/** Detached, so that Ctrl-C in the terminal reaches the launcher alone, which stops the parts in order. */
function launch(binaries: PostgresBinaries, options: PostgresOptions, cluster: string, port: number): number {
  const settings = Object.entries({ ...SETTINGS, ...options.settings, port: String(port) });
  const [program = '', ...prefix] = binaries.postgres;
  const args = [...prefix, '-D', cluster, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const log = openSync(logFile(options.dataDir), 'w', 0o600);
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], cwd: options.dataDir });
  closeSync(log);
  child.on('error', () => {});
  child.unref();
  if (child.pid === undefined) throw new CommandError(`Could not run ${program}.`);
  return child.pid;
}

function logFile(dataDir: string): string {
  return join(dataDir, 'postgres.log');
}

async function waitUntilReady(dataDir: string, { pid, port }: Running, password: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (!isAlive(pid))
      throw new CommandError(`PostgreSQL did not start: ${telling(readFileSync(logFile(dataDir), 'utf8'))}`);
    const answer = await probe(port, password);
    if (answer === 'ready') return;
    if (answer !== 'starting' || Date.now() > deadline) {
      await stopServer(join(dataDir, 'postgres'), pid, 'fast');
      throw new CommandError(`PostgreSQL does not answer on port ${port}: ${answer}; see ${logFile(dataDir)}.`);
    }
    await sleep(30);
  }
}

/** The line of a program's output that says what went wrong. */
function telling(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((entry) => /FATAL|PANIC|error:/.test(entry)) ?? lines.at(-1) ?? 'it gave no reason';
  return line.replace(/^.*?(FATAL|PANIC|error):\s*/, '').trim();
}

async function killServer(cluster: string, postmaster: number): Promise<void> {
  const pids = [postmaster, ...processesIn(cluster)];
  for (const pid of pids) signal(pid, 'SIGKILL');
  await Promise.all(pids.map((pid) => waitUntilGone(pid, 10_000)));
}

const STOP_SIGNALS: Record<StopMode, NodeJS.Signals> = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' };

/** Stops whichever server runs on the folder by now: ours may have been started again since. */
async function stopServer(cluster: string, startedPid: number, mode: StopMode): Promise<void> {
  const pid = readPostmasterFile(cluster)?.pid ?? startedPid;
  if (!isPostgres(pid)) return;
  signal(pid, STOP_SIGNALS[mode]);
  if (await waitUntilGone(pid, mode === 'smart' ? 10_000 : 30_000)) return;
  signal(pid, mode === 'smart' ? 'SIGINT' : 'SIGQUIT');
  await waitUntilGone(pid, 30_000);
}
