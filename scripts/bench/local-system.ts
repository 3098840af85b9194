import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Settings } from '../../server/env.ts';
import { installControlPlane, withoutCredentials } from '../../tenants/control-plane.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import { tenantBySlug } from '../../tenants/resolve.ts';
import { ensureBuilt } from '../bundle/ensure-built.ts';
import { loadSecrets } from '../local/data-folder.ts';
import { startPostgres } from '../local/postgres.ts';
import { startUpstash } from '../local/upstash.ts';
import { startWorkerd } from '../local/workerd.ts';

/** A whole local system of its own, in a folder that is thrown away. */
export type LocalSystem = {
  readonly settings: Settings;
  /** With the administrator's credentials. */
  readonly adminUrl: string;
  readonly workerPort: number;
  readonly gzippedBytes: number;
  createTenant(slug: string): Promise<{ record: TenantRecord; apiKey: string }>;
  stop(): Promise<void>;
};

/** Durable commits, limits out of the way: what is measured is the product, not its brakes. */
const RATE_LIMITS = JSON.stringify({
  sign_in: { limit: 1_000_000, window: '1 m' },
  api: { limit: 100_000_000, window: '1 m' },
  page: { limit: 100_000_000, window: '1 m' },
});

export async function startLocalSystem(): Promise<LocalSystem> {
  const { gzippedBytes } = await ensureBuilt({ log: (line) => console.error(line) });
  const folder = mkdtempSync(join(tmpdir(), 'scp-bench-'));
  const postgres = await startPostgres({ dataDir: folder });
  const { masterSecret } = loadSecrets(folder);
  const upstash = await startUpstash({ port: 0 });
  const settings: Settings = {
    BASE_DOMAIN: 'localhost',
    DATABASE_URL: withoutCredentials(postgres.url),
    MASTER_SECRET: masterSecret,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    RATE_LIMITS,
  };
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  await installControlPlane(admin, { databaseUrl: postgres.url, masterSecret });
  const workerd = await startWorkerd({ port: 0, folder, settings: { ...settings, RATE_LIMITS }, log: (line) => console.error(line) });
  return {
    settings,
    adminUrl: postgres.url,
    workerPort: workerd.port,
    gzippedBytes,
    createTenant: async (slug) => {
      const { apiKey } = await provisionTenant(admin, { slug, name: slug, ownerEmail: `owner@${slug}.test`, masterSecret, withApiKey: true });
      const record = await tenantBySlug(async (text, values) => (await admin.query(text, [...values])).rows, slug);
      return { record: record!, apiKey: apiKey! };
    },
    stop: async () => {
      await workerd.stop();
      await upstash.stop();
      await admin.end();
      await postgres.stop('fast');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
