import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantOrgUpdate } from '../../server/contexts/merchant-org/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { MerchantOrgFields } from '../components/merchant-org-fields.tsx';
import { SkipStep } from '../components/onboard-foot.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { onboardAddress } from '../onboard-steps.ts';
import { aboutOf, orgOnboarded } from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';
import { contactCount, MERCHANT_ORG_LABELS, merchantOrgValues, readMerchantOrg } from '../party-form.ts';

export const meta = pageTitle('Legal and billing');

export async function loader({ context, request }: LoaderFunctionArgs) {
  if (!context.can('merchant_org:update')) throw new Response(null, { status: 403 });
  return { org: await orgOnboarded(context, request), about: aboutOf(request), formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const org = await orgOnboarded(context, request);
  const form = await request.formData();
  const { values, input } = readMerchantOrg(form);
  const answer = await context.submit(merchantOrgUpdate, { id: org.id, ...input }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(onboardAddress('/business', aboutOf(request)));
}

export default function OnboardLegal() {
  const { org, about, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <Card title="Legal and billing" padded>
      <PortalForm
        state={state}
        values={merchantOrgValues(org)}
        formKey={formKey}
        version={org.version}
        labels={MERCHANT_ORG_LABELS}
      >
        <MerchantOrgFields contacts={contactCount(org.contacts, state?.values)} />
        <div className="form-foot">
          <SubmitButton>Save and continue</SubmitButton>
          <SkipStep path="/legal" about={about} />
        </div>
      </PortalForm>
    </Card>
  );
}
