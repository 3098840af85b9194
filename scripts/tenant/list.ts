import { tenantUrl } from '../../tenants/address.ts';
import { listTenants } from '../../tenants/list.ts';
import type { Verb } from './verb.ts';

/** tenant:list */
export const list: Verb = {
  usage: `npm run tenant:list

Lists all tenants, oldest first.
`,
  options: {},
  async run({ admin, address, print }) {
    const tenants = (await listTenants(admin)).map((tenant) => ({ ...tenant, url: tenantUrl(tenant.slug, address) }));
    const width = Math.max(4, ...tenants.map((tenant) => tenant.slug.length));
    print(
      { tenants },
      tenants.map(({ slug, status, schema_version, url, name }) =>
        [slug.padEnd(width), status.padEnd(9), `v${schema_version}`, url, oneLine(name)].join('  '),
      ),
    );
    return 0;
  },
};

/** A name may hold anything, so what would move the cursor of a terminal is shown as its code. */
function oneLine(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
