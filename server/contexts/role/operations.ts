// Roles: named sets of permissions. A built-in role takes its permissions from the registry of operations, so that it
// is complete by construction; a custom one lists them. Nobody puts into a role what they lack, and nobody changes a
// role that they hold.
import * as v from 'valibot';
import { effectsOn } from '../../auth/role-effects.ts';
import { requireWholeTenant } from '../../operations/actor.ts';
import { permissionsOfRole } from '../../operations/built-in-roles.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { requireMayGrant, WHOLE_TENANT } from '../../operations/may-grant.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty, idInput } from '../../operations/schemas.ts';
import {
  countUses,
  deleteRole,
  holdingsAround,
  insertRole,
  isHeldBy,
  lockRole,
  pageOfRoles,
  type RoleRow,
  selectRole,
  updateRole,
} from './queries.ts';
import {
  permissionList as permissionListSchema,
  type Role,
  role,
  roleCreateInput,
  roleListInput,
  roleList as roleListSchema,
  rolePreviewInput,
  rolePreview as rolePreviewSchema,
  roleUpdateInput,
} from './schemas.ts';

const AFFECTED_AT_MOST = 500;

function withPermissions(ctx: Context, row: RoleRow): Role {
  return { ...row, is_built_in: row.key !== null, permissions: permissionsOfRole(row, ctx.knownPermissions) };
}

/** The permissions that a role gives; null when there is no such role. */
export async function permissionsGivenBy(ctx: Context, roleId: string): Promise<string[] | null> {
  const found = await selectRole(ctx.tx, roleId);
  return found && permissionsOfRole(found, ctx.knownPermissions);
}

/** Known permissions, each once and in order. @throws DomainError `invalid`, which names the unknown ones */
function knownOnes(ctx: Context, permissions: readonly string[]): string[] {
  const unknown = permissions.filter((permission) => !ctx.knownPermissions.includes(permission));
  if (unknown.length > 0) {
    throw new DomainError('invalid', 'There are permissions that nothing asks for.', {
      errors: { permissions: [`must all be listed by /api/permissions (${unknown.length} are not)`] },
    });
  }
  return ctx.knownPermissions.filter((permission) => permissions.includes(permission));
}

function difference(before: readonly string[], after: readonly string[]) {
  return {
    added: after.filter((permission) => !before.includes(permission)),
    removed: before.filter((permission) => !after.includes(permission)),
  };
}

/** @throws DomainError `second_person_needed` for a role that the actor holds */
export async function requireNotHeld(ctx: Context, id: string): Promise<void> {
  if (await isHeldBy(ctx.tx, id, ctx.actor.id)) {
    throw new DomainError('second_person_needed', 'You hold this role yourself, so somebody else has to change it.');
  }
}

/** A role that this actor may change, locked. */
async function changeableRole(ctx: Context, id: string): Promise<RoleRow> {
  requireWholeTenant(ctx.scope, 'Roles');
  const found = orNotFound(await lockRole(ctx.tx, id));
  if (found.key !== null) {
    throw new DomainError('conflict', 'A built-in role stays as it is. Make a role of your own from its permissions.');
  }
  await requireNotHeld(ctx, id);
  if (ctx.call.expectedVersion !== undefined && ctx.call.expectedVersion !== found.version) {
    throw new DomainError('stale');
  }
  return found;
}

const nameTaken = {
  roles_name_unique: () =>
    new DomainError('conflict', 'There is a role of this name already.', { errors: { name: ['is taken'] } }),
};

export const roleList = defineOperation({
  name: 'role.list',
  kind: 'read',
  risk: 'read',
  permission: 'role:read',
  resource: 'role',
  summary: 'List roles with their permissions',
  input: roleListInput,
  output: roleListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/roles' },
  run: async (ctx, input) => {
    const { data, next_cursor } = await pageOfRoles(ctx.tx, input);
    return { data: data.map((row) => withPermissions(ctx, row)), next_cursor };
  },
});

export const roleGet = defineOperation({
  name: 'role.get',
  kind: 'read',
  risk: 'read',
  permission: 'role:read',
  resource: 'role',
  summary: 'Read a role',
  input: idInput,
  output: role,
  http: { method: 'GET', path: '/api/roles/{id}' },
  run: async (ctx, { id }) => withPermissions(ctx, orNotFound(await selectRole(ctx.tx, id))),
});

