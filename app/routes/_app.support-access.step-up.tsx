import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { impersonationStepUp } from '../../server/contexts/impersonation/operations.ts';
import { Card } from '../components/card.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Allow changes');

const LABELS = { password: 'Your own password', totp: 'Code' };

export function loader({ context }: LoaderFunctionArgs) {
  if (!context.impersonation) throw redirect('/');
  return { by: context.impersonation.by, name: context.impersonation.user.name, formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const { password = '', totp = '' } = readFields(form, Object.keys(LABELS));
  const answer = await context.submit(impersonationStepUp, { password, ...(totp === '' ? {} : { totp }) });
  if ('problem' in answer) return refused(answer.problem, { totp });
  throw redirect('/');
}

export default function StepUp() {
  const { by, name, formKey } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Allow changes" lead={`Prove that it is you, ${by}, who changes something as ${name}.`} />
      <div className="form-narrow">
        <Card padded>
          <PortalForm state={useActionData<typeof action>()} formKey={formKey} labels={LABELS}>
            <TextField
              name="password"
              label={LABELS.password}
              type="password"
              autoComplete="current-password"
              hint={`Not the one of ${name}.`}
              required
            />
            <TextField
              name="totp"
              label={LABELS.totp}
              autoComplete="one-time-code"
              maxLength={19}
              hint="If you have a second factor: of your app, or a recovery code"
            />
            <p className="hint">
              Changes are then possible until the time is up. Money and credentials stay out of reach.
            </p>
            <div className="form-foot">
              <SubmitButton>Allow changes</SubmitButton>
              <Link className="button button-plain" to="/">
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
