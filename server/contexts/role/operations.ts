// Roles: named sets of permissions. A built-in role takes its permissions from the registry of operations, so that it
// is complete by construction.
import { permissionsOfRole } from '../../operations/built-in-roles.ts';
import { orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { pageOfRoles, selectRole } from './queries.ts';
import { type Role, role, roleListInput, roleList as roleListSchema } from './schemas.ts';

function withPermissions(ctx: Context, row: Omit<Role, 'is_built_in'>): Role {
  return { ...row, is_built_in: row.key !== null, permissions: permissionsOfRole(row, ctx.knownPermissions) };
}

/** The permissions that a role gives; null when there is no such role. */
export async function permissionsGivenBy(ctx: Context, roleId: string): Promise<string[] | null> {
  const found = await selectRole(ctx.tx, roleId);
  return found && permissionsOfRole(found, ctx.knownPermissions);
}

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
