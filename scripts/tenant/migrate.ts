import { migrateFleet } from '../../tenants/migrate.ts';
import { verifyFleet } from '../../tenants/verify.ts';
import { CommandError } from '../command.ts';
import { type CommandContext, type Flags, optional, type Verb } from './verb.ts';

const MOST_PARALLEL = 64;

/** tenant:migrate */
export const migrate: Verb = {
  usage: `npm run tenant:migrate -- [--slug acme] [--parallel 4]

Brings all tenants to this code's schema version, each in its own transaction, and checks the result of each against
the release's fingerprint. Interrupted, run it again: what is done stays done.

  --slug SLUG     only this tenant
  --parallel N    tenants at once, 1 to ${MOST_PARALLEL} (4)
  --verify        change nothing: observe every tenant's catalog anew and report drift`,
  options: { slug: { type: 'string' }, parallel: { type: 'string' }, verify: { type: 'boolean' } },
  check(flags) {
    parallelOf(flags);
  },
  async run(context) {
    return context.flags.verify ? verify(context) : migrateAll(context);
  },
};

function parallelOf(flags: Flags): number {
  const text = optional(flags, 'parallel') ?? '4';
  const parallel = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (parallel < 1 || parallel > MOST_PARALLEL) {
    throw new CommandError(`--parallel is a number from 1 to ${MOST_PARALLEL}.`, 2);
  }
  return parallel;
}

async function migrateAll({ flags, connect, print, note }: CommandContext): Promise<number> {
  const { version, migrated, failed } = await migrateFleet({
    connect,
    slug: optional(flags, 'slug'),
    parallel: parallelOf(flags),
    onProgress: ({ slug, done, total, reason }) => note(`${done}/${total} ${slug}${reason ? `: ${reason}` : ''}`),
  });
  const summary = `${migrated.length} migrated to version ${version}, ${failed.length} failed.`;
  const nothing = `All tenants are at version ${version}.`;
  print({ version, migrated, failed }, [migrated.length + failed.length === 0 ? nothing : summary]);
  if (failed.length === 0) return 0;
  return migrated.length > 0 ? 5 : 1;
}

async function verify({ flags, admin, print, note }: CommandContext): Promise<number> {
  const { verified, drifted } = await verifyFleet(admin, {
    slug: optional(flags, 'slug'),
    onProgress: ({ slug, done, total }) => {
      if (done % 50 === 0 && done < total) note(`${done}/${total} ${slug}`);
    },
  });
  print({ verified, drifted }, [
    ...drifted.map(({ slug, reason }) => `${slug}: ${reason}`),
    `${verified} match their release, ${drifted.length} drifted.`,
  ]);
  return drifted.length === 0 ? 0 : 1;
}
