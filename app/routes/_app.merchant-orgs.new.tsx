import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantOrgCreate } from '../../server/contexts/merchant-org/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { MerchantOrgFields } from '../components/merchant-org-fields.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { contactCount, forCreation, MERCHANT_ORG_LABELS, readMerchantOrg } from '../party-form.ts';

export const meta = pageTitle('New MerchantOrg');

export function loader({ context }: LoaderFunctionArgs) {
  if (!context.can('merchant_org:create')) throw new Response(null, { status: 403 });
  return { formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { values, input } = forCreation(readMerchantOrg(form));
  const answer = await context.submit(merchantOrgCreate, input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchant-orgs/${answer.data.id}?created=1`);
}

export default function NewMerchantOrg() {
  const { formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader title="New MerchantOrg" crumbs={[{ href: '/merchant-orgs', label: 'MerchantOrgs' }]} />
      <div className="form-narrow">
        <Card padded>
          <PortalForm state={state} formKey={formKey} labels={MERCHANT_ORG_LABELS}>
            <MerchantOrgFields contacts={contactCount([], state?.values)} />
            <div className="form-foot">
              <SubmitButton>Add MerchantOrg</SubmitButton>
              <Link className="button button-plain" to="/merchant-orgs">
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
