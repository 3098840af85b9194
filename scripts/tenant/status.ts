import type pg from 'pg';
import type { TenantRecord } from '../../tenants/record.ts';
import { resumeTenant, suspendTenant } from '../../tenants/status.ts';
import { required, type Verb } from './verb.ts';

/** tenant:suspend */
export const suspend = statusVerb(
  `npm run tenant:suspend -- --slug acme

Closes the tenant's portal and API within 30 seconds; its data stays.`,
  'suspended',
  suspendTenant,
);

/** tenant:resume */
export const resume = statusVerb(
  `npm run tenant:resume -- --slug acme

Opens a suspended tenant again.`,
  'active',
  resumeTenant,
);

function statusVerb(
  text: string,
  outcome: string,
  change: (admin: pg.Client, slug: string) => Promise<TenantRecord>,
): Verb {
  return {
    usage: `${text}\n\n  --slug SLUG     the tenant`,
    options: { slug: { type: 'string' } },
    check(flags) {
      required(flags, 'slug');
    },
    async run({ flags, admin, print }) {
      const { id, slug, status } = await change(admin, required(flags, 'slug'));
      print({ tenant: { id, slug, status } }, [`Tenant ${slug} is ${outcome}.`]);
      return 0;
    },
  };
}
