import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { data } from '@remix-run/server-runtime';
import { apiKeyCreate } from '../../server/contexts/api-key/operations.ts';
import { reachChoices, roleChoices } from '../api-key-data.ts';
import { API_KEY_LABELS, FIRST_ENDS, readEnd, readReach } from '../api-key-form.ts';
import { Card } from '../components/card.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { NewSecret } from '../components/new-secret.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { type FormState, formGuards, newFormKey, readFields, refused, withoutEmpty } from '../forms.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('New API key');

export async function loader({ context }: LoaderFunctionArgs) {
  // Whoever may not create one is refused before the form, as it would be after.
  if (!context.can('api_key:create')) throw new Response(null, { status: 403 });
  const [roles, places] = await Promise.all([roleChoices(context), reachChoices(context)]);
  return { roles, places, formKey: newFormKey() };
}

/** `created` is shown this one time. */
type Shown = FormState & { created?: { id: string; name: string; key: string } };

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, ['name', 'role_id', 'reach', 'ends', 'expires_at']);
  const { name = '', role_id = '', reach = '' } = values;
  const input = {
    ...withoutEmpty({ name, role_id }),
    ...readReach(reach),
    ...readEnd(values, context.tenant.time_zone),
  };
  const answer = await context.submit(apiKeyCreate, input, formGuards(form));
  if ('problem' in answer) return refused<Shown>(answer.problem, values);
  const { id, key } = answer.data;
  const state: Shown = { problem: null, values: {}, key: newFormKey(), created: { id, name: answer.data.name, key } };
  return data(state);
}

const crumbs = [{ href: '/settings/api-keys', label: 'API keys' }];

export default function NewApiKey() {
  const { roles, places, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  if (state?.created) {
    const { id, name, key } = state.created;
    return (
      <>
        <PageHeader title={name} crumbs={crumbs} />
        <div className="form-narrow">
          <NewSecret title="Your new key" name={name} secret={key} href={`/settings/api-keys/${id}`} />
        </div>
      </>
    );
  }
  return (
    <>
      <PageHeader
        title="New API key"
        crumbs={crumbs}
        lead="It can do what its role may do, and no more than you can."
      />
      <div className="form-narrow">
        <Card padded>
          <PortalForm state={state} values={{ ends: '90' }} formKey={formKey} labels={API_KEY_LABELS}>
            <TextField name="name" label="Name" hint="The program that it is for" maxLength={200} required />
            <div className="form-grid">
              <SelectField name="role_id" label="Role" choices={roles} empty="Choose one" required />
              <SelectField name="reach" label="Place" choices={places} empty="The whole tenant" required />
              <SelectField name="ends" label="Ends" choices={FIRST_ENDS} required />
              <TextField name="expires_at" label="On a day" type="date" hint="Instead: works until that day is over" />
            </div>
            <div className="form-foot">
              <SubmitButton>Create key</SubmitButton>
              <Link className="button button-plain" to="/settings/api-keys">
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
