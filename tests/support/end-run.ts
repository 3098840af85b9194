import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stopPostgres } from '../../scripts/local/postgres.ts';
import { stopOrphan } from '../../scripts/local/workerd.ts';

/** Ends the workers that failed tests left behind in the run's folder, and its PostgreSQL. */
export async function endRun(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith('stack-')) await stopOrphan(path);
    if (name.startsWith('system-')) await endSystem(path);
  }
  await stopPostgres(folder, 'fast');
}

/** A whole local system of its own: its workers, and its PostgreSQL. */
async function endSystem(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('worker')) await stopOrphan(join(folder, name));
  }
  await stopPostgres(folder, 'fast');
}
