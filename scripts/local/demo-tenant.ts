import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { dropTenant } from '../../tenants/drop.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { tenantBySlug } from '../../tenants/resolve.ts';
import { CommandError } from '../command.ts';
import { seedDemo } from '../demo.ts';
import type { WorkerSettings } from './workerd.ts';

export const DEMO_SLUG = 'acme';
const OWNER = 'owner@acme.test';

/** What `.data/demo.json` holds: how to get into the demo tenant. */
export type DemoAccess = { url: string; email: string; password: string; apiKey: string };

export type DemoOptions = {
  admin: pg.Client;
  folder: string;
  /** Address of the tenant's portal. */
  url: string;
  settings: WorkerSettings;
  onProgress: (line: string) => void;
  /** Called between steps; throws when the start was told to stop. */
  check: () => void;
};

/**
 * Makes the demo tenant with its data when it is missing. A run that was interrupted meanwhile is started afresh.
 * @returns how to sign in, or undefined when the tenant was made elsewhere (a server shared by DATABASE_URL)
 */
export async function ensureDemoTenant(options: DemoOptions): Promise<DemoAccess | undefined> {
  const { admin, folder, settings } = options;
  const unfinished = join(folder, 'demo.unfinished');
  const query = async (text: string, values: readonly (string | number)[]) =>
    (await admin.query(text, [...values])).rows;
  const existing = await tenantBySlug(query, DEMO_SLUG);
  const isUnfinished = existsSync(unfinished);
  if (existing && !isUnfinished) {
    const known = readAccess(folder);
    return known && { ...known, url: options.url };
  }

  const scale = readScale();
  writeFileSync(unfinished, '');
  if (existing) await dropTenant(admin, DEMO_SLUG);
  options.onProgress('creating tenant acme');
  const created = await provisionTenant(admin, {
    slug: DEMO_SLUG,
    name: 'Acme',
    ownerEmail: OWNER,
    masterSecret: settings.MASTER_SECRET,
    withApiKey: true,
  });
  const { password } = await seedDemo(settings, created.tenant, created.invitationToken, {
    scale,
    onProgress: (done, total) => {
      options.check();
      if (done % 20 === 0 || done === total) options.onProgress(`filling tenant acme: ${done} of ${total} months`);
    },
  });
  const access = { url: options.url, email: OWNER, password, apiKey: created.apiKey ?? '' };
  writeAccess(folder, access);
  rmSync(unfinished);
  return access;
}

/** How many visits the demo has, 1 being its ordinary year. */
function readScale(): number {
  const scale = Number(process.env.DEMO_SCALE || 1);
  if (scale >= 0 && scale <= 20) return scale;
  throw new CommandError(`DEMO_SCALE is ${process.env.DEMO_SCALE}; it must be a number from 0 to 20.`, 2);
}

/** Writes `demo.json`, readable by its owner only. */
export function writeAccess(folder: string, access: DemoAccess): void {
  const path = accessFile(folder);
  rmSync(path, { force: true });
  writeFileSync(path, `${JSON.stringify(access, null, 2)}\n`, { mode: 0o600 });
}

function readAccess(folder: string): DemoAccess | undefined {
  try {
    return JSON.parse(readFileSync(accessFile(folder), 'utf8'));
  } catch {
    return undefined;
  }
}

function accessFile(folder: string): string {
  return join(folder, 'demo.json');
}
