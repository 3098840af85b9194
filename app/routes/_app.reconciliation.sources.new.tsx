import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { sourceCreate } from '../../server/contexts/statement/operations.ts';
import { BookChoice } from '../components/book-choice.tsx';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { StatementSourceFields } from '../components/statement-source-fields.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { allAccounts, allBooks, chooseBook } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';
import { mappingValues, readMapping, readRules, ruleValues, SOURCE_LABELS } from '../reconciliation.ts';
import { readTolerance } from '../statement-tolerance.ts';

export const meta = pageTitle('New source');

async function chart(context: LoaderFunctionArgs['context'], request: Request) {
  const books = await allBooks(context);
  const book = chooseBook(books, request);
  const accounts = book ? await allAccounts(context, book.id) : [];
  return { books, book, accounts: accounts.filter(({ status }) => status === 'open') };
}

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { books, book, accounts } = await chart(context, request);
  const choices = accounts.map(({ id, code, name, type }) => ({ value: id, label: `${code} ${name}`, type }));
  return {
    formKey: newFormKey(),
    books,
    book,
    accounts: choices.filter(({ type }) => type === 'asset' || type === 'liability'),
    others: choices,
    values: { ...mappingValues(), ...ruleValues() },
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(SOURCE_LABELS));
  const { accounts } = await chart(context, request);
  const currency = accounts.find(({ id }) => id === values.account_id)?.currency ?? context.tenant.currency;
  const tolerance = readTolerance(values, currency, context);
  if ('problem' in tolerance) return refused(tolerance.problem, values);
  const { name, account_id, difference_account_id } = values;
  const input = {
    name,
    account_id,
    difference_account_id: difference_account_id || null,
    mapping: readMapping(values),
    rules: readRules(values, tolerance.amount),
  };
  const answer = await context.submit(sourceCreate, input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/reconciliation/sources/${answer.data.id}/import?created=1`);
}

export default function NewSource() {
  const { formKey, books, book, accounts, others, values } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="New source"
        lead="An account at a bank or processor, and the account of the ledger that it is."
        crumbs={[{ href: '/reconciliation', label: 'Reconciliation' }]}
      />
      {books.length > 1 ? <BookChoice books={books} chosen={book} /> : null}
      <Card padded>
        <PortalForm state={useActionData<typeof action>()} values={values} formKey={formKey} labels={SOURCE_LABELS}>
          <StatementSourceFields accounts={accounts} others={others} />
          <div className="form-foot">
            <SubmitButton>Add source</SubmitButton>
            <Link className="button button-plain" to="/reconciliation">
              Cancel
            </Link>
          </div>
        </PortalForm>
      </Card>
    </>
  );
}
