import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantOrgCreate, merchantOrgList } from '../../server/contexts/merchant-org/operations.ts';
import { onboardingList } from '../../server/contexts/onboarding/operations.ts';
import { Card } from '../components/card.tsx';
import { Progress } from '../components/checklist.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { nextStep, onboardAddress } from '../onboard-steps.ts';
import { pageTitle } from '../page-title.ts';
import { invalidFields } from '../problem.ts';
import { wholeList } from '../whole-list.ts';

export const meta = pageTitle('Onboard a business');

const LABELS = { merchant_org_id: 'MerchantOrg', name: 'Name of a new one' };

export async function loader({ context }: LoaderFunctionArgs) {
  if (!context.can('merchant:create')) throw new Response(null, { status: 403 });
  const [orgs, open] = await Promise.all([
    wholeList((cursor) => context.run(merchantOrgList, { limit: 200, sort: 'name', ...(cursor ? { cursor } : {}) })),
    context.can('onboarding:read') ? context.run(onboardingList, { party_type: 'merchant', limit: 5 }) : null,
  ]);
  const begun = (open?.data ?? []).map((merchant) => ({
    ...merchant,
    address: onboardAddress(nextStep({ org: null, merchant }), { org: null, merchant: merchant.id }),
  }));
  return {
    orgs: orgs.filter(({ status }) => status !== 'closed').map(({ id, name }) => ({ value: id, label: name })),
    begun,
    mayCreate: context.can('merchant_org:create'),
    formKey: newFormKey(),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(LABELS));
  const { merchant_org_id: chosen = '', name = '' } = values;
  if (chosen !== '' && name !== '') {
    const message = 'Choose one that is there or name a new one, not both';
    return refused(invalidFields({ merchant_org_id: [message] }, context.requestId), values);
  }
  if (chosen !== '') throw redirect(onboardAddress('/legal', { org: chosen, merchant: null }));
  const answer = await context.submit(merchantOrgCreate, { name }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(onboardAddress('/legal', { org: answer.data.id, merchant: null }));
}

export default function OnboardOrg() {
  const { orgs, begun, mayCreate, formKey } = useLoaderData<typeof loader>();
  return (
    <>
      <Card title="Whose business is it?" padded>
        <PortalForm state={useActionData<typeof action>()} formKey={formKey} labels={LABELS}>
          <p className="hint">
            A MerchantOrg is the company that signs with you. It may have several businesses, and each is onboarded by
            itself.
          </p>
          {orgs.length > 0 ? (
            <SelectField
              name="merchant_org_id"
              label={LABELS.merchant_org_id}
              choices={orgs}
              empty={mayCreate ? 'A new one' : 'Choose one'}
            />
          ) : null}
          {mayCreate ? (
            <TextField
              name="name"
              label={LABELS.name}
              hint="For a new one: what your team calls it"
              maxLength={200}
              required={orgs.length === 0}
            />
          ) : null}
          <div className="form-foot">
            <SubmitButton>Continue</SubmitButton>
            <Link className="button button-plain" to="/onboarding">
              Cancel
            </Link>
          </div>
        </PortalForm>
      </Card>
      {begun.length > 0 ? (
        <Card title="Go on with one that was begun" action={<Link to="/onboarding">See all</Link>}>
          <ul className="plain-list">
            {begun.map((merchant) => (
              <li key={merchant.id}>
                <Link to={merchant.address}>{merchant.name}</Link>
                <Progress checklist={merchant} />
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
    </>
  );
}
