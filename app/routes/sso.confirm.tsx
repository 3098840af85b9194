import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { CodeField } from '../components/code-field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Gate } from '../components/gate.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import { leadOn } from '../sso.ts';

export const meta = pageTitle('Enter your code');

export function loader({ context }: LoaderFunctionArgs) {
  if (context.actor) throw redirect('/');
  if (!context.sso.isUnderWay) throw leadOn({ refusal: 'expired' });
  return { formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const { totp = '' } = readFields(await request.formData(), ['totp']);
  const answer = await context.sso.confirm(totp.toLowerCase());
  if ('problem' in answer) return refused(answer.problem, {});
  throw leadOn(answer);
}

/** After the provider has said who somebody is: their second factor here. */
export default function ConfirmSso() {
  const { formKey } = useLoaderData<typeof loader>();
  return (
    <Gate title="Enter your code">
      <PortalForm state={useActionData<typeof action>()} formKey={formKey} labels={{ totp: 'Code' }}>
        <CodeField />
        <SubmitButton wide>Sign in</SubmitButton>
        <p className="soft">
          <a href="/sign-in">Start again</a>
        </p>
      </PortalForm>
    </Gate>
  );
}
