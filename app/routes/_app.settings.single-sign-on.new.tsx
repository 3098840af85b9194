import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { data, redirect } from '@remix-run/server-runtime';
import { ssoConnectionCreate, ssoConnectionList } from '../../server/contexts/sso-connection/operations.ts';
import { originOf } from '../../server/doors/call.ts';
import { Card } from '../components/card.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { SsoForm, type SsoFormState } from '../components/sso-form.tsx';
import { RedirectAddress } from '../components/sso-provider.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { atFormFields, readSsoConnection, readSsoForm, ssoLabels, ssoValues } from '../single-sign-on.ts';
import { ssoChoices, testProvider } from '../sso-data.ts';

export const meta = pageTitle('New connection');

export async function loader({ context, request }: LoaderFunctionArgs) {
  await context.run(ssoConnectionList, { limit: 1 });
  return {
    formKey: newFormKey(),
    values: ssoValues(),
    redirectUri: `${originOf(request.url)}/sso/callback`,
    mayTest: context.can('sso_connection:test'),
    ...(await ssoChoices(context)),
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { client_secret: _secret, ...shown } = readSsoForm(form);
  if (shown.intent === 'test') {
    const answer = await testProvider(context, shown);
    if ('problem' in answer) return refused<SsoFormState>(answer.problem, shown);
    const state: SsoFormState = { problem: null, values: shown, key: newFormKey(), tested: answer.tested };
    return data(state);
  }
  const answer = await context.submit(ssoConnectionCreate, readSsoConnection(readSsoForm(form)), formGuards(form));
  if ('problem' in answer) return refused<SsoFormState>(atFormFields(answer.problem, shown), shown);
  throw redirect(`/settings/single-sign-on/${answer.data.id}?created=1`);
}

export default function NewConnection() {
  const { redirectUri, values, ...more } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        title="New connection"
        lead="Your staff sign in with the accounts that they have at your identity provider."
        crumbs={[
          { href: '/settings', label: 'Settings' },
          { href: '/settings/single-sign-on', label: 'Single sign-on' },
        ]}
      />
      <div className="stack">
        <RedirectAddress address={redirectUri} />
        <Card padded>
          <SsoForm
            state={state}
            values={values}
            labels={ssoLabels(state?.values ?? values)}
            button="Add connection"
            {...more}
          />
        </Card>
      </div>
    </>
  );
}
