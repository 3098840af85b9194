import * as v from 'valibot';
import {
  id,
  instant,
  listInput,
  listOf,
  merchantListInput,
  optional,
  text,
  version,
} from '../../operations/schemas.ts';

export const location = v.object({
  id,
  merchant_id: id,
  name: v.string(),
  address: v.nullable(v.string()),
  phone: v.nullable(v.string()),
  archived_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Location = v.InferOutput<typeof location>;

const details = { address: optional(text(500)), phone: optional(text(40)) };

export const locationCreateInput = v.strictObject({ merchant_id: id, name: text(200), ...details });
export const locationUpdateInput = v.strictObject({ id, name: v.optional(text(200)), ...details });
export const locationListInput = v.strictObject({ ...listInput, ...merchantListInput });
export const locationList = listOf(location);
