import * as v from 'valibot';
import {
  email,
  id,
  instant,
  listInput,
  listOf,
  optional,
  text,
  version,
  webAddress,
} from '../../operations/schemas.ts';
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

/** Those who are not at work may be archived; the database insists: `*_archived_at_rest`. */
export const AT_REST: readonly string[] = ['onboarding', 'closed'] satisfies PartyStatus[];
export const ONLY_AT_REST = 'Only what is closed or still onboarding can be archived.';

/** Somebody to ask for. */
export const contact = v.object({
  name: v.string(),
  role: v.nullable(v.string()),
  email: v.nullable(v.string()),
  phone: v.nullable(v.string()),
});
export type Contact = v.InferOutput<typeof contact>;

/** Replaced together. */
export const contactsInput = v.pipe(
  v.array(
    v.strictObject({
      name: text(200),
      role: optional(text(120)),
      email: optional(email),
      phone: optional(text(40)),
    }),
  ),
  v.maxLength(10, 'must be at most 10 people'),
);

export const merchantOrg = v.object({
  id,
  name: v.string(),
  legal_name: v.nullable(v.string()),
  email: v.nullable(v.string()),
  phone: v.nullable(v.string()),
  tax_id: v.nullable(v.string()),
  billing_address: v.nullable(v.string()),
  website: v.nullable(v.string()),
  contacts: v.array(contact),
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
  billing_address: optional(text(500)),
  website: optional(webAddress),
  contacts: v.optional(contactsInput),
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
