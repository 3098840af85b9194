import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What tells a process from a later one that was given the same number. */
export type ProcessIdentity = { pid: number; startedAt: string };

/** True while the process runs; a zombie that nobody has reaped counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return !isZombie(pid);
}

/** True for a dead process that its parent has not reaped: signals still reach it, and do nothing. */
export function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}

/** The processes that have the folder as their working directory (none where the system does not tell). */
export function processesIn(folder: string): number[] {
  const pids = existsSync('/proc/self') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return pids.filter((pid) => workingFolder(pid) === folder).map(Number);
}

function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Identity of a running process. Outside Linux there is no start time, and the number alone must do. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: statFields(pid)?.[19] ?? '' };
}

/** True when exactly this process still runs. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  return isAlive(identity.pid) && identify(identity.pid).startedAt === identity.startedAt;
}

/** Reads an identity written by {@link formatIdentity}. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [pid, startedAt = ''] = text.trim().split(' ');
  const number = Number(pid);
  return Number.isSafeInteger(number) && number > 1 ? { pid: number, startedAt } : undefined;
}

export function formatIdentity(identity: ProcessIdentity): string {
  return `${identity.pid} ${identity.startedAt}\n`;
}

/** Waits until the process is gone; false when it still runs after the time given. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone already
  }
}

/** Fields of /proc/<pid>/stat from the third on (state first); the name before them may hold anything, hence the last bracket. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
