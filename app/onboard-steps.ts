import type { Onboarding, OnboardingItem } from '../server/contexts/onboarding/schemas.ts';

// The wizard is a view over the checklists: every step saves what it is about, so leaving it loses nothing.

type Step = {
  readonly path: string;
  readonly label: string;
  /** What it is about: it needs that one to be there. */
  readonly of: 'nobody' | 'org' | 'merchant';
  /** The items that it does, of the MerchantOrg's checklist and of the merchant's. */
  readonly org?: readonly OnboardingItem[];
  readonly merchant?: readonly OnboardingItem[];
};

export const ONBOARD_STEPS = [
  { path: '', label: 'MerchantOrg', of: 'nobody' },
  { path: '/legal', label: 'Legal and billing', of: 'org', org: ['legal', 'billing'] },
  { path: '/business', label: 'The business', of: 'org', merchant: ['details'] },
  { path: '/location', label: 'Location and hours', of: 'merchant', merchant: ['location'] },
  { path: '/services', label: 'First services', of: 'merchant', merchant: ['services'] },
  { path: '/people', label: 'People', of: 'org', org: ['owner'] },
  { path: '/payments', label: 'Payments and messages', of: 'merchant', merchant: ['payments', 'messaging'] },
  { path: '/terms', label: 'Terms', of: 'org', org: ['terms'], merchant: ['terms'] },
  { path: '/review', label: 'Review and go live', of: 'org' },
] as const satisfies readonly Step[];

export type OnboardPath = (typeof ONBOARD_STEPS)[number]['path'];

/** Whom the wizard is about, by their ids. */
export type About = { org: string | null; merchant: string | null };

/** The address of a step. A merchant says which MerchantOrg it is under. */
export function onboardAddress(path: OnboardPath, { org, merchant }: About): string {
  const search = merchant ? `?merchant_id=${merchant}` : org ? `?merchant_org_id=${org}` : '';
  return `/onboard${path}${search}`;
}

export function stepAfter(path: OnboardPath): OnboardPath {
  const place = ONBOARD_STEPS.findIndex((step) => step.path === path);
  return ONBOARD_STEPS[place + 1]?.path ?? '/review';
}

type Checklists = { org: Onboarding | null; merchant: Onboarding | null };

/** The items of a step as they are now; empty where the checklist is not there yet or cannot be read. */
export function itemsOf(step: Step, { org, merchant }: Checklists): Onboarding['items'] {
  const of = (names: readonly OnboardingItem[] = [], list: Onboarding | null) =>
    list?.items.filter(({ item }) => names.includes(item)) ?? [];
  return [...of(step.org, org), ...of(step.merchant, merchant)];
}

/** Where an onboarding goes on: at the first step with something missing, required things before others. */
export function nextStep(checklists: Checklists): OnboardPath {
  const missing = (isRequired: boolean) =>
    ONBOARD_STEPS.find((step) =>
      itemsOf(step, checklists).some((item) => item.state === 'missing' && (item.is_required || !isRequired)),
    )?.path;
  if (!checklists.merchant) return '/legal';
  return missing(true) ?? missing(false) ?? '/review';
}
