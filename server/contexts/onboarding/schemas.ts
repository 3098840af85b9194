import * as v from 'valibot';
import { id, instant, listInput, listOf, text } from '../../operations/schemas.ts';
import { partyStatus } from '../merchant-org/schemas.ts';
import { MERCHANT_ITEMS, ORG_ITEMS } from '../setting/schemas.ts';

const item = v.picklist([...new Set([...ORG_ITEMS, ...MERCHANT_ITEMS])]);
export type OnboardingItem = v.InferOutput<typeof item>;
export const onboardingParty = v.picklist(['merchant_org', 'merchant']);
export type OnboardingParty = v.InferOutput<typeof onboardingParty>;

/** The items of each kind of party, in order: what is to be done, and what shows that it is done. */
export const ONBOARDING_ITEMS = {
  merchant_org: {
    legal: { label: 'Legal data', help: 'Its legal name and tax id.' },
    billing: { label: 'Billing', help: 'The address that its invoices carry.' },
    owner: { label: 'Owner', help: 'Somebody of its own with a role there, who has accepted the invitation.' },
    terms: { label: 'Terms', help: 'Somebody accepted the present terms for it.' },
  },
  merchant: {
    details: { label: 'Details', help: 'An e-mail address or a phone number to reach it by.' },
    location: { label: 'Location', help: 'A place where it works.' },
    services: { label: 'Services', help: 'A service, and somebody with working hours who does it.' },
    payments: { label: 'Payments', help: 'How it takes money was chosen.' },
    messaging: { label: 'Messaging', help: 'An address for the answers of its customers.' },
    terms: { label: 'Terms', help: 'Somebody accepted the present terms for it.' },
  },
} as const;

/** `path` is the page of the portal where it is done. */
const state = v.object({
  item,
  label: v.string(),
  help: v.string(),
  state: v.picklist(['done', 'missing', 'waived']),
  is_required: v.boolean(),
  waiver: v.nullable(v.object({ reason: v.string(), waived_by: v.string(), waived_at: instant })),
  path: v.string(),
});
export type OnboardingState = v.InferOutput<typeof state>;

export const termsAcceptance = v.object({
  terms_version: v.string(),
  accepted_by: v.string(),
  recorded_by: v.string(),
  accepted_at: instant,
});

/**
 * The checklist of a MerchantOrg or merchant, whose `id` it has. `progress` is in percent; `blocking` names what is
 * required and neither done nor waived. `terms.version` is the one to accept, `terms.acceptance` the latest of any.
 */
export const onboarding = v.object({
  id,
  party_type: onboardingParty,
  name: v.string(),
  merchant_org_id: id,
  status: partyStatus,
  progress: v.number(),
  blocking: v.array(item),
  items: v.array(state),
  terms: v.object({ version: v.string(), url: v.nullable(v.string()), acceptance: v.nullable(termsAcceptance) }),
  created_at: instant,
});
export type Onboarding = v.InferOutput<typeof onboarding>;

/** What has not gone live yet. */
export const onboardingListInput = v.strictObject({
  ...listInput,
  party_type: v.optional(onboardingParty),
  merchant_org_id: v.optional(id),
  is_blocked: v.optional(v.boolean()),
  missing: v.optional(item),
  q: v.optional(text(200)),
});
export const onboardingList = listOf(onboarding);

/** `version` is the one that was read; `accepted_by` the person who agreed, the caller when left out. */
export const onboardingAcceptTermsInput = v.strictObject({
  id,
  version: text(40),
  accepted_by: v.optional(text(200)),
});
export const onboardingWaiveInput = v.strictObject({ id, item, reason: text(500) });
export const onboardingUnwaiveInput = v.strictObject({ id, item });
