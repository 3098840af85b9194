import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandError, errorCode } from '../command.ts';

/** What the local system keeps secret between two starts. */
export type Secrets = { masterSecret: string; postgresPassword: string };

/** The folder that holds the local system's data (`SCP_DATA_DIR`, default `.data`), as an absolute path. */
export function dataFolder(env: Record<string, string | undefined> = process.env): string {
  return resolve(env.SCP_DATA_DIR || '.data');
}

/** Creates the folder when missing and proves that it can be written to. */
export function ensureDataFolder(folder: string): void {
  try {
    makeFolder(folder);
    const probe = join(folder, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new CommandError(
      `Cannot write to the data folder ${folder} (${errorCode(error) ?? error}); set SCP_DATA_DIR.`,
    );
  }
}

/** Step by step: `recursive` never returns on file systems that refuse with ENOENT, such as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (!existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** The folder's secrets, made at random the first time. The file appears whole or not at all, even with two starts at once. */
export function loadSecrets(folder: string): Secrets {
  ensureDataFolder(folder);
  const path = join(folder, 'secrets.json');
  const existing = readSecrets(path);
  if (existing) return existing;

  const draft = `${path}.${process.pid}`;
  const fresh: Secrets = {
    masterSecret: randomBytes(32).toString('hex'),
    postgresPassword: randomBytes(24).toString('hex'),
  };
  writeFileSync(draft, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readSecrets(path) ?? fresh;
}

function readSecrets(path: string): Secrets | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new CommandError(`Cannot read ${path} (${errorCode(error) ?? error}).`);
  }
  const value: unknown = parseJson(text);
  if (isSecrets(value)) return value;
  throw new CommandError(`${path} is damaged; restore it, or remove the data folder to start afresh.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSecrets(value: unknown): value is Secrets {
  return (
    typeof value === 'object' &&
    value !== null &&
    'masterSecret' in value &&
    typeof value.masterSecret === 'string' &&
    'postgresPassword' in value &&
    typeof value.postgresPassword === 'string'
  );
}
