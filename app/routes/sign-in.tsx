import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Gate } from '../components/gate.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Sign in');

export function loader({ context, request }: LoaderFunctionArgs) {
  if (context.actor) throw redirect(safeNext(request));
  return { formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { email = '', password = '' } = readFields(form, ['email', 'password']);
  const answer = await context.signIn({ email, password });
  if ('problem' in answer) return refused(answer.problem, { email });
  throw redirect(safeNext(request), { headers: { 'Set-Cookie': answer.cookie } });
}

/** Where to go afterwards: a path of this portal and nothing else. */
function safeNext(request: Request): string {
  const here = new URL(request.url);
  const next = here.searchParams.get('next') ?? '/';
  const target = URL.canParse(next, here) ? new URL(next, here) : here;
  // A path that begins with two slashes (`/.//elsewhere` becomes one) would be another site's address.
  const isPath = next.startsWith('/') && !target.pathname.startsWith('//');
  const isOurs = isPath && target.origin === here.origin && target.pathname !== '/sign-in';
  return isOurs ? target.pathname + target.search : '/';
}

export default function SignIn() {
  const { formKey } = useLoaderData<typeof loader>();
  return (
    <Gate title="Sign in">
      <PortalForm
        state={useActionData<typeof action>()}
        formKey={formKey}
        labels={{ email: 'E-mail', password: 'Password' }}
      >
        <TextField name="email" label="E-mail" type="email" autoComplete="username" required />
        <TextField name="password" label="Password" type="password" autoComplete="current-password" required />
        <SubmitButton wide>Sign in</SubmitButton>
      </PortalForm>
    </Gate>
  );
}
