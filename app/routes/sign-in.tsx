import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { data, redirect } from '@remix-run/server-runtime';
import { passkeySignIn } from '../../server/contexts/passkey/operations.ts';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Gate } from '../components/gate.tsx';
import { PasskeySignIn } from '../components/passkey-sign-in.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { parseCredential } from '../passkeys.ts';

export const meta = pageTitle('Sign in');

export function loader({ context, request }: LoaderFunctionArgs) {
  if (context.actor) throw redirect(safeNext(request));
  return { formKey: newFormKey(), isReset: new URL(request.url).searchParams.has('reset') };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const credential = form.get('credential');
  if (typeof credential === 'string') {
    const answer = await context.submit(passkeySignIn, { credential: parseCredential(credential) });
    if ('problem' in answer) return refused(answer.problem, {});
    throw redirect(safeNext(request), { headers: { 'Set-Cookie': answer.cookie ?? '' } });
  }
  const {
    email = '',
    password = '',
    ticket = '',
    totp = '',
  } = readFields(form, ['email', 'password', 'ticket', 'totp']);
  const answer = await context.signIn(ticket ? { ticket, totp: totp.toLowerCase() } : { email, password });
  if ('cookie' in answer) throw redirect(safeNext(request), { headers: { 'Set-Cookie': answer.cookie } });
  if (!answer.ticket) return refused(answer.problem, { email });
  const isFirstLook = answer.problem.code === 'second_factor_required';
  const state = { problem: isFirstLook ? null : answer.problem, values: { ticket: answer.ticket }, key: newFormKey() };
  return data(state, { status: isFirstLook ? 200 : answer.problem.status });
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
  const { formKey, isReset } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  if (state?.values.ticket) return <CodeStep state={state} />;
  return (
    <Gate title="Sign in">
      {isReset && !state ? <p className="soft">Your new password is set. Sign in with it.</p> : null}
      <PortalForm state={state} formKey={formKey} labels={{ email: 'E-mail', password: 'Password' }}>
        <TextField name="email" label="E-mail" type="email" autoComplete="username webauthn" required />
        <TextField name="password" label="Password" type="password" autoComplete="current-password" required />
        <SubmitButton wide>Sign in</SubmitButton>
        <p className="soft">
          <Link to="/forgot">Forgot your password?</Link>
        </p>
      </PortalForm>
      <PasskeySignIn />
    </Gate>
  );
}

/** The second step: e-mail and password are in the sealed ticket. */
function CodeStep({ state }: { state: NonNullable<ReturnType<typeof useActionData<typeof action>>> }) {
  return (
    <Gate title="Enter your code">
      <PortalForm state={state} formKey={state.key} labels={{ totp: 'Code' }}>
        <input type="hidden" name="ticket" value={state.values.ticket} />
        <TextField
          name="totp"
          label="Code"
          autoComplete="one-time-code"
          hint="The six digits of your authenticator app, or one of your recovery codes"
          maxLength={19}
          required
        />
        <SubmitButton wide>Sign in</SubmitButton>
        <p className="soft">
          <a href="/sign-in">Start again</a>
        </p>
      </PortalForm>
    </Gate>
  );
}
