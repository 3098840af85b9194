import * as v from 'valibot';
import { email, id, instant, listInput, listOf, optional, text, version } from '../../operations/schemas.ts';
import { defineStates } from '../../operations/states.ts';

export const partyStatus = v.picklist(['onboarding', 'active', 'suspended', 'closed']);
export type PartyStatus = v.InferOutput<typeof partyStatus>;

const moves = {
  activate: { from: ['onboarding'], to: 'active' },
  suspend: { from: ['active'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'active' },
  close: { from: ['onboarding', 'active', 'suspended'], to: 'closed' },
} as const;

/** onboarding → active ⇄ suspended → closed, for MerchantOrgs and merchants alike. */
export const merchantOrgStates = defineStates({ name: 'merchant_org', initial: 'onboarding', moves });
export const merchantStates = defineStates({ name: 'merchant', initial: 'onboarding', moves });

export const merchantOrg = v.object({
  id,
  name: v.string(),
  legal_name: v.nullable(v.string()),
  email: v.nullable(v.string()),
  phone: v.nullable(v.string()),
  tax_id: v.nullable(v.string()),
  status: partyStatus,
  /** Why it was last moved, where somebody said so. */
  status_reason: v.nullable(v.string()),
  archived_at: v.nullable(instant),
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
  status_reason: optional(text(500)),
  ...details,
});
export const merchantOrgListInput = v.strictObject({
  ...listInput,
  archived: v.optional(v.boolean()),
  status: v.optional(partyStatus),
  name: v.optional(text(200)),
  q: v.optional(text(200)),
});
export const merchantOrgList = listOf(merchantOrg);
