import * as v from 'valibot';
import {
  email,
  id,
  instant,
  listInput,
  listOf,
  merchantListInput,
  optional,
  text,
  version,
} from '../../operations/schemas.ts';

export const endCustomer = v.object({
  id,
  merchant_id: id,
  name: v.string(),
  email: v.nullable(v.string()),
  phone: v.nullable(v.string()),
  notes: v.nullable(v.string()),
  accepts_marketing: v.boolean(),
  external_id: v.nullable(v.string()),
  archived_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type EndCustomer = v.InferOutput<typeof endCustomer>;

const details = {
  email: optional(email),
  phone: optional(text(40)),
  notes: optional(text(2000)),
  accepts_marketing: v.optional(v.boolean()),
  external_id: optional(text(120)),
};

export const endCustomerCreateInput = v.strictObject({ merchant_id: id, name: text(200), ...details });
export const endCustomerUpdateInput = v.strictObject({ id, name: v.optional(text(200)), ...details });
export const endCustomerListInput = v.strictObject({
  ...listInput,
  ...merchantListInput,
  email: v.optional(text(254)),
  external_id: v.optional(text(120)),
});
export const endCustomerList = listOf(endCustomer);
