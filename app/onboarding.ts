import type { AppLoadContext } from '@remix-run/server-runtime';
import { merchantGet } from '../server/contexts/merchant/operations.ts';
import type { Merchant } from '../server/contexts/merchant/schemas.ts';
import type { MerchantOrg } from '../server/contexts/merchant-org/schemas.ts';
import {
  onboardingAcceptTerms,
  onboardingGet,
  onboardingUnwaive,
  onboardingWaive,
} from '../server/contexts/onboarding/operations.ts';
import type { Onboarding } from '../server/contexts/onboarding/schemas.ts';
import type { Problem } from '../server/operations/errors.ts';
import { WHOLE_TENANT } from '../server/operations/may-grant.ts';
import { type FormValues, formGuards } from './forms.ts';
import { idParam } from './id-param.ts';
import type { About } from './onboard-steps.ts';
import { readableOrg } from './party-data.ts';
import { invalidFields } from './problem.ts';

// What the pages of an onboarding load and do: the wizard, and the checklists beside a MerchantOrg and a merchant.

export const ONBOARDING_FIELDS = ['reason', 'accepted_by', 'terms_version'];

/** The checklist of a MerchantOrg or merchant for those who may read it, as long as it is not live. */
export async function checklistOf(
  context: AppLoadContext,
  party: { id: string; status: string },
): Promise<Onboarding | null> {
  if (party.status !== 'onboarding' || !context.can('onboarding:read')) return null;
  return context.run(onboardingGet, { id: party.id });
}

export const checklistRights = (context: AppLoadContext) => ({
  accept: context.can('onboarding:accept_terms'),
  waive: context.can('onboarding:waive', WHOLE_TENANT),
});

/** Does what a form of a checklist says: its intent is `accept`, `waive` or `unwaive`, the party, and the item. */
export async function actOnChecklist(
  context: AppLoadContext,
  values: FormValues,
  form: FormData,
): Promise<{ problem: Problem } | { data: unknown }> {
  const [verb, id = '', item = ''] = (values.intent ?? '').split(':');
  const guards = formGuards(form);
  switch (verb) {
    case 'accept': {
      // A program records its own agreement by itself; here somebody writes down another's.
      const { accepted_by = '', terms_version: version } = values;
      if (accepted_by === '') return { problem: invalidFields({ accepted_by: ['is required'] }, context.requestId) };
      return context.submit(onboardingAcceptTerms, { id, version, accepted_by }, guards);
    }
    case 'waive':
      return context.submit(onboardingWaive, { id, item, reason: values.reason }, guards);
    case 'unwaive':
      return context.submit(onboardingUnwaive, { id, item }, guards);
    default:
      throw new Response(null, { status: 400 });
  }
}

/** Whom an address of the wizard is about: nobody yet, a MerchantOrg, or one of its merchants. */
export type Onboarded = { org: MerchantOrg | null; merchant: Merchant | null };

export async function onboardedOf(context: AppLoadContext, request: Request): Promise<Onboarded> {
  const search = new URL(request.url).searchParams;
  const [orgId, merchantId] = [search.get('merchant_org_id'), search.get('merchant_id')];
  const merchant = merchantId ? await context.run(merchantGet, { id: idParam({ id: merchantId }) }) : null;
  const id = merchant?.merchant_org_id ?? (orgId ? idParam({ id: orgId }) : null);
  return { org: id ? await readableOrg(context, id) : null, merchant };
}

/** The step of the wizard has somebody to be about; without, it begins anew. */
export async function merchantOnboarded(context: AppLoadContext, request: Request): Promise<Merchant> {
  const { merchant } = await onboardedOf(context, request);
  if (!merchant) throw new Response(null, { status: 404 });
  return merchant;
}

export async function orgOnboarded(context: AppLoadContext, request: Request): Promise<MerchantOrg> {
  const { org } = await onboardedOf(context, request);
  if (!org) throw new Response(null, { status: 404 });
  return org;
}

/** Whom the address names, for the addresses of other steps. */
export function aboutOf(request: Request): About {
  const search = new URL(request.url).searchParams;
  return { org: search.get('merchant_org_id'), merchant: search.get('merchant_id') };
}
