// Which role a user holds where. A person sees and changes what lies within their own scope, gives and takes only what
// they hold there themselves, and never changes their own roles.
import * as v from 'valibot';
import { explain } from '../../auth/explain-access.ts';
import { permissionsOfRole } from '../../operations/built-in-roles.ts';
import { DomainError, notFound, orNotFound } from '../../operations/errors.ts';
import { findPlace, type Place, requireFuture, requireMayGrant } from '../../operations/may-grant.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { permissionsGivenBy } from '../role/operations.ts';
import {
  allRoles,
  assignmentsOf,
  deleteAllAssignments,
  deleteAssignment,
  insertAssignment,
  pageOfAssignments,
  selectAssignment,
  selectUserState,
  updateExpiry,
} from './queries.ts';
import {
  accessInput,
  access as accessSchema,
  type RoleAssignment,
  roleAssignment,
  roleAssignmentCreateInput,
  roleAssignmentListInput,
  roleAssignmentList as roleAssignmentListSchema,
  roleAssignmentUpdateInput,
} from './schemas.ts';

export { assignmentsWithin } from './queries.ts';

type RoleToGive = {
  role_id: string;
  merchant_org_id?: string | null | undefined;
  merchant_id?: string | null | undefined;
  expires_at?: string | null | undefined;
};

function heldAlready(): DomainError {
  return new DomainError('conflict', 'They hold this role there already. Change until when it holds instead.');
}

function notOneself(): DomainError {
  return new DomainError('second_person_needed', 'Nobody changes their own roles: somebody else has to do this.');
}

/**
 * The permissions of a role that the actor may give at a place.
 * @throws DomainError `invalid` without such a role, `forbidden` when it holds more than they do
 */
export async function requireGivable(ctx: Context, roleId: string, at: Place, end?: string | null): Promise<void> {
  const permissions = await permissionsGivenBy(ctx, roleId);
  if (!permissions) {
    throw new DomainError('invalid', 'The role does not exist.', { errors: { role_id: ['does not exist'] } });
  }
  requireMayGrant(ctx, permissions, at, end);
}

/** Gives a user a role, as far as the actor may. @returns the assignment's id */
export async function giveRole(ctx: Context, userId: string, role: RoleToGive, id: string): Promise<void> {
  requireFuture(ctx, role.expires_at);
  const at = await findPlace(ctx, role);
  await requireGivable(ctx, role.role_id, at, role.expires_at ?? null);
  await insertAssignment(ctx.tx, id, {
    user_id: userId,
    role_id: role.role_id,
    ...at,
    expires_at: role.expires_at ?? null,
    granted_by: ctx.actor.id,
  });
}

/**
 * For what touches a whole account: nobody is managed by those who hold less than they.
 * @throws DomainError `not_found` when no assignment lies within the scope, `forbidden` when the user holds more
 */
export async function requireAuthorityOver(ctx: Context, userId: string): Promise<void> {
  const held = await assignmentsOf(ctx.tx, ctx.scope, userId);
  if (!ctx.scope.all && !held.some(({ is_visible }) => is_visible)) {
    throw notFound();
  }
  for (const assignment of held) {
    requireMayGrant(ctx, permissionsOfRole(assignment, ctx.knownPermissions), assignment);
  }
}

/** Takes every role of a user, before the account goes. */
export function takeAllRoles(ctx: Context, userId: string): Promise<void> {
  return deleteAllAssignments(ctx.tx, userId);
}

/** An assignment that the actor may change or take. */
async function changeable(ctx: Context, id: string, end?: string | null): Promise<RoleAssignment> {
  const found = orNotFound(await selectAssignment(ctx.tx, ctx.scope, id));
  if (found.user_id === ctx.actor.id) {
    throw notOneself();
  }
  await requireGivable(ctx, found.role_id, await findPlace(ctx, found), end);
  return found;
}

export const roleAssignmentList = defineOperation({
  name: 'role_assignment.list',
  kind: 'read',
  risk: 'read',
  permission: 'role_assignment:read',
  resource: 'role_assignment',
  summary: 'List who holds which role where, for an access review',
  input: roleAssignmentListInput,
  output: roleAssignmentListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/role-assignments' },
  run: (ctx, input) => pageOfAssignments(ctx.tx, ctx.scope, input),
});

