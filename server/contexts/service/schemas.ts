import * as v from 'valibot';
import {
  colour,
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

export const serviceCategory = v.object({
  id,
  merchant_id: id,
  name: v.string(),
  position: v.number(),
  archived_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type ServiceCategory = v.InferOutput<typeof serviceCategory>;

const position = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000));

export const serviceCategoryCreateInput = v.strictObject({
  merchant_id: id,
  name: text(120),
  position: v.optional(position),
});
export const serviceCategoryUpdateInput = v.strictObject({
  id,
  name: v.optional(text(120)),
  position: v.optional(position),
});
export const serviceCategoryListInput = v.strictObject({ ...listInput, ...merchantListInput });
export const serviceCategoryList = listOf(serviceCategory);

/** `provider_ids`: who offers it; with none, every provider of the merchant does. */
export const service = v.object({
  id,
  merchant_id: id,
  category_id: v.nullable(id),
  name: v.string(),
  description: v.nullable(v.string()),
  default_duration_minutes: v.number(),
  buffer_minutes: v.number(),
  default_price: price,
  colour,
  provider_ids: v.array(id),
  external_id: v.nullable(v.string()),
  archived_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Service = v.InferOutput<typeof service>;

const duration = v.pipe(
  v.number(),
  v.integer('must be whole minutes'),
  v.minValue(5, 'must be at least 5 minutes'),
  v.maxValue(1440, 'must be at most a day'),
);
const buffer = v.pipe(v.number(), v.integer('must be whole minutes'), v.minValue(0), v.maxValue(480));

const details = {
  category_id: optional(id),
  description: optional(text(2000)),
  buffer_minutes: v.optional(buffer),
  colour: v.optional(colour),
  provider_ids: v.optional(v.pipe(v.array(id), v.maxLength(200))),
  external_id: optional(text(120)),
};

export const serviceCreateInput = v.strictObject({
  merchant_id: id,
  name: text(200),
  default_duration_minutes: duration,
  default_price: price,
  ...details,
});
export const serviceUpdateInput = v.strictObject({
  id,
  name: v.optional(text(200)),
  default_duration_minutes: v.optional(duration),
  default_price: v.optional(price),
  ...details,
});
export const serviceListInput = v.strictObject({
  ...listInput,
  ...merchantListInput,
  category_id: v.optional(id),
  external_id: v.optional(text(120)),
});
export const serviceList = listOf(service);