export const permissionList = defineOperation({
  name: 'permission.list',
  kind: 'read',
  risk: 'read',
  permission: 'role:read',
  resource: 'role',
  summary: 'List every permission with the operations that ask for it',
  input: empty,
  output: permissionListSchema,
  isReport: true,
  http: { method: 'GET', path: '/api/permissions' },
  run: async (ctx) => ({
    data: ctx.knownPermissions.map((permission) => {
      const [resource = '', action = ''] = permission.split(':');
      const operations = ctx.catalogue
        .filter((operation) => operation.permission === permission || operation.alsoRequires?.includes(permission))
        .map(({ name, summary, kind, risk }) => ({ name, summary, kind, risk }));
      return { permission, resource, action, operations };
    }),
  }),
});

export const roleCreate = defineOperation({
  name: 'role.create',
  kind: 'write',
  risk: 'credential',
  permission: 'role:create',
  resource: 'role',
  summary: 'Create a role of chosen permissions',
  input: roleCreateInput,
  output: role,
  http: { method: 'POST', path: '/api/roles', status: 201 },
  describe: ({ name }) => `Created role ${name}`,
  onConstraint: nameTaken,
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Roles');
    const permissions = knownOnes(ctx, input.permissions);
    requireMayGrant(ctx, permissions, WHOLE_TENANT);
    return withPermissions(ctx, await insertRole(ctx.tx, ctx.id, { ...input, permissions }));
  },
});

export const roleUpdate = defineOperation({
  name: 'role.update',
  kind: 'write',
  risk: 'credential',
  permission: 'role:update',
  resource: 'role',
  summary: 'Change a role of your own making; whoever holds it has the new permissions at once',
  input: roleUpdateInput,
  output: role,
  http: { method: 'PATCH', path: '/api/roles/{id}' },
  describe: () => 'Changed a role',
  onConstraint: nameTaken,
  run: async (ctx, { id, name, description, permissions }) => {
    const before = await changeableRole(ctx, id);
    const after = permissions ? knownOnes(ctx, permissions) : before.permissions;
    requireMayGrant(ctx, difference(before.permissions, after).added, WHOLE_TENANT, null);
    const change = { name: name ?? before.name, description: description ?? before.description, permissions: after };
    return withPermissions(ctx, await updateRole(ctx.tx, id, change));
  },
});

export const roleDelete = defineOperation({
  name: 'role.delete',
  kind: 'write',
  risk: 'destructive',
  permission: 'role:delete',
  resource: 'role',
  summary: 'Delete a role that nobody holds any more',
  input: idInput,
  output: v.null(),
  http: { method: 'DELETE', path: '/api/roles/{id}', status: 204 },
  describe: () => 'Deleted a role',
  onConstraint: {
    role_assignments_role_exists: () => new DomainError('role_in_use'),
    api_keys_role_exists: () => new DomainError('role_in_use'),
    sso_role_mappings_role_exists: () => new DomainError('role_in_use', 'Single sign-on gives this role to people.'),
  },
  run: async (ctx, { id }) => {
    await changeableRole(ctx, id);
    const uses = await countUses(ctx.tx, id);
    if (uses.people + uses.keys > 0) {
      throw new DomainError('role_in_use', 'Take it from the people and API keys that have it first.', { extra: uses });
    }
    await deleteRole(ctx.tx, id);
    return null;
  },
});

export const rolePreview = defineOperation({
  name: 'role.preview',
  kind: 'read',
  risk: 'read',
  permission: 'role:update',
  resource: 'role',
  summary: 'See who would gain or lose what if a role had other permissions; nothing changes',
  input: rolePreviewInput,
  output: rolePreviewSchema,
  http: { method: 'POST', path: '/api/roles/{id}/preview' },
  run: async (ctx, { id, permissions }) => {
    requireWholeTenant(ctx.scope, 'Roles');
    const found = orNotFound(await selectRole(ctx.tx, id));
    const change = difference(permissionsOfRole(found, ctx.knownPermissions), knownOnes(ctx, permissions));
    const rows = await holdingsAround(ctx.tx, id);
    const holdings = rows.map((row) => ({ ...row, permissions: permissionsOfRole(row, ctx.knownPermissions) }));
    const effects = effectsOn(id, change, holdings);
    const holders = new Set(rows.filter((row) => row.role_id === id).map((row) => row.holder_id)).size;
    return { ...change, holders, affected: effects.length, data: effects.slice(0, AFFECTED_AT_MOST) };
  },
});
