import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadSecrets } from '../../scripts/local/data-folder.ts';
import { startPostgres } from '../../scripts/local/postgres.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { installControlPlane } from '../../tenants/control-plane.ts';
import { ensureReference } from '../../tenants/reference.ts';
import { loadRelease } from '../../tenants/release.ts';
import { endRun } from './end-run.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The run's PostgreSQL with the administrator's credentials; every file makes a database of its own there. */
    adminUrl: string;
    /** Its database with the control plane and the release's reference: what the files' databases are copies of. */
    templateDatabase: string;
    /** Hex; shared by the run, since the gateway's role belongs to the whole server. */
    masterSecret: string;
    /** Folder for files of the run; removed with it, together with the workers started in it. */
    runFolder: string;
    /** Of the pooler through which tenants reach PostgreSQL, in the suites that run behind one. */
    poolerPort?: number;
  }
}

/** Speed over durability: the data is gone with the run. */
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

/** Starts one PostgreSQL for the run, and ends it and whatever the tests left behind. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = process.env.SCP_TEST_FOLDER ?? mkdtempSync(join(tmpdir(), 'scp-test-'));
  const server = await startPostgres({ dataDir: folder, settings: SETTINGS });
  const { masterSecret } = loadSecrets(folder);
  project.provide('adminUrl', server.url);
  project.provide('templateDatabase', await createTemplate(server.url, masterSecret, `control_plane_${project.name}`));
  project.provide('masterSecret', masterSecret);
  project.provide('runFolder', folder);
  return async () => {
    await endRun(folder);
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Ends its connections, since nobody may be connected to what is copied. Each project makes its own: they may share a server. */
async function createTemplate(serverUrl: string, masterSecret: string, name: string): Promise<string> {
  const server = await connectAdmin(serverUrl);
  await server.query(`CREATE DATABASE ${name}`);
  await server.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const admin = await connectAdmin(url.href);
  await installControlPlane(admin, { databaseUrl: url.href, masterSecret });
  await ensureReference(admin, loadRelease());
  await admin.end();
  return name;
}
