import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantOrgGet, merchantOrgUpdate } from '../../server/contexts/merchant-org/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { MerchantOrgFields } from '../components/merchant-org-fields.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { emptyAsNull, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { MERCHANT_ORG_LABELS } from '../party-form.ts';

export const meta = pageTitle<{ org: { name: string } }>(({ org }) => `Edit ${org.name}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  return { org: await context.run(merchantOrgGet, { id: idParam(params) }), formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(MERCHANT_ORG_LABELS));
  const change = { id: params.id, ...emptyAsNull(values, ['name']) };
  const answer = await context.submit(merchantOrgUpdate, change, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchant-orgs/${params.id}?saved=1`);
}

export default function EditMerchantOrg() {
  const { org, formKey } = useLoaderData<typeof loader>();
  const { name, legal_name, tax_id, email, phone } = org;
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
            state={useActionData<typeof action>()}
            values={{
              name,
              legal_name: legal_name ?? '',
              tax_id: tax_id ?? '',
              email: email ?? '',
              phone: phone ?? '',
            }}
            formKey={formKey}
            version={org.version}
            labels={MERCHANT_ORG_LABELS}
          >
            <MerchantOrgFields />
            <div className="form-foot">
              <SubmitButton>Save changes</SubmitButton>
              <Link className="button button-plain" to={`/merchant-orgs/${org.id}`}>
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
