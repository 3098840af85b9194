import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { isRouteErrorResponse, Link, useActionData, useLoaderData, useRouteError } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { acceptInvitation, invitationRead } from '../../server/contexts/user/operations.ts';
import { rolesInWords } from '../../server/contexts/user/schemas.ts';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Gate } from '../components/gate.tsx';
import { NewPasswordField } from '../components/new-password-field.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Welcome');

export async function loader({ context, params }: LoaderFunctionArgs) {
  const { token = '' } = params;
  const invitation = /^[\w-]{1,200}$/.test(token) ? (await context.run(invitationRead, { token })).data : null;
  if (!invitation) throw new Response(null, { status: 404 });
  return { invitation, tenant: context.tenant.name, formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const values = readFields(await request.formData(), ['name', 'password']);
  const accepted = await context.submit(acceptInvitation, { token: params.token, ...values });
  if ('problem' in accepted) return refused(accepted.problem, values);
  const { password = '' } = values;
  const session = await context.signIn({ email: accepted.data.email, password });
  throw 'cookie' in session ? redirect('/', { headers: { 'Set-Cookie': session.cookie } }) : redirect('/sign-in');
}

export default function AcceptInvitation() {
  const { invitation, tenant, formKey } = useLoaderData<typeof loader>();
  const { name, email, roles } = invitation;
  return (
    <Gate title="Welcome. Set up your account">
      <p className="soft">
        You are invited to {tenant}
        {roles.length > 0 ? ` as ${rolesInWords(roles)}` : ''}, and sign in as {email}.
      </p>
      <PortalForm
        values={{ name }}
        state={useActionData<typeof action>()}
        formKey={formKey}
        labels={{ name: 'Your name', password: 'Password', token: 'The link' }}
      >
        <TextField name="name" label="Your name" autoComplete="name" maxLength={200} required />
        <NewPasswordField />
        <SubmitButton wide>Set up my account</SubmitButton>
      </PortalForm>
    </Gate>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  if (!isRouteErrorResponse(error) || error.status !== 404) throw error;
  return (
    <Gate title="This invitation no longer works">
      <p className="soft">
        It was used already, has expired, or was cut off on its way. Ask the person who invited you for a new one, or{' '}
        <Link to="/sign-in">sign in</Link> if you have set a password before.
      </p>
    </Gate>
  );
}
