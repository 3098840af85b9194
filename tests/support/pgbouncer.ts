import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../scripts/local/ports.ts';

const PROGRAM = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find((path) =>
  existsSync(path),
);

export const isPgbouncerInstalled = PROGRAM !== undefined;

export type Pgbouncer = { port: number; stop(): Promise<void> };

/**
 * Debian's PgBouncer in transaction mode, before the server of an administrator's URL. It asks the server for a role's
 * verifier and logs in with what it learns from the client, so that no password of a tenant is written down.
 * @param serverConnections per role: few, so that clients share them
 */
export async function startPgbouncer(options: {
  adminUrl: string;
  serverConnections: number;
  port?: number;
}): Promise<Pgbouncer> {
  if (!PROGRAM) throw new Error('pgbouncer is not installed');
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'scp-pgbouncer-'));
  writeConfiguration(folder, port, new URL(options.adminUrl), options.serverConnections);
  // It refuses to run as root, and takes another user's name for that; Debian's package brings this one.
  const user = process.getuid?.() === 0 ? ['-u', 'postgres'] : [];
  const child = spawn(PROGRAM, ['-q', ...user, join(folder, 'pgbouncer.ini')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const output: string[] = [];
  child.stderr.on('data', (part: Buffer) => output.push(String(part)));
  for (const until = Date.now() + 10_000; !(await answers(port)); await sleep(30)) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`pgbouncer does not start: ${output.join('')}`);
  }
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeConfiguration(folder: string, port: number, admin: URL, serverConnections: number): void {
  const lines = [
    '[databases]',
    `* = host=127.0.0.1 port=${admin.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'pool_mode = transaction',
    `default_pool_size = ${serverConnections}`,
    'max_client_conn = 500',
    'auth_type = scram-sha-256',
    `auth_file = ${join(folder, 'users.txt')}`,
    `auth_user = ${admin.username}`,
    'auth_query = SELECT rolname, rolpassword FROM pg_catalog.pg_authid WHERE rolname = $1',
    'ignore_startup_parameters = extra_float_digits',
    '',
  ];
  writeFileSync(join(folder, 'pgbouncer.ini'), lines.join('\n'));
  writeFileSync(join(folder, 'users.txt'), `"${admin.username}" "${decodeURIComponent(admin.password)}"\n`);
  // A throw-away server's password, for the time of a test.
  chmodSync(folder, 0o755);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
