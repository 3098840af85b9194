import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../command.ts';
import { formatIdentity, identify, isSameProcess, parseIdentity } from './processes.ts';

/**
 * Notes that this process runs the local system on the folder; the function returned takes the note back.
 * @throws CommandError when another one does already
 */
export function claimFolder(folder: string): () => void {
  const path = join(folder, 'launcher.pid');
  const holder = readIdentity(path);
  if (holder && isSameProcess(holder)) {
    throw new CommandError(`The local system already runs on ${folder} (process ${holder.pid}).`);
  }
  writeFileSync(path, formatIdentity(identify(process.pid)));
  return () => rmSync(path, { force: true });
}

function readIdentity(path: string) {
  try {
    return parseIdentity(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
