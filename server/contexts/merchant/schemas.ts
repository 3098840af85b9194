import * as v from 'valibot';
import {
  currency,
  email,
  id,
  instant,
  listInput,
  listOf,
  optional,
  text,
  timeZone,
  version,
  webAddress,
  workingHours,
  workingTime,
} from '../../operations/schemas.ts';
import { contact, contactsInput, partyStatus } from '../merchant-org/schemas.ts';

export const vertical = v.picklist([
  'beauty_and_wellness',
  'healthcare',
  'fitness',
  'professional_services',
  'home_services',
  'other',
]);

export const merchant = v.object({
  id,
  merchant_org_id: id,
  name: v.string(),
  public_name: v.string(),
  vertical,
  email: v.nullable(v.string()),
  phone: v.nullable(v.string()),
  website: v.nullable(v.string()),
  /** What customers read about it. */
  description: v.nullable(v.string()),
  contacts: v.array(contact),
  /** When it is open. */
  hours: v.array(workingTime),
  currency,
  time_zone: v.string(),
  status: partyStatus,
  /** Why it was last moved, where somebody said so. */
  status_reason: v.nullable(v.string()),
  archived_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Merchant = v.InferOutput<typeof merchant>;

const details = {
  email: optional(email),
  phone: optional(text(40)),
  website: optional(webAddress),
  description: optional(text(2_000)),
  contacts: v.optional(contactsInput),
  hours: v.optional(workingHours),
};

/** Left out, `public_name` is the name, and currency and time zone are the tenant's. */
export const merchantCreateInput = v.strictObject({
  merchant_org_id: id,
  name: text(200),
  public_name: v.optional(text(200)),
  vertical: v.optional(vertical),
  currency: v.optional(currency),
  time_zone: v.optional(timeZone),
  ...details,
});
export const merchantUpdateInput = v.strictObject({
  id,
  name: v.optional(text(200)),
  public_name: v.optional(text(200)),
  vertical: v.optional(vertical),
  time_zone: v.optional(timeZone),
  status: v.optional(partyStatus),
  status_reason: optional(text(500)),
  ...details,
});
export const merchantListInput = v.strictObject({
  ...listInput,
  archived: v.optional(v.boolean()),
  merchant_org_id: v.optional(id),
  status: v.optional(partyStatus),
  vertical: v.optional(vertical),
  name: v.optional(text(200)),
  q: v.optional(text(200)),
});
export const merchantList = listOf(merchant);
