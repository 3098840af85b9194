import { sealerOf } from '../../server/auth/sealer.ts';
import { tenantUrl } from '../../tenants/address.ts';
import { type RestoreResult, restoreTenant } from '../../tenants/move/restore.ts';
import { optional, required, type Verb } from './verb.ts';

/** tenant:restore */
export const restore: Verb = {
  usage: `npm run tenant:restore -- --file acme.scp.gz

Restores a tenant from the file of tenant:export, on this or another server. The whole file is verified before anything
is written; the tenant then comes to be in one transaction, and is opened when its ledger was verified. Interrupted, it
leaves nothing, or a whole tenant that is suspended. Custom domains are added again by tenant:domain.

  --file PATH  the file
  --slug SLUG  another slug than the one in the file, also beside the original

SOURCE_MASTER_SECRET is the master secret that the file was written under, when it is not this installation's.`,
  options: { file: { type: 'string' }, slug: { type: 'string' } },
  check(flags) {
    required(flags, 'file');
  },
  async run({ flags, admin, masterSecret, address, print, note }) {
    const result = await restoreTenant(admin, {
      path: required(flags, 'file'),
      slug: optional(flags, 'slug'),
      masterSecret,
      sourceMasterSecret: process.env.SOURCE_MASTER_SECRET || undefined,
      sealerOf,
      onPhase: note,
    });
    const { id, slug, status } = result.tenant;
    const url = tenantUrl(slug, address);
    const { exported, rows, resealed, verification } = result;
    print({ tenant: { id, slug, status }, url, exported, rows, resealed, verification }, linesOf(result, url));
    return verification.problems > 0 ? 1 : 0;
  },
};

function linesOf({ tenant, exported, rows, verification }: RestoreResult, url: string): string[] {
  const { blocks, journals, events, sides, problems, findings } = verification;
  const found = [
    `Verified: ${blocks} blocks of the seal with ${journals} journals and ${events} audit events.`,
    ...sides.map(({ currency, debits, credits }) => `${currency}: debits ${debits}, credits ${credits}`),
  ];
  if (problems > 0) {
    return [...found, ...findings, `${problems} problems: tenant ${tenant.slug} stays suspended.`];
  }
  return [`Tenant ${tenant.slug}, as of ${exported.created_at}, is at ${url} (${rows} rows)`, ...found];
}
