import * as v from 'valibot';
import { id, instant, text } from '../../operations/schemas.ts';

/** What can be found, in the order in which kinds that match as well as each other are told. */
export const FOUND_KINDS = [
  'merchant',
  'end_customer',
  'appointment',
  'customer_invoice',
  'merchant_org',
  'prospect',
  'service',
  'provider',
  'location',
  'account',
  'transaction',
  'user',
  'feature_flag',
] as const;
export type FoundKind = (typeof FOUND_KINDS)[number];

export const searchInput = v.strictObject({ q: text(200) });

export const found = v.object({
  kind: v.picklist(FOUND_KINDS),
  id,
  /** What it is called, and what tells it from another of that name. */
  label: v.string(),
  detail: v.nullable(v.string()),
  /** When an appointment begins, and the zone of where it does. */
  starts_at: v.nullable(instant),
  time_zone: v.nullable(v.string()),
  merchant_id: v.nullable(id),
  /** Where the reader may know it. */
  merchant_name: v.nullable(v.string()),
});
export type Found = v.InferOutput<typeof found>;

export const searchAnswer = v.object({ data: v.array(found) });
