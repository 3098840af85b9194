import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantCreate } from '../../server/contexts/merchant/operations.ts';
import { merchantOrgList } from '../../server/contexts/merchant-org/operations.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { SelectField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { MerchantFields } from '../components/merchant-fields.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { contactCount, forCreation, MERCHANT_LABELS, readMerchant } from '../party-form.ts';
import { timeZones } from '../time-zones.ts';
import { wholeList } from '../whole-list.ts';

export const meta = pageTitle('New merchant');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const orgs = await wholeList((cursor) =>
    context.run(merchantOrgList, { limit: 200, sort: 'name', ...(cursor ? { cursor } : {}) }),
  );
  const { currency, time_zone } = context.tenant;
  return {
    formKey: newFormKey(),
    timeZones: timeZones(),
    orgs: orgs.map((org) => ({ value: org.id, label: org.name })),
    values: {
      currency,
      time_zone,
      vertical: 'beauty_and_wellness',
      merchant_org_id: new URL(request.url).searchParams.get('merchant_org_id') ?? '',
    },
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { values, input } = forCreation(readMerchant(form));
  const answer = await context.submit(merchantCreate, input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${answer.data.id}?created=1`);
}

export default function NewMerchant() {
  const { formKey, orgs, timeZones: zones, values } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader title="New merchant" crumbs={[{ href: '/merchants', label: 'Merchants' }]} />
      <div className="form-narrow">
        {orgs.length === 0 ? (
          <NeedsMerchantOrg />
        ) : (
          <Card padded>
            <PortalForm state={state} values={values} formKey={formKey} labels={MERCHANT_LABELS}>
              <SelectField name="merchant_org_id" label="MerchantOrg" choices={orgs} empty="Choose one" required />
              <MerchantFields isNew timeZones={zones} contacts={contactCount([], state?.values)} />
              <div className="form-foot">
                <SubmitButton>Add merchant</SubmitButton>
                <Link className="button button-plain" to="/merchants">
                  Cancel
                </Link>
              </div>
            </PortalForm>
          </Card>
        )}
      </div>
    </>
  );
}

function NeedsMerchantOrg() {
  return (
    <Card>
      <Empty
        icon="building"
        title="First comes a MerchantOrg"
        action={{ href: '/merchant-orgs/new', label: 'Add a MerchantOrg' }}
      >
        Every merchant belongs to one: the company that signs with you.
      </Empty>
    </Card>
  );
}
