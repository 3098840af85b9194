import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { endCustomerCreate } from '../../server/contexts/end-customer/operations.ts';
import { Card } from '../components/card.tsx';
import { CustomerFields } from '../components/customer-fields.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { CUSTOMER_LABELS } from '../customer-form.ts';
import { formGuards, newFormKey, readFields, refused, withoutEmpty } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { merchantOf } from '../workspace-data.ts';

export const meta = pageTitle('New customer');

export async function loader({ context, params }: LoaderFunctionArgs) {
  return { merchant: await merchantOf(context, params), formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const merchant = await merchantOf(context, params);
  const form = await request.formData();
  const values = readFields(form, Object.keys(CUSTOMER_LABELS));
  const answer = await context.submit(
    endCustomerCreate,
    { merchant_id: merchant.id, ...withoutEmpty(values) },
    formGuards(form),
  );
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/merchants/${merchant.id}/customers/${answer.data.id}?created=1`);
}

export default function NewCustomer() {
  const { merchant, formKey } = useLoaderData<typeof loader>();
  return (
    <div className="form-narrow">
      <Card title="New customer" padded>
        <PortalForm state={useActionData<typeof action>()} formKey={formKey} labels={CUSTOMER_LABELS}>
          <CustomerFields />
          <div className="form-foot">
            <SubmitButton>Add customer</SubmitButton>
            <Link className="button button-plain" to={`/merchants/${merchant.id}/customers`}>
              Cancel
            </Link>
          </div>
        </PortalForm>
      </Card>
    </div>
  );
}
