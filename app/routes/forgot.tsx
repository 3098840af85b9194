import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { passwordResetRequest } from '../../server/contexts/password/operations.ts';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Gate } from '../components/gate.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Forgot your password');

export function loader({ request }: LoaderFunctionArgs) {
  return { formKey: newFormKey(), isSent: new URL(request.url).searchParams.has('sent') };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const { email = '' } = readFields(await request.formData(), ['email']);
  const answer = await context.submit(passwordResetRequest, { email });
  if ('problem' in answer) return refused(answer.problem, { email });
  throw redirect('/forgot?sent=1');
}

export default function Forgot() {
  const { formKey, isSent } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  if (isSent) {
    return (
      <Gate title="Look into your mail">
        <p className="soft" role="status">
          If somebody here has that address, a link is on its way. It works once, for an hour.
        </p>
        <p className="soft">
          <Link to="/sign-in">Back to sign in</Link>
        </p>
      </Gate>
    );
  }
  return (
    <Gate title="Forgot your password?">
      <PortalForm state={state} formKey={formKey} labels={{ email: 'E-mail' }}>
        <TextField name="email" label="E-mail" type="email" autoComplete="username" required />
        <SubmitButton wide>Mail me a link</SubmitButton>
        <p className="soft">
          <Link to="/sign-in">Back to sign in</Link>
        </p>
      </PortalForm>
    </Gate>
  );
}
