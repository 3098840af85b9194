import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { connectAdmin } from '../../../tenants/connect.ts';
import { installControlPlane, withoutCredentials } from '../../../tenants/control-plane.ts';
import { loadSecrets } from '../../local/data-folder.ts';
import { startPostgres } from '../../local/postgres.ts';

/** PostgreSQL with the control plane, and nothing else of the local system. */
export type BenchServer = {
  readonly admin: pg.Client;
  /** Where clients connect, without a user. */
  readonly address: { host: string; port: number; database: string };
  /** The administrator's own. */
  readonly adminLogin: pg.ClientConfig;
  readonly masterSecret: string;
};

/** Room for everybody's pages, and no checkpoint but those that the bench asks for. Commits stay durable. */
const SETTINGS = {
  max_connections: '200',
  shared_buffers: '1GB',
  max_wal_size: '16GB',
  checkpoint_timeout: '1d',
};

/** Runs `work` on a server in a folder that is thrown away afterwards, also on Ctrl-C. */
export async function withBenchServer(work: (server: BenchServer) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(process.env.SCP_TEST_FOLDER ?? tmpdir(), 'bench-'));
  const postgres = await startPostgres({ dataDir: folder, settings: SETTINGS });
  const stop = async () => {
    await postgres.stop('immediate');
    rmSync(folder, { recursive: true, force: true });
  };
  const interrupt = () => void stop().finally(() => process.exit(130));
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, interrupt);
  try {
    const { masterSecret } = loadSecrets(folder);
    const admin = await connectAdmin(postgres.url);
    await installControlPlane(admin, { databaseUrl: withoutCredentials(postgres.url), masterSecret });
    const url = new URL(postgres.url);
    const address = { host: url.hostname, port: Number(url.port), database: url.pathname.slice(1) };
    await work({
      admin,
      address,
      adminLogin: { ...address, user: url.username, password: url.password },
      masterSecret,
    });
    await admin.end();
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, interrupt);
    await stop();
  }
}
