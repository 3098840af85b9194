import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inject } from 'vitest';
import { ensureBuilt } from '../../scripts/bundle/ensure-built.ts';
import { startUpstash, type UpstashServer } from '../../scripts/local/upstash.ts';
import { startWorkerd, type WorkerdServer, type WorkerSettings } from '../../scripts/local/workerd.ts';
import { acceptInvitation } from '../../server/contexts/user/operations.ts';
import { createNodeHome } from '../../server/node.ts';
import { anonymous } from '../../server/operations/actor.ts';
import { execute } from '../../server/operations/execute.ts';
import { withoutCredentials } from '../../tenants/control-plane.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import { freshDatabase, newSlug, type TestDatabase } from '../tenants/database.ts';
import { type HostFetchInit, hostFetch } from './host-fetch.ts';
import { hashCheaply } from './tenant.ts';

/** A tenant of the stack, with the owner's ways in. */
export type StackTenant = {
  record: TenantRecord;
  slug: string;
  apiKey: string;
  owner: { email: string; password: string };
};

export type StackOptions = {
  /** How many tenants; 1 by default. */
  tenants?: number;
  /** Overrides the worker's settings, such as `DATABASE_URL` through a proxy or `RATE_LIMITS`. */
  settings?: (settings: WorkerSettings) => Partial<WorkerSettings>;
};

/** The built worker in workerd, on a database of its own. */
export type Stack = {
  tenants: StackTenant[];
  /** The first tenant. */
  tenant: StackTenant;
  database: TestDatabase;
  settings: WorkerSettings;
  port: number;
  /** What the worker logged, as `level: message`. */
  logs: string[];
  url(slug: string): string;
  /** Asks as nobody; `slug` "" is the apex. */
  fetch(slug: string, path: string, init?: HostFetchInit): Promise<Response>;
  /** Asks with the tenant's API key. */
  api(tenant: StackTenant, path: string, init?: HostFetchInit): Promise<Response>;
  /** Runs one tick and answers its status. */
  tick(): Promise<Response>;
  /** Ticks until `find` answers something: a tick ends when its time is up, with work left for the next. */
  tickUntil<T>(find: () => Promise<T | null | undefined | false>): Promise<T>;
  /** Starts workerd again on the same port: gracefully, or after SIGKILL. */
  restart(how?: 'stop' | 'kill'): Promise<void>;
  /** Stops everything. @throws when the worker logged an error that the test did not take out of `logs` */
  stop(): Promise<void>;
};

/** Rate limits that no test meets unless it means to. */
const NO_LIMITS = JSON.stringify({
  sign_in: { limit: 1_000_000, window: '1 m' },
  sign_in_day: { limit: 1_000_000, window: '1 m' },
  sign_in_account: { limit: 1_000_000, window: '1 m' },
  sign_in_address: { limit: 1_000_000, window: '1 m' },
  api: { limit: 1_000_000, window: '1 m' },
  page: { limit: 1_000_000, window: '1 m' },
});

/** Builds when needed, provisions fresh tenants, and serves them. Call `stop` in `afterAll`. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  await ensureBuilt();
  const database = await freshDatabase();
  const upstash = await startUpstash();
  const plain: WorkerSettings = {
    BASE_DOMAIN: 'localhost',
    DATABASE_URL: withoutCredentials(database.url),
    MASTER_SECRET: database.masterSecret,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    RATE_LIMITS: NO_LIMITS,
    LOCAL_MAILBOX: 'on',
    SANDBOX_PAYMENTS: 'on',
  };
  const tenants: StackTenant[] = [];
  for (let count = 0; count < (options.tenants ?? 1); count += 1) tenants.push(await createTenant(database, plain));
  const settings = { ...plain, ...options.settings?.(plain) };
  // The homes reach the tenants' schemas the same way as the directory its catalog.
  await database.admin.query('UPDATE platform.clusters SET url = $1', [settings.DATABASE_URL]);
  return serve({ database, upstash, tenants, settings });
}

async function createTenant(database: TestDatabase, settings: WorkerSettings): Promise<StackTenant> {
  const slug = newSlug('stack');
  const email = `owner@${slug}.test`;
  const created = await provisionTenant(database.admin, {
    slug,
    name: `Stack ${slug}`,
    ownerEmail: email,
    masterSecret: database.masterSecret,
    withApiKey: true,
  });
  const password = randomBytes(12).toString('base64url');
  const home = createNodeHome(settings, created.tenant);
  try {
    const input = { token: created.invitationToken, name: 'Owner', password };
    await execute(home.runtime, acceptInvitation, anonymous, input, { requestId: 'stack', door: 'command' });
  } finally {
    await home.close();
  }
  // Past the triggers, which would have it audited.
  await database.admin.query(`SET session_replication_role = replica;
    UPDATE ${created.tenant.schema}.users SET password_hash = '${await hashCheaply(password)}';
    SET session_replication_role = origin`);
  return { record: created.tenant, slug, apiKey: created.apiKey ?? '', owner: { email, password } };
}

type Parts = { database: TestDatabase; upstash: UpstashServer; tenants: StackTenant[]; settings: WorkerSettings };

async function serve({ database, upstash, tenants, settings }: Parts): Promise<Stack> {
  const logs: string[] = [];
  const folder = join(inject('runFolder'), `stack-${randomBytes(5).toString('hex')}`);
  const start = (port: number): Promise<WorkerdServer> =>
    startWorkerd({ port, folder, settings, log: (line, level) => logs.push(`${level}: ${line}`) });
  let worker = await start(0);
  const { port } = worker;
  const hostOf = (slug: string) => `${slug === '' ? '' : `${slug}.`}localhost:${port}`;
  const fetch: Stack['fetch'] = (slug, path, init) => hostFetch(port, hostOf(slug), path, init);
  const tick = () => hostFetch(worker.tickPort, 'tick', '/', { method: 'POST' });
  const tenant = tenants[0];
  if (!tenant) throw new Error('A stack has at least one tenant');
  return {
    tenants,
    tenant,
    database,
    settings,
    port,
    logs,
    url: (slug) => `http://${hostOf(slug)}`,
    fetch,
    api: (of, path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${of.apiKey}`);
      return fetch(of.slug, path, { ...init, headers });
    },
    tick,
    tickUntil: async (find) => {
      const until = Date.now() + 60_000;
      while (Date.now() < until) {
        await tick();
        const found = await find();
        if (found) return found;
        await setTimeout(200);
      }
      throw new Error('The jobs did not bring about what the test waits for');
    },
    restart: async (how = 'stop') => {
      await worker[how]();
      worker = await start(port);
    },
    stop: async () => {
      await worker.stop();
      await upstash.stop();
      await database.drop();
      const errors = logs.filter((line) => line.startsWith('error:'));
      if (errors.length > 0) throw new Error(`The worker logged errors:\n${errors.join('\n')}`);
    },
  };
}
