import { connectAdmin } from '../../tenants/connect.ts';
import { installControlPlane, withoutCredentials } from '../../tenants/control-plane.ts';
import { TenantError } from '../../tenants/error.ts';
import { migrateFleet } from '../../tenants/migrate.ts';
import { CommandError } from '../command.ts';
import { DEMO_SLUG, type DemoAccess, ensureDemoTenant } from './demo-tenant.ts';
import type { Shutdown } from './shutdown.ts';
import { startUpstash } from './upstash.ts';
import type { Database } from './with-database.ts';
import type { WorkerSettings } from './workerd.ts';

export type Prepared = { settings: WorkerSettings; demo: DemoAccess | undefined };

export type PrepareOptions = {
  database: Database;
  folder: string;
  /** Address of the demo tenant's portal. */
  url: string;
  shutdown: Shutdown;
  note: (line: string) => void;
};

/** Everything the worker needs before it starts: control plane, tenants up to date, demo tenant, rate limit store. */
export async function prepareSystem(options: PrepareOptions): Promise<Prepared> {
  const { database, folder, url, shutdown, note } = options;
  const upstash = await startUpstash();
  shutdown.onStop(upstash.stop);
  const settings: WorkerSettings = {
    BASE_DOMAIN: process.env.BASE_DOMAIN || 'localhost',
    PORT: new URL(url).port,
    DATABASE_URL: withoutCredentials(database.url),
    MASTER_SECRET: database.masterSecret,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    RATE_LIMITS: process.env.RATE_LIMITS ?? '',
    LOCAL_MAILBOX: 'on',
    SANDBOX_PAYMENTS: 'on',
  };
  const admin = await connectAdmin(database.url);
  try {
    const warnings = await installControlPlane(admin, {
      databaseUrl: database.url,
      masterSecret: database.masterSecret,
    });
    warnings.forEach(note);
    const demo = await ensureDemoTenant({ admin, folder, url, settings, onProgress: note, check: shutdown.check });
    await migrateTenants(database.url, note);
    return { settings, demo };
  } catch (error) {
    if (error instanceof TenantError) throw new CommandError(error.message);
    throw error;
  } finally {
    await admin.end().catch(() => {});
  }
}

/** On a server of one's own all tenants, on a shared one the demo tenant alone: the others are their operator's. */
async function migrateTenants(url: string, note: (line: string) => void): Promise<void> {
  const result = await migrateFleet({
    connect: () => connectAdmin(url),
    ...(process.env.DATABASE_URL ? { slug: DEMO_SLUG } : {}),
    onProgress: ({ slug, reason }) =>
      note(reason ? `tenant ${slug} could not be migrated: ${reason}` : `migrated ${slug}`),
  });
  if (result.failed.some(({ slug }) => slug === DEMO_SLUG)) {
    throw new CommandError(
      `The demo tenant could not be migrated; npm run tenant:drop -- --confirm ${DEMO_SLUG} starts afresh.`,
    );
  }
}
