import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { data, redirect } from '@remix-run/server-runtime';
import { passkeyBegin, passkeyCreate } from '../../server/contexts/passkey/operations.ts';
import type { CreationOptions } from '../../server/contexts/passkey/schemas.ts';
import { Card } from '../components/card.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { MakePasskey } from '../components/make-passkey.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { type FormState, newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { parseCredential } from '../passkeys.ts';

export const meta = pageTitle('New passkey');

const LABELS = { name: 'Name', password: 'Password' };

export function loader({ request }: LoaderFunctionArgs) {
  return { host: new URL(request.url).hostname, formKey: newFormKey() };
}

/** `options` are for the browser, for this one try. */
type Shown = FormState & { options?: CreationOptions };

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { intent, name = '', password = '' } = readFields(form, ['intent', 'name', 'password']);
  if (intent === 'create') {
    const credential = parseCredential(String(form.get('credential')));
    const answer = await context.submit(passkeyCreate, { name, credential });
    if ('problem' in answer) return refused<Shown>(answer.problem, { name });
    throw redirect('/account?saved=1', { headers: { 'Set-Cookie': answer.cookie ?? '' } });
  }
  const answer = await context.submit(passkeyBegin, { password });
  if ('problem' in answer) return refused<Shown>(answer.problem, { name });
  const state: Shown = { problem: null, values: { name }, key: newFormKey(), options: answer.data };
  return data(state);
}

export default function NewPasskey() {
  const { host, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        title="New passkey"
        crumbs={[{ href: '/account', label: 'Your account' }]}
        lead={`Signs you in at ${host} without password and code. It works at this address only.`}
      />
      <div className="form-narrow">
        <Card padded>
          {state?.options ? (
            <MakePasskey options={state.options} name={state.values.name ?? ''} />
          ) : (
            <PortalForm state={state} formKey={formKey} labels={LABELS}>
              <TextField name="name" label={LABELS.name} hint="The device that keeps it" maxLength={100} required />
              <TextField
                name="password"
                label={LABELS.password}
                type="password"
                autoComplete="current-password"
                required
              />
              <div className="form-foot">
                <SubmitButton>Go on</SubmitButton>
                <Link className="button button-plain" to="/account">
                  Cancel
                </Link>
              </div>
            </PortalForm>
          )}
        </Card>
      </div>
    </>
  );
}
