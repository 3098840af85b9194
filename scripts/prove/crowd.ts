import { setTimeout as sleep } from 'node:timers/promises';
import { connectAdmin } from '../../tenants/connect.ts';
import { type SystemTenant, startLocalSystem } from '../local/system.ts';
import { type Answer, type Client, createClient } from './client.ts';

export type CrowdOptions = {
  tenants: number;
  maxConnections: number;
  /** How long all of them are active at once. */
  loadMs: number;
  log: (line: string) => void;
};

export type CrowdFigures = {
  tenants: number;
  maxConnections: number;
  requests: number;
  /** Answers by status while all were active. */
  statuses: Record<string, number>;
  /** Answers other than a 200 and a 503 problem document with Retry-After, and requests never answered. */
  wrong: string[];
  slowestSeconds: number;
  /** Tenants that got no 200 while all were active, though they came back after each Retry-After. */
  starved: number;
  /** After the load: until every tenant has answered 200, each asked anew after its Retry-After. */
  recoverySeconds: number;
  /** Connections of tenants that are still open when all have rested. */
  leftOpen: number;
};

/** Nobody should wait longer than this for an answer, whatever the answer. */
const LONGEST_ANSWER_MS = 15_000;
/** Longer than a home waits with what it counted, and then keeps the connection that it told it over. */
const REST_MS = 25_000;

/** More tenants at once than the server has connections. */
export async function proveCrowd(options: CrowdOptions): Promise<CrowdFigures> {
  const { tenants: count, maxConnections, loadMs, log } = options;
  const system = await startLocalSystem({ log: () => {}, postgres: { max_connections: String(maxConnections) } });
  const client = createClient(system.workerPort, LONGEST_ANSWER_MS);
  try {
    const tenants: SystemTenant[] = [];
    while (tenants.length < count) tenants.push(await system.createTenant(`crowd-${tenants.length + 1}`));
    log(`${count} tenants at once on ${maxConnections} connections`);
    const crowd = await runCrowd(client, tenants, loadMs);
    const recoverySeconds = await recover(client, tenants);
    const leftOpen = await connectionsLeftOpen(system.adminUrl);
    const errors = system.logs.filter((line) => line.startsWith('error:'));
    const wrong = [...crowd.wrong, ...errors];
    return { tenants: count, maxConnections, ...crowd, wrong, recoverySeconds, leftOpen };
  } finally {
    client.close();
    await system.stop();
  }
}

async function runCrowd(client: Client, tenants: readonly SystemTenant[], loadMs: number) {
  const until = performance.now() + loadMs;
  const statuses: Record<string, number> = {};
  const wrong: string[] = [];
  let slowest = 0;
  const served = new Set<string>();
  const visit = async (tenant: SystemTenant) => {
    while (performance.now() < until) {
      const answered = await client.api(tenant, '/api/accounts?limit=5').catch((error: Error) => error);
      const problem = flawOf(answered);
      if (problem !== null) wrong.push(problem);
      if (answered instanceof Error) continue;
      statuses[answered.status] = (statuses[answered.status] ?? 0) + 1;
      slowest = Math.max(slowest, answered.ms);
      if (answered.status === 200) served.add(tenant.slug);
      // A person who reads the page, or a program that keeps to Retry-After.
      await sleep(answered.status === 200 ? 500 : retryAfterMs(answered));
    }
  };
  await Promise.all(tenants.flatMap((tenant) => [visit(tenant), visit(tenant)]));
  const requests = Object.values(statuses).reduce((total, each) => total + each, 0);
  return { requests, statuses, wrong, slowestSeconds: slowest / 1000, starved: tenants.length - served.size };
}

/** What is wrong with an answer of the full server, or null. */
function flawOf(answered: Answer | Error): string | null {
  if (answered instanceof Error) return answered.message;
  if (answered.status === 200) return null;
  const isProblem = answered.headers['content-type'] === 'application/problem+json';
  return answered.status === 503 && isProblem && retryAfterMs(answered) > 0
    ? null
    : `${answered.status}: ${answered.text}`;
}

function retryAfterMs({ headers }: Answer): number {
  return Number(headers['retry-after'] ?? 0) * 1000;
}

async function recover(client: Client, tenants: readonly SystemTenant[]): Promise<number> {
  const start = performance.now();
  const visit = async (tenant: SystemTenant) => {
    for (;;) {
      const answered = await client.api(tenant, '/api/accounts?limit=5');
      if (answered.status === 200) return;
      if (performance.now() - start > 120_000) throw new Error(`${tenant.slug} does not recover: ${answered.text}`);
      await sleep(retryAfterMs(answered));
    }
  };
  await Promise.all(tenants.map(visit));
  return (performance.now() - start) / 1000;
}

/** Tenants' connections, once all are closed or the time for it is over. */
async function connectionsLeftOpen(adminUrl: string): Promise<number> {
  const admin = await connectAdmin(adminUrl);
  const until = performance.now() + REST_MS;
  for (;;) {
    const { rows } = await admin.query<{ open: number }>(
      `SELECT count(*)::integer AS open FROM pg_stat_activity WHERE usename LIKE 'tenant\\_%'`,
    );
    const open = rows[0]?.open ?? 0;
    if (open === 0 || performance.now() > until) {
      await admin.end();
      return open;
    }
    await sleep(250);
  }
}
