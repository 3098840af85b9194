import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { merchantGet, merchantUpdate } from '../../server/contexts/merchant/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { MerchantFields } from '../components/merchant-fields.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { emptyAsNull, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { MERCHANT_LABELS } from '../party-form.ts';

export const meta = pageTitle<{ merchant: { name: string } }>(({ merchant }) => `Edit ${merchant.name}`);

const FIELDS = ['name', 'public_name', 'vertical', 'time_zone', 'email', 'phone'];

export async function loader({ context, params }: LoaderFunctionArgs) {
  const merchant = await context.run(merchantGet, { id: idParam(params) });
  return { merchant, formKey: newFormKey(), timeZones: Intl.supportedValuesOf('timeZone') };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, FIELDS);
  const change = { id: params.id, ...emptyAsNull(values, ['name', 'public_name', 'vertical', 'time_zone']) };
  const answer = await context.submit(merchantUpdate, change, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${params.id}?saved=1`);
}

export default function EditMerchant() {
  const { merchant, formKey, timeZones } = useLoaderData<typeof loader>();
  const { name, public_name, vertical, time_zone, email, phone } = merchant;
  return (
    <>
      <PageHeader
        title={`Edit ${name}`}
        crumbs={[
          { href: '/merchants', label: 'Merchants' },
          { href: `/merchants/${merchant.id}`, label: name },
        ]}
      />
      <div className="form-narrow">
        <Card padded>
          <PortalForm
            state={useActionData<typeof action>()}
            values={{ name, public_name, vertical, time_zone, email: email ?? '', phone: phone ?? '' }}
            formKey={formKey}
            version={merchant.version}
            labels={MERCHANT_LABELS}
          >
            <MerchantFields timeZones={timeZones} />
            <div className="form-foot">
              <SubmitButton>Save changes</SubmitButton>
              <Link className="button button-plain" to={`/merchants/${merchant.id}`}>
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
