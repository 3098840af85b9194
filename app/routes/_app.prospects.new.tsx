import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { prospectCreate } from '../../server/contexts/prospect/operations.ts';
import { Card } from '../components/card.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { ProspectFields } from '../components/prospect-fields.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { invalidFields } from '../problem.ts';
import { ownerChoices } from '../prospect-data.ts';
import { PROSPECT_LABELS, prospectInput } from '../prospect-form.ts';

export const meta = pageTitle('New prospect');

export async function loader({ context }: LoaderFunctionArgs) {
  if (!context.can('prospect:create')) throw new Response(null, { status: 403 });
  const owners = await ownerChoices(context);
  const own = owners.find(({ value }) => value === context.actor?.id);
  const values = { currency: context.tenant.currency, vertical: 'beauty_and_wellness', owner_id: own?.value ?? '' };
  return { owners, values, formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(PROSPECT_LABELS));
  const read = prospectInput(values, context.tenant.locale);
  if ('errors' in read) return refused(invalidFields(read.errors, context.requestId), values);
  const answer = await context.submit(prospectCreate, read.input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(`/prospects/${answer.data.id}?created=1`);
}

export default function NewProspect() {
  const { owners, values, formKey } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="New prospect" crumbs={[{ href: '/pipeline', label: 'Pipeline' }]} />
      <div className="form-narrow">
        <Card padded>
          <PortalForm state={useActionData<typeof action>()} values={values} formKey={formKey} labels={PROSPECT_LABELS}>
            <ProspectFields owners={owners} />
            <div className="form-foot">
              <SubmitButton>Add prospect</SubmitButton>
              <Link className="button button-plain" to="/pipeline">
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
