import type { ActionFunctionArgs } from '@remix-run/node';
import { isRouteErrorResponse, Link, useActionData, useLoaderData, useRouteError } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { passwordResetUse } from '../../server/contexts/password/operations.ts';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Gate } from '../components/gate.tsx';
import { NewPasswordField } from '../components/new-password-field.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Set a new password');

export function loader() {
  return { formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const { password = '' } = readFields(await request.formData(), ['password']);
  const answer = await context.submit(passwordResetUse, { token: params.token, password });
  if ('problem' in answer) return refused(answer.problem, {});
  throw redirect('/sign-in?reset=1');
}

export default function Reset() {
  const { formKey } = useLoaderData<typeof loader>();
  return (
    <Gate title="Set a new password">
      <PortalForm
        state={useActionData<typeof action>()}
        formKey={formKey}
        labels={{ password: 'Password', token: 'The link' }}
      >
        <NewPasswordField />
        <SubmitButton wide>Set the password</SubmitButton>
      </PortalForm>
    </Gate>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  if (!isRouteErrorResponse(error) || error.status !== 404) throw error;
  return (
    <Gate title="This link no longer works">
      <p className="soft">
        It was used already, has expired, or was cut off on its way. <Link to="/forgot">Ask for a new one.</Link>
      </p>
    </Gate>
  );
}
