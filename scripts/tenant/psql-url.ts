import { psqlUrl as connectionUrl } from '../../tenants/psql-url.ts';
import { requireTenant } from '../../tenants/status.ts';
import { required, type Verb } from './verb.ts';

/** tenant:psql-url */
export const psqlUrl: Verb = {
  usage: `npm run tenant:psql-url -- --slug acme

Prints the connection URL of the tenant's own role, with its password.

  --slug SLUG     the tenant`,
  options: { slug: { type: 'string' } },
  check(flags) {
    required(flags, 'slug');
  },
  async run({ flags, admin, masterSecret, print }) {
    const tenant = await requireTenant(admin, required(flags, 'slug'));
    const url = connectionUrl(tenant, masterSecret);
    print({ url }, [url]);
    return 0;
  },
};
