import { randomBytes } from 'node:crypto';
import type { TestTenant } from '../support/tenant.ts';
import type { DoorRow } from './door-table.ts';
import type { Kind, World } from './world.ts';

const unique = (stem: string) => `${stem}-${randomBytes(6).toString('hex')}`;

/** Somebody who may sign in and holds a role within a MerchantOrg. */
export async function newUser(tenant: TestTenant, merchantOrg: string, status = 'active'): Promise<string> {
  const [user] = await tenant.arrange('INSERT INTO users (email, name, status) VALUES ($1, $2, $3) RETURNING id', [
    `${unique('user')}@acme.test`,
    'Colleague',
    status,
  ]);
  await newAssignment(tenant, String(user?.id), merchantOrg);
  return String(user?.id);
}

export async function newRole(tenant: TestTenant, permissions: readonly string[] = ['merchant:read']): Promise<string> {
  const [role] = await tenant.arrange('INSERT INTO roles (name, permissions) VALUES ($1, $2) RETURNING id', [
    unique('Role'),
    [...permissions],
  ]);
  return String(role?.id);
}

export async function newAssignment(tenant: TestTenant, user: string, merchantOrg: string): Promise<string> {
  const [given] = await tenant.arrange(
    'INSERT INTO role_assignments (user_id, role_id, merchant_org_id) VALUES ($1, $2, $3) RETURNING id',
    [user, await newRole(tenant), merchantOrg],
  );
  return String(given?.id);
}

const ofUser = (status: string, body?: Record<string, unknown>): DoorRow => ({
  kind: 'user',
  outside: 'outside_user',
  valid: async ({ tenant, id }) => ({
    params: { id: await newUser(tenant, id.merchant_org, status) },
    ...(body ? { body } : {}),
  }),
});

const reads = (kind: 'user' | 'role' | 'role_assignment', outside?: Kind): DoorRow => ({
  kind,
  ...(outside ? { outside } : {}),
  valid: ({ id }) => ({ params: { id: id[kind] } }),
});

const ofRole = (body?: Record<string, unknown>): DoorRow => ({
  kind: 'role',
  valid: async ({ tenant }) => ({ params: { id: await newRole(tenant) }, ...(body ? { body } : {}) }),
});

const ofAssignment = (body?: Record<string, unknown>): DoorRow => ({
  kind: 'role_assignment',
  outside: 'outside_role_assignment',
  valid: async ({ tenant, id }) => ({
    params: { id: await newAssignment(tenant, id.user, id.merchant_org) },
    ...(body ? { body } : {}),
  }),
});

const roleThere = async ({ tenant, id }: World) => ({
  role_id: await newRole(tenant),
  merchant_org_id: id.merchant_org,
});

/** The doors of staff accounts, roles and who holds them. */
export const peopleDoors: Readonly<Record<string, DoorRow>> = {
  'user.list': { valid: () => ({ query: { limit: '2' } }) },
  'user.get': reads('user', 'outside_user'),
  'user.invite': {
    texts: ['name'],
    valid: async (world) => ({
      body: { email: `${unique('new')}@acme.test`, name: 'New', roles: [await roleThere(world)] },
    }),
  },
  'user.resend_invitation': ofUser('invited'),
  'user.update': { ...ofUser('active', { name: 'Another' }), texts: ['name'] },
  'user.disable': ofUser('active'),
  'user.enable': ofUser('disabled'),
  'user.remove': ofUser('active'),
  'user.access': {
    kind: 'user',
    outside: 'outside_user',
    valid: ({ id }) => ({ params: { id: id.user }, query: { merchant_org_id: id.merchant_org } }),
  },
  'profile.update': {
    openStatus: 401,
    needsSession: true,
    valid: () => ({ body: { name: 'Staff' } }),
  },
  'permission.list': { valid: () => ({}) },
  'role.list': { valid: () => ({ query: { limit: '2' } }) },
  'role.get': reads('role'),
  'role.create': {
    texts: ['description'],
    valid: () => ({ body: { name: unique('Role'), description: 'Reads', permissions: ['merchant:read'] } }),
  },
  'role.update': { ...ofRole({ description: 'Reads', permissions: ['merchant:read'] }), texts: ['description'] },
  'role.delete': ofRole(),
  'role.preview': {
    kind: 'role',
    valid: ({ id }) => ({ params: { id: id.role }, body: { permissions: ['merchant:read'] } }),
  },
  'role_assignment.list': { valid: () => ({ query: { limit: '2' } }) },
  'role_assignment.get': reads('role_assignment', 'outside_role_assignment'),
  'role_assignment.create': {
    valid: async (world) => ({ body: { user_id: world.id.user, ...(await roleThere(world)) } }),
  },
  'role_assignment.update': ofAssignment({ expires_at: null }),
  'role_assignment.delete': ofAssignment(),
};
