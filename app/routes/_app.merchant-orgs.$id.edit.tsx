import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData, useLocation } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantOrgGet, merchantOrgUpdate } from '../../server/contexts/merchant-org/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { MerchantOrgFields } from '../components/merchant-org-fields.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { contactCount, MERCHANT_ORG_LABELS, merchantOrgValues, readMerchantOrg } from '../party-form.ts';
import { backFrom, nextOf } from '../safe-next.ts';

export const meta = pageTitle<{ org: { name: string } }>(({ org }) => `Edit ${org.name}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  return { org: await context.run(merchantOrgGet, { id: idParam(params) }), formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { values, input } = readMerchantOrg(form);
  const answer = await context.submit(merchantOrgUpdate, { id: params.id, ...input }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(backFrom(request, `/merchant-orgs/${params.id}?saved=1`));
}

export default function EditMerchantOrg() {
  const { org, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const { name } = org;
  const { search } = useLocation();
  return (
    <>
      <PageHeader
        title={`Edit ${name}`}
        crumbs={[
          { href: '/merchant-orgs', label: 'MerchantOrgs' },
          { href: `/merchant-orgs/${org.id}`, label: name },
        ]}
      />
      <div className="form-narrow">
        <Card padded>
          <PortalForm
            state={state}
            values={merchantOrgValues(org)}
            formKey={formKey}
            version={org.version}
            labels={MERCHANT_ORG_LABELS}
          >
            <MerchantOrgFields contacts={contactCount(org.contacts, state?.values)} />
            <div className="form-foot">
              <SubmitButton>Save changes</SubmitButton>
              <Link className="button button-plain" to={nextOf(search) ?? `/merchant-orgs/${org.id}`}>
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
