import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { accountCreate } from '../../server/contexts/account/operations.ts';
import { accountType } from '../../server/contexts/account/schemas.ts';
import { bookChoices } from '../book-choices.ts';
import { Card } from '../components/card.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { formGuards, newFormKey, readFields, refused, withoutEmpty } from '../forms.ts';
import { humanize } from '../labels.ts';
import { allBooks, chooseBook } from '../ledger-data.ts';
import { COMMON_CURRENCIES } from '../money.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('New account');

const LABELS = { book_id: 'Book', code: 'Code', name: 'Name', type: 'Type', currency: 'Currency' };
const TYPES = accountType.options.map((value) => ({ value, label: humanize(value) }));

export async function loader({ context, request }: LoaderFunctionArgs) {
  const books = await allBooks(context);
  const book = chooseBook(books, request);
  return {
    formKey: newFormKey(),
    books: bookChoices(books),
    values: { book_id: book?.id ?? '', currency: book?.currency ?? context.tenant.currency, type: 'asset' },
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(LABELS));
  const answer = await context.submit(accountCreate, withoutEmpty(values), formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/accounts/${answer.data.id}?created=1`);
}

export default function NewAccount() {
  const { formKey, books, values } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="New account" crumbs={[{ href: '/accounts', label: 'Accounts' }]} />
      <div className="form-narrow">
        <Card padded>
          <PortalForm state={useActionData<typeof action>()} values={values} formKey={formKey} labels={LABELS}>
            <SelectField name="book_id" label="Book" choices={books} required />
            <div className="form-grid">
              <TextField name="code" label="Code" hint="Unique in its book, like 1010" maxLength={40} required />
              <TextField name="name" label="Name" maxLength={200} required />
              <SelectField name="type" label="Type" choices={TYPES} required />
              <TextField name="currency" label="Currency" suggestions={COMMON_CURRENCIES} maxLength={3} required />
            </div>
            <div className="form-foot">
              <SubmitButton>Add account</SubmitButton>
              <Link className="button button-plain" to="/accounts">
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
