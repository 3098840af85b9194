import * as v from 'valibot';
import { id, idInput, instant, listInput, listOf, place, text, version } from '../../operations/schemas.ts';

export const role = v.object({
  id,
  key: v.nullable(v.string()),
  name: v.string(),
  description: v.string(),
  is_built_in: v.boolean(),
  permissions: v.array(v.string()),
  requires_second_factor: v.boolean(),
  /** How many people hold it now; invited ones count. */
  holders: v.number(),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Role = v.InferOutput<typeof role>;

export const roleListInput = v.strictObject({ ...listInput });
export const roleList = listOf(role);

/** `resource:action`, as permission.list names them. */
const permissionNames = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(100))),
  v.maxLength(500, 'must have at most 500 entries'),
);

export const roleCreateInput = v.strictObject({
  name: text(100),
  description: v.optional(text(500, 0)),
  permissions: permissionNames,
});
export const roleUpdateInput = v.strictObject({
  ...idInput.entries,
  name: v.optional(text(100)),
  description: v.optional(text(500, 0)),
  permissions: v.optional(permissionNames),
});

export const rolePreviewInput = v.strictObject({ ...idInput.entries, permissions: permissionNames });

/** What somebody would win or lose where they hold the role; what another role gives them there stays out. */
export const roleEffect = v.object({
  type: v.picklist(['user', 'api_key']),
  id,
  name: v.string(),
  ...place,
  place: v.nullable(v.string()),
  gains: v.array(v.string()),
  loses: v.array(v.string()),
});
export type RoleEffect = v.InferOutput<typeof roleEffect>;

export const rolePreview = v.object({
  added: v.array(v.string()),
  removed: v.array(v.string()),
  /** How many hold the role; `data` names those for whom anything changes, at most 500. */
  holders: v.number(),
  affected: v.number(),
  data: v.array(roleEffect),
});

export const permission = v.object({
  permission: v.string(),
  resource: v.string(),
  action: v.string(),
  operations: v.array(
    v.object({
      name: v.string(),
      summary: v.string(),
      kind: v.picklist(['read', 'write', 'external']),
      risk: v.picklist(['read', 'write', 'money', 'credential', 'destructive']),
    }),
  ),
});
export type Permission = v.InferOutput<typeof permission>;
export const permissionList = v.object({ data: v.array(permission) });
