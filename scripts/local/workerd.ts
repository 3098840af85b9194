import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILD } from '../bundle/ensure-built.ts';
import { CommandError } from '../command.ts';
import { freePort, isPortFree } from './ports.ts';
import { formatIdentity, identify, isSameProcess, parseIdentity, signal, waitUntilGone } from './processes.ts';
import { type Certificate, workerdConfig } from './workerd-config.ts';

const START_TIMEOUT_MS = 30_000;

/** The worker's settings, as in `server/env.ts`. */
export type WorkerSettings = {
  BASE_DOMAIN: string;
  PORT?: string;
  DATABASE_URL: string;
  MASTER_SECRET: string;
  UPSTASH_REDIS_REST_URL: string;
  UPSTASH_REDIS_REST_TOKEN: string;
  RATE_LIMITS?: string;
  LOCAL_MAILBOX?: '' | 'on';
  SANDBOX_PAYMENTS?: '' | 'on';
};

export type WorkerdOptions = {
  /** Port on 127.0.0.1 and, where there is IPv6, on [::1]; 0 takes a free one. */
  port: number;
  /** Folder for the configuration and the pid file; one per instance. */
  folder: string;
  settings: WorkerSettings;
  /** Makes the port speak TLS. */
  tls?: Certificate;
  /** Certificates in PEM that the worker trusts beside the public ones; by default those of `NODE_EXTRA_CA_CERTS`. */
  trustedCertificates?: string[];
  /** Gets every line that workerd or the worker prints, with the worker's level (`error` for what breaks out of workerd). */
  log?: (line: string, level: string) => void;
  /** Called when workerd ends without having been told to. */
  onCrash?: (reason: string) => void;
};

export type WorkerdServer = {
  port: number;
  tickPort: number;
  pid: number;
  /** Ends it, letting requests in flight finish for two seconds. */
  stop(): Promise<void>;
  /** Ends it as a crash would (SIGKILL). */
  kill(): Promise<void>;
};

/** Serves the built worker in workerd; resolves once it listens. */
export async function startWorkerd(options: WorkerdOptions): Promise<WorkerdServer> {
  if (!existsSync(BUILD.worker)) throw new CommandError('The worker is not built; run: npm run build');
  const port = await claimPort(options.port, options.folder);
  const addresses = await addressesOf(port);
  writeFiles(options, addresses);

  const child = launch(options, port);
  const pid = child.pid ?? 0;
  writeFileSync(pidFile(options.folder), formatIdentity(identify(pid)));
  let isStopping = false;
  const lastLines = forwardOutput(child, options.log);
  const exited = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, exitSignal) => resolve(exitSignal ?? `exit code ${code}`));
  });
  const tickPort = await listening(child, exited, lastLines);
  exited.then((reason) => {
    if (!isStopping) options.onCrash?.(reason);
  });

  const end = async (name: NodeJS.Signals) => {
    isStopping = true;
    child.kill(name);
    if (!(await waitUntilGone(pid, 2_000))) child.kill('SIGKILL');
    await exited;
    rmSync(pidFile(options.folder), { force: true });
  };
  return { port, tickPort, pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/**
 * Makes sure that the port can be had (0: any), ending the workerd that a killed launcher left behind in the folder.
 * @throws CommandError when another program has it
 */
export async function claimPort(port: number, folder: string): Promise<number> {
  const hadOrphan = await stopOrphan(folder);
  const claimed = port === 0 ? await freePort() : port;
  // The kernel closes the sockets of a killed process a moment after the process is gone.
  for (let round = 0; hadOrphan && round < 50 && !(await isPortFree(claimed)); round += 1) await sleep(100);
  await addressesOf(claimed);
  return claimed;
}

/** Both loopback addresses: clients resolve `*.localhost` to either. */
async function addressesOf(port: number): Promise<string[]> {
  if (!(await isPortFree(port))) throw new CommandError(`Port ${port} is taken; set PORT to another.`);
  const hasIpv6 = await isPortFree(0, '::1');
  if (!hasIpv6) return [`127.0.0.1:${port}`];
  if (!(await isPortFree(port, '::1'))) throw new CommandError(`Port ${port} is taken on [::1]; set PORT to another.`);
  return [`127.0.0.1:${port}`, `[::1]:${port}`];
}

function pidFile(folder: string): string {
  return join(folder, 'workerd.pid');
}

/** Ends the workerd that a killed launcher left behind in the folder; false when there is none. */
export async function stopOrphan(folder: string): Promise<boolean> {
  if (!existsSync(pidFile(folder))) return false;
  const orphan = parseIdentity(readFileSync(pidFile(folder), 'utf8'));
  if (!orphan || !isSameProcess(orphan)) return false;
  signal(orphan.pid, 'SIGKILL');
  await waitUntilGone(orphan.pid, 5_000);
  return true;
}

/** The bundle is copied, so that a build meanwhile does not change what a restart runs. */
function writeFiles({ folder, tls, trustedCertificates }: WorkerdOptions, addresses: string[]): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(BUILD.worker, join(folder, 'index.js'));
  copyFileSync(new URL('assets-worker.js', import.meta.url), join(folder, 'assets-worker.js'));
  const config = workerdConfig({
    addresses,
    tickAddress: '127.0.0.1:0',
    clientFolder: BUILD.client,
    ...(tls && { tls }),
    trustedCertificates: trustedCertificates ?? extraCertificates(),
  });
  writeFileSync(join(folder, 'workerd.capnp'), config);
}

