import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { endCustomerCreate } from '../../server/contexts/end-customer/operations.ts';
import { Card } from '../components/card.tsx';
import { CustomerFields } from '../components/customer-fields.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { CUSTOMER_LABELS } from '../customer-form.ts';
import { formGuards, newFormKey, readFields, refused, withoutEmpty } from '../forms.ts';
import { headed } from '../headed.ts';
import { addressValues } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { merchantOf } from '../workspace-data.ts';

export const meta = pageTitle('New customer');
export const handle = headed('New customer');

/** `name` was typed elsewhere; `book` is what was chosen of a booking, which goes on with the new customer. */
export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const { name = '', book = '' } = addressValues(request, ['name', 'book']);
  return { merchant: await merchantOf(context, params), name, book, formKey: newFormKey() };
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
  const { book } = readFields(form, ['book']);
  const home = `/merchants/${merchant.id}`;
  const booking = new URLSearchParams(book);
  booking.set('customer', answer.data.id);
  throw redirect(book ? `${home}/appointments/new?${booking}` : `${home}/customers/${answer.data.id}?created=1`);
}

export default function NewCustomer() {
  const { merchant, name, book, formKey } = useLoaderData<typeof loader>();
  return (
    <div className="form-narrow">
      <Card title="New customer" padded>
        <PortalForm state={useActionData<typeof action>()} values={{ name }} formKey={formKey} labels={CUSTOMER_LABELS}>
          <input type="hidden" name="book" value={book} />
          <CustomerFields />
          <div className="form-foot">
            <SubmitButton>Add customer</SubmitButton>
            <Link
              className="button button-plain"
              to={book ? `/merchants/${merchant.id}/appointments/new?${book}` : `/merchants/${merchant.id}/customers`}
            >
              Cancel
            </Link>
          </div>
        </PortalForm>
      </Card>
    </div>
  );
}
