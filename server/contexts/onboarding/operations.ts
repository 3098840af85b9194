// Onboarding: what a MerchantOrg or merchant brings before it is live. The data itself shows what is done; what is kept
// here is who accepted the terms and what was waived. What is required is a setting; the move to live checks it
// (tenants/functions/17-onboarding.sql).
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { idInput } from '../../operations/schemas.ts';
import { deleteWaiver, insertAcceptance, insertWaiver, pageOfOnboarding, selectOnboarding } from './queries.ts';
import {
  ONBOARDING_ITEMS,
  type Onboarding,
  type OnboardingItem,
  onboarding,
  onboardingAcceptTermsInput,
  onboardingListInput,
  onboardingList as onboardingListSchema,
  onboardingUnwaiveInput,
  onboardingWaiveInput,
} from './schemas.ts';

async function checklistOf(ctx: Context, id: string): Promise<Onboarding> {
  return orNotFound(await selectOnboarding(ctx.tx, ctx.scope, id));
}

/** @throws DomainError `conflict` for what is closed */
async function openChecklist(ctx: Context, id: string): Promise<Onboarding> {
  const found = await checklistOf(ctx, id);
  if (found.status === 'closed') throw new DomainError('conflict', `${found.name} is closed.`);
  return found;
}

function requireItemOf({ party_type }: Onboarding, item: OnboardingItem): void {
  if (Object.hasOwn(ONBOARDING_ITEMS[party_type], item)) return;
  const known = Object.keys(ONBOARDING_ITEMS[party_type]).join(', ');
  throw new DomainError('invalid', 'This is no part of its onboarding.', {
    errors: { item: [`must be one of ${known}`] },
  });
}

export const onboardingList = defineOperation({
  name: 'onboarding.list',
  kind: 'read',
  risk: 'read',
  permission: 'onboarding:read',
  resource: 'onboarding',
  summary: 'List what has not gone live yet, how far it is and what blocks it',
  input: onboardingListInput,
  output: onboardingListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/onboarding' },
  run: (ctx, input) => pageOfOnboarding(ctx.tx, ctx.scope, input),
});

export const onboardingGet = defineOperation({
  name: 'onboarding.get',
  kind: 'read',
  risk: 'read',
  permission: 'onboarding:read',
  resource: 'onboarding',
  summary: 'Read the onboarding checklist of a MerchantOrg or merchant',
  input: idInput,
  output: onboarding,
  http: { method: 'GET', path: '/api/onboarding/{id}' },
  run: (ctx, { id }) => checklistOf(ctx, id),
});

export const onboardingAcceptTerms = defineOperation({
  name: 'onboarding.accept_terms',
  kind: 'write',
  risk: 'write',
  permission: 'onboarding:accept_terms',
  resource: 'onboarding',
  summary: 'Record that a MerchantOrg or merchant accepted the present terms',
  input: onboardingAcceptTermsInput,
  output: onboarding,
  http: { method: 'POST', path: '/api/onboarding/{id}/accept-terms' },
  describe: ({ version }) => `Accepted version ${version} of the terms`,
  run: async (ctx, { id, version, accepted_by }) => {
    // The record is for good, and is theirs to make.
    if (ctx.actor.impersonator) {
      throw new DomainError(
        'not_while_impersonating',
        'Terms are accepted by those whom they bind, not by who views as them.',
      );
    }
    const party = await openChecklist(ctx, id);
    if (party.terms.version !== version) {
      throw new DomainError('conflict', `The terms are in version ${party.terms.version} now. Read those first.`);
    }
    const recordedBy = ctx.actor.name;
    await insertAcceptance(ctx.tx, party, { version, acceptedBy: accepted_by ?? recordedBy, recordedBy });
    return checklistOf(ctx, id);
  },
});

export const onboardingWaive = defineOperation({
  name: 'onboarding.waive',
  kind: 'write',
  risk: 'write',
  permission: 'onboarding:waive',
  resource: 'onboarding',
  summary: 'Let a MerchantOrg or merchant go live without an item, and say why',
  input: onboardingWaiveInput,
  output: onboarding,
  http: { method: 'POST', path: '/api/onboarding/{id}/waive' },
  describe: ({ item, reason }) => `Waived ${item} in an onboarding: ${reason}`,
  onConstraint: {
    onboarding_waivers_of_merchant_org_once: waivedAlready,
    onboarding_waivers_of_merchant_once: waivedAlready,
  },
  run: async (ctx, { id, item, reason }) => {
    requireWholeTenant(ctx.scope, 'Waivers');
    const party = await openChecklist(ctx, id);
    requireItemOf(party, item);
    await insertWaiver(ctx.tx, party, { item, reason, by: ctx.actor.name });
    return checklistOf(ctx, id);
  },
});

function waivedAlready(): DomainError {
  return new DomainError('conflict', 'It is waived already.');
}

export const onboardingUnwaive = defineOperation({
  name: 'onboarding.unwaive',
  kind: 'write',
  risk: 'write',
  permission: 'onboarding:waive',
  resource: 'onboarding',
  summary: 'Ask for an item of an onboarding again that was waived',
  input: onboardingUnwaiveInput,
  output: onboarding,
  http: { method: 'POST', path: '/api/onboarding/{id}/unwaive' },
  describe: ({ item }) => `Asked for ${item} in an onboarding again`,
  run: async (ctx, { id, item }) => {
    requireWholeTenant(ctx.scope, 'Waivers');
    const party = await openChecklist(ctx, id);
    requireItemOf(party, item);
    if (!(await deleteWaiver(ctx.tx, party, item))) throw new DomainError('conflict', 'It is not waived.');
    return checklistOf(ctx, id);
  },
});
