import { invitationUrl, tenantUrl } from '../../tenants/address.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { optional, required, type Verb } from './verb.ts';

/** tenant:create */
export const create: Verb = {
  usage: `npm run tenant:create -- --slug acme --name "Acme" --owner owner@acme.test

Creates a tenant: schema, role, rights, defaults, in one transaction. Interrupted, it leaves nothing.

  --slug SLUG     3 to 40 lower-case letters, digits and hyphens, starting with a letter
  --name NAME     the operator's name
  --owner EMAIL   the first user, who is invited by the address printed
  --with-api-key  also make an API key of the owner, printed once
  --currency USD  --locale en-US  --time-zone UTC`,
  options: {
    slug: { type: 'string' },
    name: { type: 'string' },
    owner: { type: 'string' },
    'with-api-key': { type: 'boolean' },
    currency: { type: 'string' },
    locale: { type: 'string' },
    'time-zone': { type: 'string' },
  },
  check(flags) {
    for (const name of ['slug', 'name', 'owner']) required(flags, name);
  },
  async run({ flags, admin, masterSecret, address, print }) {
    const { tenant, invitationToken, apiKey } = await provisionTenant(admin, {
      slug: required(flags, 'slug'),
      name: required(flags, 'name'),
      ownerEmail: required(flags, 'owner'),
      masterSecret,
      withApiKey: flags['with-api-key'] === true,
      currency: optional(flags, 'currency'),
      locale: optional(flags, 'locale'),
      timeZone: optional(flags, 'time-zone'),
    });
    const { id, slug, schema, role } = tenant;
    const url = tenantUrl(slug, address);
    const invitation = invitationUrl(slug, invitationToken, address);
    print({ tenant: { id, slug, schema, role }, url, invitation_url: invitation, ...(apiKey && { api_key: apiKey }) }, [
      `Tenant ${slug} is at ${url}`,
      `The owner starts at ${invitation}`,
      ...(apiKey ? [`API key (not shown again): ${apiKey}`] : []),
    ]);
    return 0;
  },
};
