import * as v from 'valibot';
import { id, instant, listInput, listOf, version } from '../../operations/schemas.ts';

export const role = v.object({
  id,
  key: v.nullable(v.string()),
  name: v.string(),
  description: v.string(),
  is_built_in: v.boolean(),
  permissions: v.array(v.string()),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Role = v.InferOutput<typeof role>;

export const roleListInput = v.strictObject({ ...listInput });
export const roleList = listOf(role);
