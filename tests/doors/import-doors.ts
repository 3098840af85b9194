import type { TestTenant } from '../support/tenant.ts';
import type { DoorRow } from './door-table.ts';
import type { World } from './world.ts';

export type ImportKind = 'import' | 'outside_import';

const CSV = 'Name,E-mail\nAnna,anna@acme.test\n';

/** An import of customers, with its file unless it is still to come. */
export async function newImport(tenant: TestTenant, merchant_id: string, more: object = { csv: CSV }): Promise<string> {
  const made = await tenant.owner.post('/api/imports', { kind: 'end_customer', merchant_id, ...more });
  if (made.status !== 201) throw new Error(`/api/imports answered ${made.text}`);
  return made.body.id;
}

async function checkedImport(tenant: TestTenant, merchant: string): Promise<string> {
  const id = await newImport(tenant, merchant);
  for (const status of ['checking', 'ready']) {
    await tenant.arrange('UPDATE imports SET status = $1, row_count = 1, bad_row_count = 0 WHERE id = $2', [
      status,
      id,
    ]);
  }
  return id;
}

const about = (make?: (world: World) => Promise<string>, body?: Record<string, unknown>): DoorRow => ({
  kind: 'import',
  outside: 'outside_import',
  valid: async (world) => ({
    params: { id: make ? await make(world) : world.id.import },
    ...(body ? { body } : {}),
  }),
});
const fresh = ({ tenant, id }: World) => newImport(tenant, id.merchant);

/** The doors of imports. */
export const importDoors: Readonly<Record<string, DoorRow>> = {
  'import.list': { valid: ({ id }) => ({ query: { limit: '2', merchant_id: id.merchant } }) },
  'import.get': about(),
  'import.create': {
    texts: ['file_name'],
    valid: ({ id }) => ({ body: { kind: 'end_customer', merchant_id: id.merchant, file_name: 'a.csv', csv: CSV } }),
  },
  'import.upload': about(({ tenant, id }) => newImport(tenant, id.merchant, {}), {
    position: 1,
    csv: CSV,
    is_last: true,
  }),
  'import.update': about(fresh, { decimal_separator: ',', columns: { name: 'Name', email: 'E-mail' } }),
  'import.check': about(fresh),
  'import.apply': about(({ tenant, id }) => checkedImport(tenant, id.merchant)),
  'import.cancel': about(fresh),
  'import.list_errors': about(),
  'import.list_rows': about(),
  'import.template': { needsQuery: true, valid: () => ({ query: { kind: 'end_customer' } }) },
};