/** A database's authority of one's own, where Node's other programs read it too. */
function extraCertificates(): string[] {
  const path = process.env.NODE_EXTRA_CA_CERTS;
  const text = path && existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}

/** workerd has every setting of its configuration in its environment, also those that nobody gave. */
const OFF = { RATE_LIMITS: '', LOCAL_MAILBOX: '', SANDBOX_PAYMENTS: '' };

/** Detached, so that Ctrl-C in the terminal reaches the launcher alone, which stops the parts in order. */
function launch({ folder, settings }: WorkerdOptions, port: number): ChildProcess {
  const path: unknown = createRequire(import.meta.url)('workerd').default;
  if (typeof path !== 'string') throw new CommandError('workerd is not installed for this machine; run: npm ci');
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', 'pipe'];
  return spawn(path, ['serve', '--control-fd=3', join(folder, 'workerd.capnp')], {
    cwd: folder,
    detached: true,
    env: { ...OFF, NODE_ENV: 'production', PORT: String(port), ...settings },
    stdio,
  });
}

function forwardOutput(child: ChildProcess, log: WorkerdOptions['log']): string[] {
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      const { message, level } = parseLine(line);
      lastLines.push(message);
      if (lastLines.length > 20) lastLines.shift();
      log?.(message, level);
    });
  }
  return lastLines;
}

/** workerd writes a JSON object per message; what it says before it has read its configuration is plain text. */
function parseLine(line: string): { message: string; level: string } {
  try {
    const entry: { message?: unknown; level?: unknown } = JSON.parse(line);
    return { message: String(entry.message ?? line), level: String(entry.level ?? 'error') };
  } catch {
    return { message: line, level: 'error' };
  }
}

/** Waits for workerd's report of its sockets and returns the tick socket's port. */
async function listening(child: ChildProcess, exited: Promise<string>, lastLines: string[]): Promise<number> {
  const control = child.stdio[3];
  const reported = new Promise<number>((resolve) => {
    createInterface({ input: control as Readable }).on('line', (line) => {
      const event: { event?: string; socket?: string; port?: number } = JSON.parse(line);
      if (event.event === 'listen' && event.socket === 'tick') resolve(event.port ?? 0);
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it does not listen'), START_TIMEOUT_MS);
  });
  const outcome = await Promise.race([reported, exited, timedOut]);
  clearTimeout(timer);
  if (typeof outcome === 'number') return outcome;
  child.kill('SIGKILL');
  throw new CommandError(`workerd did not start (${outcome}): ${lastLines.at(-1) ?? 'it gave no reason'}`);
}
