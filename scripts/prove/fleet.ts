import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { connectAdmin } from '../../tenants/connect.ts';
import { migrateFleet } from '../../tenants/migrate.ts';
import { loadRelease } from '../../tenants/release.ts';
import { verifyFleet } from '../../tenants/verify.ts';
import { SCHEMA_VERSION } from '../../tenants/version.ts';
import { median } from '../bench/measure.ts';
import { type LocalSystem, type SystemTenant, startLocalSystem } from '../local/system.ts';
import { type Client, createClient } from './client.ts';
import { smokeApi } from './smoke.ts';

export type FleetOptions = { tenants: number; log: (line: string) => void };

export type FleetFigures = {
  tenants: number;
  provisionMedianMs: number;
  provisionMaxMs: number;
  /** Tenants at the new version when the migration was killed, and left for its second run. */
  migratedBeforeKill: number;
  migratedAfterwards: number;
  /** Exit codes of `tenant:migrate`: killed (null), run again, run with nothing to do. */
  exitCodes: (number | null)[];
  migrateMsPerTenant: number;
  /** Statements that a migration with nothing to do sends. */
  noOpQueries: number;
  drifted: number;
  /** What did not answer as it must: schema N−1 and N are served, N−2 and N+1 are `tenant_upgrading`. */
  wrong: string[];
};

const COMMAND = fileURLToPath(new URL('../tenant.ts', import.meta.url));

/** Provisions a fleet one version back, serves it, migrates it with a kill in the middle, and serves it again. */
export async function proveFleet({ tenants: count, log }: FleetOptions): Promise<FleetFigures> {
  const system = await startLocalSystem({ log: () => {} });
  const client = createClient(system.workerPort, 15_000);
  try {
    // The release before this one, as far as this clone knows it: its migrations, with the functions of today.
    const older = loadRelease({ upTo: SCHEMA_VERSION - 1 });
    const times: number[] = [];
    const tenants: SystemTenant[] = [];
    while (tenants.length < count) {
      const start = performance.now();
      tenants.push(await system.createTenant(`fleet-${tenants.length + 1}`, older));
      times.push(performance.now() - start);
    }
    log(`${count} tenants provisioned at version ${older.version}`);
    const wrong = await serveOlder(client, tenants);
    const migration = await migrateWithKill(system, count, log);
    wrong.push(...(await serveNewer(system, client, tenants)));
    return {
      tenants: count,
      // The first one also builds the release's reference.
      provisionMedianMs: median(times),
      provisionMaxMs: Math.max(...times),
      ...migration,
      ...(await inspect(system)),
      wrong,
    };
  } finally {
    client.close();
    await system.stop();
  }
}

/** Code at N on schemas at N−1. */
async function serveOlder(client: Client, tenants: readonly SystemTenant[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const tenant of tenants.slice(0, 2)) {
    await smokeApi(client, tenant).catch((error: Error) => wrong.push(`version N−1: ${error.message}`));
  }
  return wrong;
}

/** Code at N on schemas at N, and its refusal of what it does not know, as the catalog tells it. */
async function serveNewer(system: LocalSystem, client: Client, tenants: readonly SystemTenant[]): Promise<string[]> {
  const [current, tooOld, tooNew] = tenants.slice(-3);
  if (!current || !tooOld || !tooNew) throw new Error('A fleet has at least five tenants');
  const wrong: string[] = [];
  await smokeApi(client, current).catch((error: Error) => wrong.push(`version N: ${error.message}`));
  const admin = await connectAdmin(system.adminUrl);
  for (const [tenant, version] of [
    [tooOld, SCHEMA_VERSION - 2],
    [tooNew, SCHEMA_VERSION + 1],
  ] as const) {
    const set = 'UPDATE platform.tenants SET schema_version = $1 WHERE slug = $2';
    await admin.query(set, [version, tenant.slug]);
    for (const path of ['/api/accounts', '/', '/sign-in', '/mcp']) {
      const { status, headers, text } = await client.api(tenant, path);
      const isRight =
        status === 503 && Number(headers['retry-after']) > 0 && /tenant_upgrading|being upgraded/.test(text);
      if (!isRight) wrong.push(`version ${version}, ${path}: ${status} ${text.slice(0, 200)}`);
    }
    await admin.query(set, [SCHEMA_VERSION, tenant.slug]);
  }
  await admin.end();
  return wrong;
}

async function migrateWithKill(system: LocalSystem, count: number, log: (line: string) => void) {
  const admin = await connectAdmin(system.adminUrl);
  const migrated = async () => {
    const { rows } = await admin.query<{ done: number }>(
      'SELECT count(*)::integer AS done FROM platform.tenants WHERE schema_version = $1',
      [SCHEMA_VERSION],
    );
    return rows[0]?.done ?? 0;
  };
  const killed = migrateCommand(system);
  await afterProgress(killed, Math.floor(count / 3));
  killed.kill('SIGKILL');
  await exitCodeOf(killed);
  const migratedBeforeKill = await migrated();
  log(`killed with ${migratedBeforeKill} of ${count} migrated`);
  const start = performance.now();
  const second = await exitCodeOf(migrateCommand(system));
  const elapsedMs = performance.now() - start;
  const migratedAfterwards = (await migrated()) - migratedBeforeKill;
  const third = await exitCodeOf(migrateCommand(system));
  await admin.end();
  return {
    migratedBeforeKill,
    migratedAfterwards,
    exitCodes: [killed.exitCode, second, third],
    migrateMsPerTenant: elapsedMs / Math.max(1, migratedAfterwards),
  };
}

/** `npm run tenant:migrate`, as an operator runs it. */
function migrateCommand(system: LocalSystem): ChildProcess {
  const env = { ...process.env, DATABASE_URL: system.adminUrl, MASTER_SECRET: system.settings.MASTER_SECRET };
  return spawn(process.execPath, [COMMAND, 'migrate', '--parallel', '4'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Waits until the command has told of so many tenants; it writes a line for each. */
async function afterProgress(child: ChildProcess, lines: number): Promise<void> {
  let seen = 0;
  for await (const part of child.stderr ?? []) {
    seen += String(part).split('\n').length - 1;
    if (seen >= lines) return;
  }
  throw new Error('The migration ended before it could be killed');
}

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  child.stderr?.resume();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

async function inspect(system: LocalSystem) {
  const admin = await connectAdmin(system.adminUrl);
  const { drifted } = await verifyFleet(admin);
  await admin.end();
  let noOpQueries = 0;
  await migrateFleet({
    connect: async () => {
      const client = await connectAdmin(system.adminUrl);
      const query: (...args: unknown[]) => unknown = client.query.bind(client);
      const counting = (...args: unknown[]) => {
        noOpQueries += 1;
        return query(...args);
      };
      return Object.defineProperty(client, 'query', { value: counting }) as pg.Client;
    },
  });
  return { drifted: drifted.length, noOpQueries };
}
