import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type LocalSystem, startLocalSystem } from '../../local/system.ts';
import { indexTrail, loadTrail } from './load.ts';

/** What one export of the built worker took: resident memory of its process in MiB, before, at most and at the end. */
export type ExportFigures = {
  events: number;
  seconds: number;
  sentMib: number;
  startMib: number;
  mostMib: number;
  /** At most while the reader took nothing. */
  stoppedMib: number;
  endMib: number;
};

/** How much more an export of the largest trail may hold than one of the smallest: a seventh of what it sends. */
const ALLOWED_MIB = 64;
/** The reader stops this often, for so long, and takes nothing meanwhile. */
const STOPS = 4;
const STOP_MS = 1_500;
const BYTES_PER_EVENT = 500;

/** Exports trails of several sizes from a fresh worker each, to a reader that now and then takes nothing. */
export async function measureExports(
  sizes: readonly number[],
  log: (line: string) => void,
): Promise<readonly ExportFigures[]> {
  const system = await startLocalSystem({ postgres: { max_wal_size: '8GB' }, log: () => {} });
  const figures: ExportFigures[] = [];
  try {
    for (const size of sizes) {
      const tenant = await system.createTenant(`export-${size}`);
      await fill(system, tenant.record.schema, size);
      // Nothing that an earlier export left behind counts.
      await system.killWorker();
      await system.startWorker();
      await read(system, tenant, '/api/audit-logs?limit=50', 0);
      const exported = await read(system, tenant, '/api/audit-logs/export', size);
      figures.push(exported);
      log(describeExport(exported));
    }
  } finally {
    await system.stop();
  }
  return figures;
}

async function fill(system: LocalSystem, schema: string, size: number): Promise<void> {
  const owner = new pg.Client({ connectionString: system.adminUrl });
  await owner.connect();
  try {
    await owner.query(`SET search_path = ${pg.escapeIdentifier(schema)}, pg_catalog, pg_temp`);
    await owner.query('SET synchronous_commit = off');
    await loadTrail(owner, size);
    await indexTrail(owner);
    await owner.query(`VACUUM (ANALYZE) audit_events, audit_search`);
  } finally {
    await owner.end();
  }
}

/** Resident memory of a process. */
function residentMib(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error('The system does not tell how much memory a process holds');
  return Number(kibibytes) / 1024;
}

/** Watches the worker while `work` runs. */
async function watched<T>(pid: number, work: (isStopped: (value: boolean) => void) => Promise<T>) {
  const seen = { startMib: residentMib(pid), mostMib: 0, stoppedMib: 0 };
  let isStopped = false;
  const look = () => {
    const held = residentMib(pid);
    seen.mostMib = Math.max(seen.mostMib, held);
    if (isStopped) seen.stoppedMib = Math.max(seen.stoppedMib, held);
  };
  const timer = setInterval(look, 50);
  try {
    const answer = await work((value) => {
      isStopped = value;
    });
    look();
    return { answer, ...seen, endMib: residentMib(pid) };
  } finally {
    clearInterval(timer);
  }
}

/** Downloads, verifies the checksum of an export, and tells what the worker held. */
async function read(
  system: LocalSystem,
  tenant: { slug: string; apiKey: string },
  path: string,
  events: number,
): Promise<ExportFigures> {
  const began = performance.now();
  const stopAfter = (events * BYTES_PER_EVENT) / (STOPS + 1);
  const { answer, ...held } = await watched(system.workerPid(), async (setStopped) => {
    let [sent, stops, last] = [0, 0, ''];
    const hash = createHash('sha256');
    for await (const part of await download(system.workerPort, tenant, path)) {
      sent += part.length;
      const text = last + part.toString('latin1');
      const cut = text.lastIndexOf('\n', text.length - 2) + 1;
      hash.update(text.slice(0, cut), 'latin1');
      last = text.slice(cut);
      if (stops < STOPS && events > 0 && sent > stopAfter * (stops + 1)) {
        stops += 1;
        setStopped(true);
        await sleep(STOP_MS);
        setStopped(false);
      }
    }
    return { sent, last, sha256: hash.digest('hex') };
  });
  if (events > 0) {
    const end = JSON.parse(answer.last) as { events: number; sha256: string };
    if (end.sha256 !== answer.sha256 || end.events < events) throw new Error('The export is not whole');
  }
  return { events, seconds: (performance.now() - began) / 1000, sentMib: answer.sent / 1024 / 1024, ...held };
}

function download(port: number, { slug, apiKey }: { slug: string; apiKey: string }, path: string) {
  return new Promise<AsyncIterable<Buffer>>((resolve, reject) => {
    const headers = { host: `${slug}.localhost:${port}`, authorization: `Bearer ${apiKey}` };
    const sent = request({ host: '127.0.0.1', port, path, headers });
    sent.on('error', reject);
    sent.on('response', (received) => {
      if (received.statusCode === 200) resolve(received);
      else reject(new Error(`The export answers ${received.statusCode}`));
    });
    sent.end();
  });
}

export function describeExport(figures: ExportFigures): string {
  const { events, seconds, sentMib, startMib, mostMib, stoppedMib, endMib } = figures;
  const mib = (value: number) => `${value.toFixed(0)} MiB`;
  return `Export of ${events} events, ${mib(sentMib)}, ${seconds.toFixed(0)} s: the worker held ${mib(startMib)} before, ${mib(mostMib)} at most (${mib(stoppedMib)} while the reader took nothing), ${mib(endMib)} at the end`;
}

/** Why the memory of exports counts as growing; empty when it does not. */
export function growthOf(figures: readonly ExportFigures[]): string[] {
  const [least, most] = [figures[0]!, figures.at(-1)!];
  const growth = most.mostMib - least.mostMib;
  return growth <= ALLOWED_MIB
    ? []
    : [
        `An export of ${most.events} events held ${growth.toFixed(0)} MiB more than one of ${least.events}; ${ALLOWED_MIB} are allowed`,
      ];
}
