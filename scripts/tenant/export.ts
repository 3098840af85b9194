import { exportTenant } from '../../tenants/move/export.ts';
import { required, type Verb } from './verb.ts';

/** tenant:export */
export const exportVerb: Verb = {
  usage: `npm run tenant:export -- --slug acme --file acme.scp.gz

Writes a tenant into one file, as of one instant, while it is running. The file holds personal data and is readable by
you alone (0600); what is secret in it stays sealed under MASTER_SECRET, which a restore needs. Nobody's session is in it.

  --slug SLUG  the tenant
  --file PATH  where the file goes; it must not be there yet`,
  options: { slug: { type: 'string' }, file: { type: 'string' } },
  check(flags) {
    for (const name of ['slug', 'file']) required(flags, name);
  },
  async run({ flags, admin, masterSecret, print, note }) {
    const path = required(flags, 'file');
    const { head, tables, rows } = await exportTenant(admin, {
      slug: required(flags, 'slug'),
      path,
      masterSecret,
      onTable: (each) => {
        if (process.stderr.isTTY) note(`${each.done}/${each.total} ${each.table}: ${each.rows} rows`);
      },
    });
    const { tenant, created_at, schema_version, seal } = head;
    print({ file: path, tenant, created_at, schema_version, tables, rows, seal }, [
      `Tenant ${tenant.slug}, as of ${created_at}: ${rows} rows of ${tables} tables are in ${path}`,
      `Version ${schema_version}; the seal's last block is ${seal.last_block}${seal.hash ? `, ${seal.hash}` : ''}`,
    ]);
    return 0;
  },
};
