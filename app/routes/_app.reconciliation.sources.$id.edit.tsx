import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { sourceGet, sourceUpdate } from '../../server/contexts/statement/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { StatementSourceFields } from '../components/statement-source-fields.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { allAccounts } from '../ledger-data.ts';
import { pageTitle } from '../page-title.ts';
import { mappingValues, readMapping, readRules, ruleValues, SOURCE_LABELS } from '../reconciliation.ts';
import { readTolerance } from '../statement-tolerance.ts';

export const meta = pageTitle<{ source: { name: string } }>(({ source }) => `Edit ${source.name}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const source = await context.run(sourceGet, { id: idParam(params) });
  const accounts = await allAccounts(context, source.book_id);
  const others = accounts.filter(({ id, currency }) => id !== source.account_id && currency === source.currency);
  const { name, difference_account_id: other, mapping } = source;
  return {
    source,
    formKey: newFormKey(),
    others: others.map(({ id, code, name: called }) => ({ value: id, label: `${code} ${called}` })),
    values: { name, difference_account_id: other ?? '', ...mappingValues(mapping), ...ruleValues(source) },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(SOURCE_LABELS));
  const { id, currency } = await context.run(sourceGet, { id: idParam(params) });
  const tolerance = readTolerance(values, currency, context);
  if ('problem' in tolerance) return refused(tolerance.problem, values);
  const change = {
    id,
    name: values.name,
    difference_account_id: values.difference_account_id || null,
    mapping: readMapping(values),
    rules: readRules(values, tolerance.amount),
  };
  const answer = await context.submit(sourceUpdate, change, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect('/reconciliation');
}

export default function EditSource() {
  const { source, formKey, others, values } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title={`Edit ${source.name}`}
        lead={`Reconciles ${source.account_code} ${source.account_name}.`}
        crumbs={[{ href: '/reconciliation', label: 'Reconciliation' }]}
      />
      <Card padded>
        <PortalForm
          state={useActionData<typeof action>()}
          values={values}
          formKey={formKey}
          version={source.version}
          labels={SOURCE_LABELS}
        >
          <StatementSourceFields others={others} />
          <div className="form-foot">
            <SubmitButton>Save changes</SubmitButton>
            <Link className="button button-plain" to="/reconciliation">
              Cancel
            </Link>
          </div>
        </PortalForm>
      </Card>
    </>
  );
}
