import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { Settings } from '../../server/env.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { installControlPlane, withoutCredentials } from '../../tenants/control-plane.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import type { Release } from '../../tenants/release.ts';
import { ensureBuilt } from '../bundle/ensure-built.ts';
import { loadSecrets } from './data-folder.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { startUpstash } from './upstash.ts';
import { startWorkerd, type WorkerdServer } from './workerd.ts';
import type { Certificate } from './workerd-config.ts';

/** A tenant of the system and the key of an API consumer with all rights. */
export type SystemTenant = { readonly record: TenantRecord; readonly slug: string; readonly apiKey: string };

/** A whole local system of its own, in a folder that is thrown away. Parts may be killed and started again. */
export type LocalSystem = {
  readonly settings: Settings;
  /** With the administrator's credentials. */
  readonly adminUrl: string;
  /** The working folder of PostgreSQL's processes. */
  readonly postgresFolder: string;
  readonly workerPort: number;
  /** Of the worker that runs now. */
  tickPort(): number;
  /** Of the worker that runs now. */
  workerPid(): number;
  readonly gzippedBytes: number;
  /** What workers logged, as `level: message`. */
  readonly logs: readonly string[];
  createTenant(slug: string, release?: Release): Promise<SystemTenant>;
  /** Ends the worker as a crash would (SIGKILL). */
  killWorker(): Promise<void>;
  /** Starts the worker again, on the same port. */
  startWorker(): Promise<void>;
  /** Starts one more worker on the same database. The system stops it. */
  addWorker(): Promise<WorkerdServer>;
  /** Ends PostgreSQL and all its processes as a power cut would (SIGKILL). */
  killPostgres(): Promise<void>;
  /** Starts PostgreSQL again on its data, on the same port; it recovers first. */
  startPostgres(): Promise<void>;
  /** Ends the store of the rate limits. */
  stopRateLimits(): Promise<void>;
  /** Starts it again, empty, at the same address. */
  startRateLimits(): Promise<void>;
  stop(): Promise<void>;
};

export type SystemOptions = {
  /** Settings of PostgreSQL, such as `max_connections`. Commits are durable unless these say otherwise. */
  postgres?: Record<string, string>;
  /** How the workers reach the database, made of the plain URL: through a proxy, a pooler, over TLS. */
  route?: (url: string) => string;
  /** Makes workers speak TLS. */
  tls?: Certificate;
  /** Certificates in PEM that workers trust beside the public ones. */
  trustedCertificates?: string[];
  /** Gets what workers log and the progress of a build; by default it goes to stderr. */
  log?: (line: string) => void;
};

/** Limits out of the way: what is measured is the product, not its brakes. */
const RATE_LIMITS = JSON.stringify({
  sign_in: { limit: 1_000_000, window: '1 m' },
  sign_in_day: { limit: 1_000_000, window: '1 m' },
  sign_in_account: { limit: 1_000_000, window: '1 m' },
  sign_in_address: { limit: 1_000_000, window: '1 m' },
  api: { limit: 100_000_000, window: '1 m' },
  page: { limit: 100_000_000, window: '1 m' },
});
/** The server's session keeps the plans of every tenant that it created; a fresh one stays fast. */
const TENANTS_PER_CONNECTION = 20;

export async function startLocalSystem(options: SystemOptions = {}): Promise<LocalSystem> {
  const log = options.log ?? ((line: string) => console.error(line));
  const { gzippedBytes } = await ensureBuilt({ log });
  const folder = mkdtempSync(join(process.env.SCP_TEST_FOLDER ?? tmpdir(), 'system-'));
  const launchPostgres = () =>
    startPostgres({ dataDir: folder, ...(options.postgres && { settings: options.postgres }) });
  let postgres: PostgresServer = await launchPostgres();
  const { masterSecret } = loadSecrets(folder);
  let upstash = await startUpstash({ port: 0 });
  const settings: Settings & { RATE_LIMITS: string } = {
    BASE_DOMAIN: 'localhost',
    DATABASE_URL: options.route?.(withoutCredentials(postgres.url)) ?? withoutCredentials(postgres.url),
    MASTER_SECRET: masterSecret,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    RATE_LIMITS,
  };
  const admin = await connectAdmin(postgres.url);
  await installControlPlane(admin, { databaseUrl: settings.DATABASE_URL, masterSecret });
  await admin.end();

  const logs: string[] = [];
  const launchWorker = (port: number, name: string) =>
    startWorkerd({
      port,
      folder: join(folder, name),
      settings,
      ...(options.tls && { tls: options.tls }),
      ...(options.trustedCertificates && { trustedCertificates: options.trustedCertificates }),
      log: (line, level) => {
        logs.push(`${level}: ${line}`);
        log(line);
      },
    });
  let worker = await launchWorker(0, 'worker');
  const more: WorkerdServer[] = [];
  const { port: workerPort } = worker;
  const provision = provisioner(postgres.url, masterSecret);
  const stop = async () => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, interrupt);
    await Promise.all([worker, ...more].map((each) => each.stop()));
    await upstash.stop();
    await provision.close();
    await postgres.stop('fast');
    rmSync(folder, { recursive: true, force: true });
  };
  const interrupt = () => void stop().finally(() => process.exit(130));
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, interrupt);
  return {
    settings,
    adminUrl: postgres.url,
    postgresFolder: join(folder, 'postgres'),
    workerPort,
    tickPort: () => worker.tickPort,
    workerPid: () => worker.pid,
    gzippedBytes,
    logs,
    createTenant: provision.create,
    killWorker: () => worker.kill(),
    startWorker: async () => {
      worker = await launchWorker(workerPort, 'worker');
    },
    addWorker: async () => {
      const added = await launchWorker(0, `worker-${more.length + 2}`);
      more.push(added);
      return added;
    },
    killPostgres: () => postgres.kill(),
    startPostgres: async () => {
      postgres = await launchPostgres();
    },
    stopRateLimits: () => upstash.stop(),
    startRateLimits: async () => {
      upstash = await startUpstash({ port: Number(new URL(upstash.url).port), token: upstash.token });
    },
    stop,
  };
}

/** Creates tenants over a connection that is renewed now and then. */
function provisioner(adminUrl: string, masterSecret: string) {
  let admin: pg.Client | undefined;
  let made = 0;
  const close = async () => {
    await admin?.end().catch(() => {});
    admin = undefined;
  };
  const create: LocalSystem['createTenant'] = async (slug, release) => {
    if (made % TENANTS_PER_CONNECTION === 0) await close();
    made += 1;
    admin ??= await connectAdmin(adminUrl);
    const { tenant, apiKey } = await provisionTenant(admin, {
      slug,
      name: slug,
      ownerEmail: `owner@${slug}.test`,
      masterSecret,
      withApiKey: true,
      ...(release && { release }),
    });
    if (apiKey === undefined) throw new Error('The tenant has no API key');
    return { record: tenant, slug, apiKey };
  };
  return { create, close };
}
