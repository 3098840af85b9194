import { randomBytes } from 'node:crypto';
import type { TestTenant } from '../support/tenant.ts';
import type { DoorRow } from './door-table.ts';

/** Nothing listens there: what asks it is refused at once. */
const ISSUER = 'http://127.0.0.1:9';

const given = () => ({
  name: `Provider ${randomBytes(6).toString('hex')}`,
  issuer: ISSUER,
  client_id: 'portal',
  client_secret: 'a secret of the test',
  email_domains: ['acme.test'],
});

/** A connection that is turned off, as one that is being set up. */
export async function newConnection({ owner }: TestTenant): Promise<string> {
  return (await owner.post('/api/sso-connections', given())).body.id;
}

const own = async ({ tenant }: { tenant: TestTenant }) => ({ params: { id: await newConnection(tenant) } });

export const ssoDoors: Readonly<Record<string, DoorRow>> = {
  'sso_connection.list': { valid: () => ({ query: { limit: '2' } }) },
  'sso_connection.get': { kind: 'sso_connection', valid: ({ id }) => ({ params: { id: id.sso_connection } }) },
  'sso_connection.create': {
    valid: ({ id }) => ({
      body: {
        ...given(),
        scopes: ['openid', 'email'],
        role_mappings: [{ claim: 'groups', value: 'finance', role_id: id.role, merchant_id: id.merchant }],
        default_role: { role_id: id.role },
        creates_users: true,
        forbids_passwords: false,
        trusts_amr: false,
        is_enabled: false,
      },
    }),
  },
  'sso_connection.update': {
    kind: 'sso_connection',
    valid: async ({ tenant, id }) => ({
      ...(await own({ tenant })),
      body: {
        client_id: 'other',
        role_mappings: [{ claim: 'groups', value: 'x', role_id: id.role }],
        is_enabled: false,
      },
    }),
  },
  'sso_connection.delete': { kind: 'sso_connection', valid: own },
  'sso_connection.unlink': { kind: 'user', valid: ({ id }) => ({ params: { id: id.user } }) },
  'sso_connection.test': { valid: () => ({ body: { issuer: ISSUER } }) },
};
