import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { CommandError } from '../command.ts';
import { dataFolder, ensureDataFolder, loadSecrets } from './data-folder.ts';
import { withLock } from './lock.ts';
import { type PostgresServer, startLock, startPostgres } from './postgres.ts';
import { formatIdentity, identify, isSameProcess, parseIdentity } from './processes.ts';

const OLDEST_VERSION = 180_000;

/** The control-plane database a command works on. */
export type Database = {
  /** With the administrator's credentials. */
  url: string;
  /** Hex; tenants' passwords are derived from it. */
  masterSecret: string;
};

/**
 * Runs `work` on the server of `DATABASE_URL` when set, else on the embedded one in the data folder, which is started
 * when it is not running. Of several commands at once, the last to finish stops it; a server that the launcher runs stays.
 */
export async function withDatabase<T>(
  work: (database: Database) => Promise<T>,
  env: Record<string, string | undefined> = process.env,
): Promise<T> {
  const folder = dataFolder(env);
  if (env.DATABASE_URL) {
    await refuseOldServer(env.DATABASE_URL);
    return work({ url: env.DATABASE_URL, masterSecret: env.MASTER_SECRET || loadSecrets(folder).masterSecret });
  }

  ensureDataFolder(folder);
  const leave = enterServer(folder);
  const server = await startPostgres({ dataDir: folder }).catch((error: unknown) => {
    leave();
    throw error;
  });
  try {
    return await work({ url: server.url, masterSecret: env.MASTER_SECRET || loadSecrets(folder).masterSecret });
  } finally {
    await leaveServer(folder, server, leave);
  }
}

/** Under the lock, so that nobody arrives between the look at the other users and the stop. */
export async function leaveServer(
  folder: string,
  server: PostgresServer,
  leave: () => { isLast: boolean },
): Promise<void> {
  await withLock(startLock(folder), async () => {
    if (leave().isLast) await server.stop('smart');
  });
}

/**
 * Notes that this process uses the embedded server of the folder. The function returned takes the note back and tells
 * whether nobody else uses the server, who then must stop it.
 */
export function enterServer(folder: string): () => { isLast: boolean } {
  const users = join(folder, 'postgres.users');
  const note = join(users, String(process.pid));
  mkdirSync(users, { recursive: true });
  writeFileSync(note, formatIdentity(identify(process.pid)));
  return () => {
    rmSync(note, { force: true });
    return { isLast: !readdirSync(users).some((name) => isInUse(join(users, name))) };
  };
}

function isInUse(note: string): boolean {
  try {
    const identity = parseIdentity(readFileSync(note, 'utf8'));
    if (identity && isSameProcess(identity)) return true;
    rmSync(note, { force: true });
  } catch {
    // its process removed it just now
  }
  return false;
}

/** Refuses a server older than PostgreSQL 18, or one that cannot be reached, in one clear line. */
export async function refuseOldServer(url: string): Promise<void> {
  const client = clientOf(url);
  client.on('error', () => {});
  let version: number;
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num');
    version = Number(rows[0]?.server_version_num);
  } catch (error) {
    throw new CommandError(
      `Cannot reach the database of DATABASE_URL: ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    await client.end().catch(() => {});
  }
  if (version >= OLDEST_VERSION) return;
  throw new CommandError(
    `PostgreSQL 18 or newer is needed; the server of DATABASE_URL is ${Math.floor(version / 10_000)}.`,
  );
}

function clientOf(url: string): pg.Client {
  try {
    return new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  } catch {
    throw new CommandError('DATABASE_URL is not a connection URL (postgres://user:password@host:port/database).');
  }
}
