import type pg from 'pg';
import { addDomain, customHost, type Domain, listDomains, removeDomain, verifyDomain } from '../../tenants/domains.ts';
import { CommandError } from '../command.ts';
import { type Flags, optional, required, type Verb } from './verb.ts';

const CHANGES = {
  add: addDomain,
  verify: verifyDomain,
  remove: async (admin: pg.Client, slug: string, host: string) => {
    await removeDomain(admin, slug, host);
    return null;
  },
};
const NAMES = ['add', 'verify', 'remove'] as const;

function wanted(flags: Flags): (typeof NAMES)[number] | undefined {
  const given = NAMES.filter((name) => optional(flags, name) !== undefined);
  if (given.length > 1) throw new CommandError('Use one of --add, --verify and --remove; see --help.', 2);
  return given[0];
}

function line({ host, verified_at: verifiedAt, verification_token: token }: Domain): string {
  return verifiedAt
    ? `${host}  verified ${verifiedAt}`
    : `${host}  waits for the TXT record _scp.${host} "${token}", then for --verify`;
}

/** tenant:domain */
export const domain: Verb = {
  usage: `npm run tenant:domain -- --slug acme [--add | --verify | --remove portal.example.org]

Lists a tenant's custom domains, or changes them. A domain leads to the portal only once it is verified: this command
looks nothing up in the DNS; --verify states that you have seen the TXT record that --add printed.

  --slug SLUG     the tenant
  --add HOST      record a domain and print its TXT record
  --verify HOST   confirm that the record is there, which opens the domain within 30 seconds
  --remove HOST   take the domain away, within 30 seconds`,
  options: {
    slug: { type: 'string' },
    add: { type: 'string' },
    verify: { type: 'string' },
    remove: { type: 'string' },
  },
  check(flags) {
    required(flags, 'slug');
    wanted(flags);
  },
  async run({ flags, admin, address, print }) {
    const slug = required(flags, 'slug');
    const change = wanted(flags);
    if (change === undefined) {
      const domains = await listDomains(admin, slug);
      print({ domains }, domains.length === 0 ? [`Tenant ${slug} has no custom domain.`] : domains.map(line));
      return 0;
    }
    const host = customHost(required(flags, change), address.baseDomain);
    const changed = await CHANGES[change](admin, slug, host);
    if (changed === null) print({ removed: host }, [`${host} is no domain of tenant ${slug} any more.`]);
    else print({ domain: changed }, [line(changed)]);
    return 0;
  },
};
