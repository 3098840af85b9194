import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { data, redirect } from '@remix-run/server-runtime';
import { useEffect } from 'react';
import { passkeySignIn } from '../../server/contexts/passkey/operations.ts';
import { ssoOptionList } from '../../server/contexts/sso/operations.ts';
import { isRefusal, REFUSALS } from '../../server/contexts/sso/schemas.ts';
import { CodeField } from '../components/code-field.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Gate } from '../components/gate.tsx';
import { Notice } from '../components/notice.tsx';
import { PasskeySignIn } from '../components/passkey-sign-in.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { parseCredential } from '../passkeys.ts';
import { safeNext } from '../safe-next.ts';

export const meta = pageTitle('Sign in');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const next = safeNext(request);
  if (context.actor) throw redirect(next);
  const { searchParams } = new URL(request.url);
  const refusal = searchParams.get('refused');
  const { data: providers } = await context.run(ssoOptionList, {});
  return {
    formKey: newFormKey(),
    isReset: searchParams.has('reset'),
    refusal: isRefusal(refusal) ? REFUSALS[refusal] : null,
    providers: providers.map(({ id, name }) => ({ name, href: `/sso/${id}/start?${new URLSearchParams({ next })}` })),
  };
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

export default function SignIn() {
  const { formKey, isReset, refusal, providers } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  if (state?.values.ticket) return <CodeStep state={state} />;
  return (
    <Gate title="Sign in">
      {isReset && !state ? <p className="soft">Your new password is set. Sign in with it.</p> : null}
      {refusal && !state ? <Notice tone="bad">{refusal}</Notice> : null}
      {providers.length > 0 ? <Providers providers={providers} /> : null}
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

/** Plain links, since they lead to another site. */
function Providers({ providers }: { providers: { name: string; href: string }[] }) {
  return (
    <div className="providers">
      {providers.map(({ name, href }) => (
        <a key={href} className="button button-wide" href={href}>
          Sign in with {name}
        </a>
      ))}
      <p className="providers-or">or with a password</p>
    </div>
  );
}

/** The second step: e-mail and password are in the sealed ticket. */
function CodeStep({ state }: { state: NonNullable<ReturnType<typeof useActionData<typeof action>>> }) {
  // What is wrong with a code takes the focus itself.
  useEffect(() => {
    if (!state.problem) document.getElementById('field-totp')?.focus();
  }, [state]);
  return (
    <Gate title="Enter your code">
      <PortalForm state={state} formKey={state.key} labels={{ totp: 'Code' }}>
        <input type="hidden" name="ticket" value={state.values.ticket} />
        <CodeField />
        <SubmitButton wide>Sign in</SubmitButton>
        <p className="soft">
          <a href="/sign-in">Start again</a>
        </p>
      </PortalForm>
    </Gate>
  );
}