export const roleAssignmentGet = defineOperation({
  name: 'role_assignment.get',
  kind: 'read',
  risk: 'read',
  permission: 'role_assignment:read',
  resource: 'role_assignment',
  summary: 'Read a role that somebody holds',
  input: idInput,
  output: roleAssignment,
  http: { method: 'GET', path: '/api/role-assignments/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectAssignment(ctx.tx, ctx.scope, id)),
});

export const roleAssignmentCreate = defineOperation({
  name: 'role_assignment.create',
  kind: 'write',
  risk: 'credential',
  permission: 'role_assignment:create',
  resource: 'role_assignment',
  summary: 'Give a user a role: for the whole tenant, a MerchantOrg or a merchant, for good or until a day',
  input: roleAssignmentCreateInput,
  output: roleAssignment,
  http: { method: 'POST', path: '/api/role-assignments', status: 201 },
  describe: () => 'Gave a role',
  onConstraint: { role_assignments_held_once: heldAlready },
  run: async (ctx, { user_id, ...role }) => {
    if (user_id === ctx.actor.id) {
      throw notOneself();
    }
    const held = await assignmentsOf(ctx.tx, ctx.scope, user_id);
    const isKnown = ctx.scope.all
      ? (await selectUserState(ctx.tx, user_id)) !== null
      : held.some(({ is_visible }) => is_visible);
    if (!isKnown) {
      throw new DomainError('invalid', 'The user does not exist.', { errors: { user_id: ['does not exist'] } });
    }
    await giveRole(ctx, user_id, role, ctx.id);
    return orNotFound(await selectAssignment(ctx.tx, ctx.scope, ctx.id));
  },
});

export const roleAssignmentUpdate = defineOperation({
  name: 'role_assignment.update',
  kind: 'write',
  risk: 'credential',
  permission: 'role_assignment:update',
  resource: 'role_assignment',
  summary: 'Change until when somebody holds a role',
  input: roleAssignmentUpdateInput,
  output: roleAssignment,
  http: { method: 'PATCH', path: '/api/role-assignments/{id}' },
  describe: ({ expires_at }) => (expires_at ? 'Changed until when a role holds' : 'Had a role hold without end'),
  run: async (ctx, { id, expires_at }) => {
    requireFuture(ctx, expires_at);
    await changeable(ctx, id, expires_at);
    if (!(await updateExpiry(ctx.tx, id, expires_at, ctx.call.expectedVersion))) {
      throw new DomainError('stale');
    }
    return orNotFound(await selectAssignment(ctx.tx, ctx.scope, id));
  },
});

export const roleAssignmentDelete = defineOperation({
  name: 'role_assignment.delete',
  kind: 'write',
  risk: 'credential',
  permission: 'role_assignment:delete',
  resource: 'role_assignment',
  summary: 'Take a role from somebody',
  input: idInput,
  output: v.null(),
  http: { method: 'DELETE', path: '/api/role-assignments/{id}', status: 204 },
  describe: () => 'Took a role',
  run: async (ctx, { id }) => {
    await changeable(ctx, id);
    if (!(await deleteAssignment(ctx.tx, id, ctx.call.expectedVersion))) {
      throw new DomainError('stale');
    }
    return null;
  },
});

export const userAccess = defineOperation({
  name: 'user.access',
  kind: 'read',
  risk: 'read',
  permission: 'role_assignment:read',
  resource: 'user',
  summary: 'Explain what a user may do at a place and why, or what is missing',
  input: accessInput,
  output: accessSchema,
  isReport: true,
  http: { method: 'GET', path: '/api/users/{id}/access' },
  run: async (ctx, { id, permission, ...where }) => {
    const held = (await assignmentsOf(ctx.tx, ctx.scope, id)).filter(({ is_visible }) => is_visible);
    const person = orNotFound(await selectUserState(ctx.tx, id));
    if (!ctx.scope.all && held.length === 0) {
      throw notFound();
    }
    if (permission && !ctx.knownPermissions.includes(permission)) {
      throw new DomainError('invalid', 'Nothing asks for this permission.', {
        errors: { permission: ['must be listed by /api/permissions'] },
      });
    }
    const at = await findPlace(ctx, where);
    const assignments = held.map(({ key, permissions, is_visible: _, ...assignment }) => ({
      ...assignment,
      permissions: permissionsOfRole({ key, permissions }, ctx.knownPermissions),
    }));
    const roles = (await allRoles(ctx.tx)).map((role) => ({
      ...role,
      permissions: permissionsOfRole(role, ctx.knownPermissions),
    }));
    const asked = permission ? [permission] : ctx.knownPermissions;
    return { user_id: id, ...at, data: asked.map((each) => explain(each, at, person, assignments, roles)) };
  },
});
