import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { freePort } from '../../scripts/local/ports.ts';
import { stopPostgres } from '../../scripts/local/postgres.ts';
import { stopOrphan } from '../../scripts/local/workerd.ts';
import { hostFetch } from '../support/host-fetch.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const START = join(ROOT, 'scripts/start.ts');

let folder: string;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(inject('runFolder'), 'start-'));
  port = await freePort();
});

afterAll(async () => {
  await stopOrphan(join(folder, 'worker'));
  await stopPostgres(folder, 'immediate');
});

type Launched = { child: ChildProcess; output: () => string; ended: Promise<unknown> };

function start(env: Record<string, string> = {}, command = [process.execPath, START]): Launched {
  const child = spawn(command[0]!, command.slice(1), {
    cwd: ROOT,
    env: {
      ...process.env,
      DATABASE_URL: '',
      BASE_DOMAIN: '',
      SCP_DATA_DIR: folder,
      PORT: String(port),
      DEMO_SCALE: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output, ended: once(child, 'close').then(([code]) => code) };
}

async function untilAnnounced({ output, child }: Launched): Promise<void> {
  while (!output().includes('Ctrl-C stops it.')) {
    if (child.exitCode !== null) throw new Error(output());
    await sleep(100);
  }
}

type Access = { url: string; email: string; password: string; apiKey: string };

function access(): Access {
  return JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8'));
}

async function accounts(): Promise<number> {
  const headers = { authorization: `Bearer ${access().apiKey}` };
  return (await hostFetch(port, `acme.localhost:${port}`, '/api/accounts', { headers })).status;
}

test('npm start serves the demo tenant, starts again on the same data after kill -9, and stops on a signal', async () => {
  const first = start();
  await untilAnnounced(first);
  expect(access().url).toBe(`http://acme.localhost:${port}`);
  expect(statSync(join(folder, 'demo.json')).mode & 0o777).toBe(0o600);
  expect(await accounts()).toBe(200);
  const before = access();

  const beside = start({ PORT: String(await freePort()) });
  expect(await beside.ended).toBe(1);
  expect(beside.output()).toMatch(/^The local system already runs on .*\n$/);

  first.child.kill('SIGKILL');
  await first.ended;
  // A signal to npm alone, as a supervisor sends it, must reach the system, and npm must end as well as it does.
  const second = start({}, ['npm', 'start', '--silent']);
  await untilAnnounced(second);
  expect(access()).toEqual(before);
  expect(await accounts()).toBe(200);

  process.kill(Number(readFileSync(join(folder, 'worker/workerd.pid'), 'utf8').split(' ')[0]), 'SIGKILL');
  while (!second.output().includes('is started again')) await sleep(50);
  while ((await accounts().catch(() => 0)) !== 200) await sleep(100);

  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
  expect(() => readFileSync(join(folder, 'postgres/postmaster.pid'))).toThrow('ENOENT');
  await expect(accounts()).rejects.toThrow('ECONNREFUSED');
}, 180_000);

test('a taken port is one line', async () => {
  const holder = createServer().listen(port, '127.0.0.1');
  await once(holder, 'listening');
  const launched = start();
  expect(await launched.ended).toBe(1);
  expect(launched.output()).toBe(`Port ${port} is taken; set PORT to another.\n`);
  holder.close();
});

test('a folder that cannot be written to is one line', async () => {
  const launched = start({ SCP_DATA_DIR: join(START, 'below-a-file') });
  expect(await launched.ended).toBe(1);
  expect(launched.output()).toMatch(/^Cannot write to the data folder .* \(ENOTDIR\); set SCP_DATA_DIR\.\n$/);
});
