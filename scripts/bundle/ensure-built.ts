import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CommandError } from '../command.ts';
import { withLock } from '../local/lock.ts';
import { bundleWorker } from './bundle-worker.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const INPUTS = [
  'app',
  'server',
  'db',
  'tenants',
  'public',
  'scripts/bundle',
  'vite.config.ts',
  'tsconfig.json',
  'package-lock.json',
];

/** Where the build puts things. */
export const BUILD = {
  worker: join(ROOT, 'build/worker/index.js'),
  client: join(ROOT, 'build/client'),
  server: join(ROOT, 'build/server/index.js'),
};

export type BuildOptions = { force?: boolean; log?: (line: string) => void };

/** Builds the browser's files and the worker, unless the last build came from the very same sources. */
export async function ensureBuilt(options: BuildOptions = {}): Promise<{ gzippedBytes: number }> {
  const cache = join(ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  return withLock(join(cache, 'build.lock'), async () => {
    const stamp = join(ROOT, 'build/sources.sha256');
    const sources = hashSources();
    if (options.force || !isCurrent(stamp, sources)) {
      rmSync(stamp, { force: true });
      options.log?.('building');
      await buildPages();
      await bundleWorker({ entry: join(ROOT, 'server/worker.ts'), pages: BUILD.server, outfile: BUILD.worker });
      writeFileSync(stamp, sources);
    }
    return { gzippedBytes: gzipSync(readFileSync(BUILD.worker), { level: 9 }).length };
  });
}

function isCurrent(stamp: string, sources: string): boolean {
  if (!existsSync(BUILD.worker) || !existsSync(BUILD.client)) return false;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
}

/** One hash over the names and contents of everything that a build reads. */
function hashSources(): string {
  const hash = createHash('sha256');
  for (const input of INPUTS) {
    for (const path of filesBelow(join(ROOT, input))) {
      hash.update(`${path}\0${readFileSync(path).length}\0`).update(readFileSync(path));
    }
  }
  return hash.digest('hex');
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

async function buildPages(): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/@remix-run/dev/dist/cli.js'), 'vite:build'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const [status] = await once(child, 'close');
  if (status === 0) return;
  process.stderr.write(Buffer.concat(output));
  throw new CommandError('The pages do not build; the reason is above.');
}
