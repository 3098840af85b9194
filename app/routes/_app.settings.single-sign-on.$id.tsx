import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { data, redirect } from '@remix-run/server-runtime';
import {
  ssoConnectionDelete,
  ssoConnectionGet,
  ssoConnectionUpdate,
} from '../../server/contexts/sso-connection/operations.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { DoneNotice, Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { SsoForm, type SsoFormState } from '../components/sso-form.tsx';
import { RedirectAddress } from '../components/sso-provider.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { atFormFields, readSsoConnection, readSsoForm, ssoLabels, ssoValues } from '../single-sign-on.ts';
import { ssoChoices, testProvider } from '../sso-data.ts';

export const meta = pageTitle<{ connection: { name: string } }>(({ connection }) => connection.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const connection = await context.run(ssoConnectionGet, { id: idParam(params) });
  return {
    connection,
    values: ssoValues(connection),
    formKey: newFormKey(),
    choices: await ssoChoices(context),
    may: {
      update: context.can('sso_connection:update'),
      delete: context.can('sso_connection:delete'),
      test: context.can('sso_connection:test'),
    },
  };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const { client_secret: _secret, ...shown } = readSsoForm(form);
  if (shown.intent === 'delete') {
    const answer = await context.submit(ssoConnectionDelete, { id }, formGuards(form));
    if ('problem' in answer) return refused<SsoFormState>(answer.problem, { intent: 'delete' });
    throw redirect('/settings/single-sign-on?saved=1');
  }
  if (shown.intent === 'test') {
    const answer = await testProvider(context, shown);
    if ('problem' in answer) return refused<SsoFormState>(answer.problem, shown);
    const state: SsoFormState = { problem: null, values: shown, key: newFormKey(), tested: answer.tested };
    return data(state);
  }
  const change = { id, ...readSsoConnection(readSsoForm(form)) };
  const answer = await context.submit(ssoConnectionUpdate, change, formGuards(form));
  if ('problem' in answer) return refused<SsoFormState>(atFormFields(answer.problem, shown), shown);
  throw redirect(`/settings/single-sign-on/${id}?saved=1`);
}

export default function ConnectionPage() {
  const { connection, values, formKey, choices, may } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const isOn = connection.is_enabled;
  const ofForm = state?.values.intent === 'delete' ? undefined : state;
  return (
    <>
      <DoneNotice created="The connection is added." saved="The connection is changed." />
      <PageHeader
        title={connection.name}
        beside={<Badge status={isOn ? 'active' : 'off'} label={isOn ? 'On' : 'Off'} />}
        lead={connection.issuer}
        crumbs={[
          { href: '/settings', label: 'Settings' },
          { href: '/settings/single-sign-on', label: 'Single sign-on' },
        ]}
      />
      <div className="stack">
        <RedirectAddress address={connection.redirect_uri} />
        <Card padded>
          {may.update ? (
            <SsoForm
              key={connection.version}
              state={ofForm}
              values={values}
              formKey={formKey}
              labels={ssoLabels(ofForm?.values ?? values)}
              version={connection.version}
              hasSecret={connection.has_client_secret}
              mayTest={may.test}
              button="Save changes"
              {...choices}
            />
          ) : (
            <Notice tone="warn">Your role may read this connection but not change it.</Notice>
          )}
          {may.delete ? (
            <ChoiceForm
              intent="delete"
              title="Delete this connection"
              button="Delete it"
              formKey={formKey}
              state={state}
              labels={{}}
            >
              <p>
                Nobody signs in through {connection.name} any more, and the roles that it gave are taken away. The
                people stay, with the roles that they were given by hand.
              </p>
            </ChoiceForm>
          ) : null}
        </Card>
      </div>
    </>
  );
}
