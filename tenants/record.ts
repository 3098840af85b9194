import * as v from 'valibot';

/** What is known of a tenant outside its own schema: the directory answers it, the front hands it to the home. */
export const TenantRecord = v.object({
  id: v.pipe(v.string(), v.uuid()),
  slug: v.string(),
  name: v.string(),
  status: v.picklist(['active', 'suspended']),
  schema: v.string(),
  role: v.string(),
  key_version: v.number(),
  schema_version: v.number(),
  cluster: v.object({ name: v.string(), url: v.string(), location_hint: v.nullable(v.string()) }),
});
export type TenantRecord = v.InferOutput<typeof TenantRecord>;
