import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../command.ts';
import { formatIdentity, identify, isSameProcess, parseIdentity } from './processes.ts';

/**
 * Runs `work` while holding the lock file, waiting for whoever holds it. The file names its holder, so one left behind
 * by a killed process is recognised and removed.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!take(path)) await sleep(50);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Linking a finished file makes the lock appear together with its holder's name. */
function take(path: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, formatIdentity(identify(process.pid)));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    removeWhenAbandoned(path);
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function removeWhenAbandoned(path: string): void {
  try {
    const holder = parseIdentity(readFileSync(path, 'utf8'));
    if (!holder || !isSameProcess(holder)) rmSync(path, { force: true });
  } catch {
    // its holder removed it just now
  }
}
