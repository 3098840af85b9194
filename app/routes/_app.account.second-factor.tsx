import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { data, redirect } from '@remix-run/server-runtime';
import {
  secondFactorBegin,
  secondFactorConfirm,
  secondFactorDisable,
  secondFactorGet,
  secondFactorRenewCodes,
} from '../../server/contexts/second-factor/operations.ts';
import type { SecondFactor, SetUp } from '../../server/contexts/second-factor/schemas.ts';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { DoneNotice, Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { QrCode } from '../components/qr-code.tsx';
import { RecoveryCodes } from '../components/recovery-codes.tsx';
import { type FormState, newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Second factor');

const LABELS = { password: 'Password', totp: 'Code' };

export async function loader({ context }: LoaderFunctionArgs) {
  const factor = await context.run(secondFactorGet, {});
  return { factor, mustEnrol: context.mustEnrol, formKey: newFormKey() };
}

/** What an action shows beside the form: secrets, this one time. */
type Shown = FormState & { setUp?: SetUp; codes?: string[] };

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { intent = '', password: typed = '', totp = '' } = readFields(form, ['intent', 'password', 'totp']);
  const proof = typed === '' ? {} : { password: typed };
  const show = (more: Partial<Shown>, cookie?: string) => {
    const state: Shown = { problem: null, values: { intent }, key: newFormKey(), ...more };
    return data(state, cookie ? { headers: { 'Set-Cookie': cookie } } : {});
  };
  if (intent === 'begin') {
    const answer = await context.submit(secondFactorBegin, proof);
    return 'problem' in answer ? refused<Shown>(answer.problem, { intent }) : show({ setUp: answer.data });
  }
  if (intent === 'confirm') {
    const answer = await context.submit(secondFactorConfirm, { totp });
    return 'problem' in answer
      ? refused<Shown>(answer.problem, { intent })
      : show({ codes: answer.data.recovery_codes }, answer.cookie);
  }
  if (intent === 'renew') {
    const answer = await context.submit(secondFactorRenewCodes, { ...proof, totp });
    return 'problem' in answer
      ? refused<Shown>(answer.problem, { intent })
      : show({ codes: answer.data.recovery_codes });
  }
  const answer = await context.submit(secondFactorDisable, { ...proof, totp });
  if ('problem' in answer) return refused<Shown>(answer.problem, { intent });
  throw redirect('/account/second-factor?saved=1', { headers: { 'Set-Cookie': answer.cookie ?? '' } });
}

export default function SecondFactorPage() {
  const { factor, mustEnrol, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="The second factor was removed." />
      <PageHeader
        title="Second factor"
        crumbs={[{ href: '/account', label: 'Your account' }]}
        lead="A code of an app on your phone, asked for after the password."
      />
      <div className="form-narrow">
        {mustEnrol ? (
          <Notice tone="warn">
            Your role asks for a second factor. Set it up to go on, or sign in with a passkey: if you have none yet,{' '}
            <Link to="/account/passkeys/new">add one</Link>.
          </Notice>
        ) : null}
        <Card padded>
          <Content factor={factor} state={state} formKey={formKey} />
        </Card>
      </div>
    </>
  );
}

type ContentProps = { factor: SecondFactor; state: Shown | undefined; formKey: string };

function Content({ factor, state, formKey }: ContentProps) {
  if (state?.codes) return <RecoveryCodes codes={state.codes} />;
  if (factor.is_enabled) return <Enabled factor={factor} state={state} formKey={formKey} />;
  if (state?.setUp || state?.values.intent === 'confirm') return <Confirm state={state} setUp={state.setUp} />;
  return (
    <PortalForm state={state} formKey={formKey} labels={LABELS}>
      <input type="hidden" name="intent" value="begin" />
      <p>You need an authenticator app on your phone, or a password manager that has one.</p>
      <Password isThere={factor.has_password} />
      <div className="form-foot">
        <SubmitButton>Begin</SubmitButton>
      </div>
    </PortalForm>
  );
}

function Confirm({ state, setUp }: { state: Shown; setUp: SetUp | undefined }) {
  return (
    <PortalForm state={state} formKey={state.key} labels={LABELS}>
      <input type="hidden" name="intent" value="confirm" />
      {setUp ? (
        <>
          <p>Scan this with your app, or type the key into it.</p>
          <QrCode {...setUp.qr} />
          <p>
            Key <code className="mono">{setUp.secret.match(/.{1,4}/g)?.join(' ')}</code>
          </p>
        </>
      ) : (
        <p>
          Enter the code that your app shows now, or <Link to="/account/second-factor">start again</Link>.
        </p>
      )}
      <TextField
        name="totp"
        label={LABELS.totp}
        autoComplete="one-time-code"
        inputMode="numeric"
        hint="The six digits that your app shows"
        maxLength={6}
        required
      />
      <div className="form-foot">
        <SubmitButton>Turn on</SubmitButton>
      </div>
    </PortalForm>
  );
}

function Enabled({ factor, state, formKey }: ContentProps) {
  const { recovery_codes_left: codesLeft } = factor;
  const shared = { formKey, state, labels: LABELS };
  return (
    <>
      <p>
        The second factor is on. {codesLeft === 1 ? 'One recovery code is' : `${codesLeft} recovery codes are`} left.
      </p>
      <ChoiceForm intent="renew" title="Make new recovery codes" button="Make new codes" {...shared}>
        <Proof factor={factor} />
      </ChoiceForm>
      <ChoiceForm intent="disable" title="Remove the second factor" button="Remove it" {...shared}>
        <Proof factor={factor} />
      </ChoiceForm>
    </>
  );
}

function Proof({ factor }: { factor: SecondFactor }) {
  return (
    <>
      <Password isThere={factor.has_password} />
      <TextField
        name="totp"
        label={LABELS.totp}
        autoComplete="one-time-code"
        hint="Of your app, or a recovery code"
        maxLength={19}
        required
      />
    </>
  );
}

/** Who comes through a provider may have none: that they have just signed in stands for it. */
function Password({ isThere }: { isThere: boolean }) {
  if (!isThere) return <p className="soft">You have no password here: do this within ten minutes of signing in.</p>;
  return <TextField name="password" label={LABELS.password} type="password" autoComplete="current-password" required />;
}
