import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { passkeyList } from '../../server/contexts/passkey/operations.ts';
import { passwordChange } from '../../server/contexts/password/operations.ts';
import { secondFactorGet } from '../../server/contexts/second-factor/operations.ts';
import { sessionList, sessionRevoke, sessionRevokeOthers } from '../../server/contexts/session/operations.ts';
import { profileUpdate } from '../../server/contexts/user/operations.ts';
import { Card, Fact, Facts } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { TextField } from '../components/field.tsx';
import { ErrorSummary } from '../components/form.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { AddPasskey, OwnPasskeys } from '../components/own-passkeys.tsx';
import { OwnSessions } from '../components/own-sessions.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { type FormState, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Your account');

const LABELS = { name: 'Name', current_password: 'Current password', password: 'New password' };

export async function loader({ context }: LoaderFunctionArgs) {
  const [factor, passkeys, sessions] = await Promise.all([
    context.run(secondFactorGet, {}),
    context.run(passkeyList, {}),
    context.run(sessionList, {}),
  ]);
  return { actor: context.actor, factor, passkeys: passkeys.data, sessions: sessions.data, formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { intent = '', id = '' } = readFields(form, ['intent', 'id']);
  if (isEnding(intent)) {
    const answer =
      intent === 'end' ? await context.submit(sessionRevoke, { id }) : await context.submit(sessionRevokeOthers, {});
    if ('problem' in answer) return refused(answer.problem, { intent });
    throw redirect('/account?saved=1');
  }
  if (intent === 'rename') {
    const values = readFields(form, ['intent', 'name']);
    const answer = await context.submit(profileUpdate, { name: values.name }, formGuards(form));
    if ('problem' in answer) return refused(answer.problem, values);
    throw redirect('/account?saved=1');
  }
  const current = String(form.get('current_password') ?? '');
  const { password = '' } = readFields(form, ['password']);
  const answer = await context.submit(passwordChange, { current_password: current, password });
  if ('problem' in answer) return refused(answer.problem, { intent });
  throw redirect('/account?saved=1', { headers: { 'Set-Cookie': answer.cookie ?? '' } });
}

export default function Account() {
  const { actor, factor, passkeys, sessions, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="Done." />
      <PageHeader title="Your account" lead="Who you are here, how you sign in, and where you are signed in." />
      <div className="stack">
        <Card title="Profile">
          <div className="card-body">
            <Facts>
              <Fact name="Name">{actor?.name}</Fact>
              <Fact name="E-mail">{actor?.email}</Fact>
            </Facts>
          </div>
          <ChoiceForm
            intent="rename"
            title="Change your name"
            button="Save the name"
            formKey={formKey}
            state={state}
            labels={LABELS}
            values={{ name: actor?.name ?? '' }}
          >
            <TextField name="name" label={LABELS.name} autoComplete="name" maxLength={200} required />
          </ChoiceForm>
        </Card>
        <Card title="Signing in" padded>
          <Facts>
            <Fact name="Second factor">
              {factor.is_enabled ? `On, ${factor.recovery_codes_left} recovery codes left` : 'Off'}
            </Fact>
          </Facts>
          <div className="signing-in">
            <div>
              <Link className="button" to="/account/second-factor">
                {factor.is_enabled ? 'Manage the second factor' : 'Set up a second factor'}
              </Link>
            </div>
            {factor.has_password ? <ChangePassword state={state} formKey={formKey} /> : null}
          </div>
        </Card>
        <Card title="Passkeys" action={<AddPasskey />}>
          <OwnPasskeys passkeys={passkeys} />
        </Card>
        <Card title="Sessions" action={sessions.length > 1 ? <EndOthers /> : null}>
          {state?.problem && isEnding(state.values.intent) ? (
            <div className="card-body">
              <ErrorSummary problem={state.problem} labels={LABELS} />
            </div>
          ) : null}
          <OwnSessions sessions={sessions} />
        </Card>
      </div>
    </>
  );
}

function isEnding(intent: string | undefined): boolean {
  return intent === 'end' || intent === 'end-others';
}

function ChangePassword({ state, formKey }: { state: FormState | undefined; formKey: string }) {
  return (
    <ChoiceForm
      intent="password"
      title="Change password"
      button="Change password"
      formKey={formKey}
      state={state}
      labels={LABELS}
    >
      <TextField
        name="current_password"
        label={LABELS.current_password}
        type="password"
        autoComplete="current-password"
        required
      />
      <TextField
        name="password"
        label={LABELS.password}
        type="password"
        autoComplete="new-password"
        hint="At least 12 characters. Your other sessions end."
        required
      />
    </ChoiceForm>
  );
}

function EndOthers() {
  return (
    <Form method="post">
      <input type="hidden" name="intent" value="end-others" />
      <button type="submit" className="button">
        End all others
      </button>
    </Form>
  );
}
