import type { TestProject } from 'vitest/node';
import { startPgbouncer } from './pgbouncer.ts';
import setupPostgres from './postgres.ts';

/** The run's PostgreSQL with a PgBouncer in transaction mode before it, through which tenants' homes go. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const endPostgres = await setupPostgres(project);
  const { adminUrl } = project.getProvidedContext();
  const bouncer = await startPgbouncer({ adminUrl, serverConnections: 4 });
  project.provide('poolerPort', bouncer.port);
  return async () => {
    await bouncer.stop();
    await endPostgres();
  };
}
