import * as v from 'valibot';
import { email, id, instant, listInput, listOf, optional, text, version } from '../../operations/schemas.ts';

export const partyStatus = v.picklist(['onboarding', 'active', 'suspended', 'closed']);

type PartyStatus = v.InferOutput<typeof partyStatus>;

/** onboarding → active ⇄ suspended → closed: the statuses from which each can be reached. Staying is no change. */
export const reachedFrom: Readonly<Record<PartyStatus, readonly PartyStatus[]>> = {
  onboarding: ['onboarding'],
  active: ['onboarding', 'active', 'suspended'],
  suspended: ['active', 'suspended'],
  closed: ['onboarding', 'active', 'suspended', 'closed'],
};

export const merchantOrg = v.object({
  id,
  name: v.string(),
  legal_name: v.nullable(v.string()),
  email: v.nullable(v.string()),
  phone: v.nullable(v.string()),
  tax_id: v.nullable(v.string()),
  status: partyStatus,
  version,
  created_at: instant,
  updated_at: instant,
});
export type MerchantOrg = v.InferOutput<typeof merchantOrg>;

const details = {
  legal_name: optional(text(200)),
  email: optional(email),
  phone: optional(text(40)),
  tax_id: optional(text(40)),
};

export const merchantOrgCreateInput = v.strictObject({ name: text(200), ...details });
export const merchantOrgUpdateInput = v.strictObject({
  id,
  name: v.optional(text(200)),
  status: v.optional(partyStatus),
  ...details,
});
export const merchantOrgListInput = v.strictObject({
  ...listInput,
  status: v.optional(partyStatus),
  name: v.optional(text(200)),
  q: v.optional(text(200)),
});
export const merchantOrgList = listOf(merchantOrg);
