import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type PostgresServer, startPostgres, stopPostgres } from '../../scripts/local/postgres.ts';
import { isAlive } from '../../scripts/local/processes.ts';
import { refuseOldServer, withDatabase } from '../../scripts/local/with-database.ts';

const CHILD = resolve(import.meta.dirname, 'with-database-child.ts');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(inject('runFolder'), 'postgres-test-'));
});

afterAll(async () => {
  if (folder) await stopPostgres(folder, 'immediate');
});

async function ask(server: PostgresServer, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return Object.values((await client.query(text)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

test('a second start takes the running server over; what it holds survives a kill -9', async () => {
  const first = await startPostgres({ dataDir: folder });
  expect(first.started).toBe(true);
  expect(Number(await ask(first, 'SHOW server_version_num'))).toBeGreaterThanOrEqual(180_000);
  await ask(first, 'CREATE TABLE kept AS SELECT 42 AS answer');

  const second = await startPostgres({ dataDir: folder });
  expect([second.started, second.pid, second.port]).toEqual([false, first.pid, first.port]);

  process.kill(first.pid, 'SIGKILL');
  const third = await startPostgres({ dataDir: folder });
  expect([third.started, third.port]).toEqual([true, first.port]);
  expect(await ask(third, 'SELECT answer FROM kept')).toBe(42);
  await third.stop();
  expect(isAlive(third.pid)).toBe(false);
});

test('secrets are readable by their owner only, and the server listens on this machine only', async () => {
  expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  const server = await startPostgres({ dataDir: folder });
  expect(await ask(server, 'SHOW listen_addresses')).toBe('127.0.0.1');
  expect(await ask(server, 'SHOW unix_socket_directories')).toBe('');
  await server.stop();
});

test('commands at the same time share one server, and the last one stops it', async () => {
  const shared = mkdtempSync(join(inject('runFolder'), 'shared-'));
  const children = [300, 20, 100].map((holdMs) =>
    spawn(process.execPath, [CHILD, String(holdMs)], {
      env: { ...process.env, SCP_DATA_DIR: shared, DATABASE_URL: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const outputs = await Promise.all(
    children.map(async (child) => {
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
      });
      const [code] = await once(child, 'close');
      return [code, output.trim()];
    }),
  );
  expect(outputs).toEqual([
    [0, '1'],
    [0, '1'],
    [0, '1'],
  ]);
  expect(() => readFileSync(join(shared, 'postgres/postmaster.pid'))).toThrow('ENOENT');
});

test('what cannot work is said in one line', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  await expect(startPostgres({ dataDir: join(file, 'below') })).rejects.toThrow(
    /^Cannot write to the data folder .*ENOTDIR/,
  );

  const old = mkdtempSync(join(inject('runFolder'), 'old-'));
  mkdirSync(join(old, 'postgres'));
  writeFileSync(join(old, 'postgres/PG_VERSION'), '16\n');
  await expect(startPostgres({ dataDir: old })).rejects.toThrow(/holds data of PostgreSQL 16, this is PostgreSQL 18/);

  await expect(refuseOldServer('postgres://127.0.0.1:1/none')).rejects.toThrow(
    /^Cannot reach the database.*ECONNREFUSED/,
  );
  await expect(refuseOldServer('nonsense')).rejects.toThrow(/DATABASE_URL/);
  rmSync(file);
});

test('DATABASE_URL is used as it is', async () => {
  const env = { DATABASE_URL: inject('adminUrl'), MASTER_SECRET: 'ab'.repeat(32) };
  expect(await withDatabase(async (database) => database, env)).toEqual({
    url: inject('adminUrl'),
    masterSecret: 'ab'.repeat(32),
  });
});
