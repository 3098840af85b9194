import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { prospectGet, prospectUpdate } from '../../server/contexts/prospect/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { ProspectFields } from '../components/prospect-fields.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { invalidFields } from '../problem.ts';
import { ownerChoices } from '../prospect-data.ts';
import { PROSPECT_LABELS, prospectInput, prospectValues } from '../prospect-form.ts';

export const meta = pageTitle<{ prospect: { name: string } }>(({ prospect }) => `Edit ${prospect.name}`);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const [prospect, owners] = await Promise.all([
    context.run(prospectGet, { id: idParam(params) }),
    ownerChoices(context),
  ]);
  return { prospect, owners, formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFields(form, Object.keys(PROSPECT_LABELS));
  const read = prospectInput(values, context.tenant.locale);
  if ('errors' in read) return refused(invalidFields(read.errors, context.requestId), values);
  const answer = await context.submit(prospectUpdate, { id, ...read.input }, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/prospects/${id}?saved=1`);
}

export default function EditProspect() {
  const { prospect, owners, formKey } = useLoaderData<typeof loader>();
  const crumbs = [
    { href: '/pipeline', label: 'Pipeline' },
    { href: `/prospects/${prospect.id}`, label: prospect.name },
  ];
  return (
    <>
      <PageHeader title={`Edit ${prospect.name}`} crumbs={crumbs} />
      <div className="form-narrow">
        <Card padded>
          <PortalForm
            state={useActionData<typeof action>()}
            values={prospectValues(prospect)}
            formKey={formKey}
            version={prospect.version}
            labels={PROSPECT_LABELS}
          >
            <ProspectFields owners={owners} />
            <div className="form-foot">
              <SubmitButton>Save changes</SubmitButton>
              <Link className="button button-plain" to={`/prospects/${prospect.id}`}>
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
