import * as v from 'valibot';
import {
  id,
  instant,
  listInput,
  listOf,
  merchantListInput,
  optional,
  price,
  text,
  version,
} from '../../operations/schemas.ts';

/** What it bundles, in the order in which it is done. */
const bundled = v.object({ service_id: id, name: v.string(), duration_minutes: v.number() });

export const servicePackage = v.object({
  id,
  merchant_id: id,
  name: v.string(),
  description: v.nullable(v.string()),
  price,
  services: v.array(bundled),
  archived_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type ServicePackage = v.InferOutput<typeof servicePackage>;

const serviceIds = v.pipe(v.array(id), v.minLength(1, 'must have at least one service'), v.maxLength(20));

/** A service that is in it twice is named twice. */
export const servicePackageCreateInput = v.strictObject({
  merchant_id: id,
  name: text(200),
  description: optional(text(2000)),
  price,
  service_ids: serviceIds,
});
export const servicePackageUpdateInput = v.strictObject({
  id,
  name: v.optional(text(200)),
  description: optional(text(2000)),
  price: v.optional(price),
  service_ids: v.optional(serviceIds),
});
export const servicePackageListInput = v.strictObject({ ...listInput, ...merchantListInput });
export const servicePackageList = listOf(servicePackage);
