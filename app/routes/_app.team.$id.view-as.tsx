import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { impersonationStart } from '../../server/contexts/impersonation/operations.ts';
import { userGet } from '../../server/contexts/user/operations.ts';
import { Card } from '../components/card.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('View as somebody else');

const LABELS = { reason: 'Reason', minutes: 'For how long' };
const TIMES = [15, 30, 60].map((minutes) => ({ value: String(minutes), label: `At most ${minutes} minutes` }));

export async function loader({ context, params }: LoaderFunctionArgs) {
  const { id, name, email } = await context.run(userGet, { id: idParam(params) });
  return {
    user: { id, name, email },
    isOneself: context.actor?.id === id,
    mayView: context.can('user:impersonate'),
    formKey: newFormKey(),
  };
}

export async function action({ context, request, params }: ActionFunctionArgs) {
  const form = await request.formData();
  const { reason = '', minutes = '' } = readFields(form, Object.keys(LABELS));
  const input = { user_id: idParam(params), reason, minutes: Number(minutes) };
  const answer = await context.submit(impersonationStart, input, formGuards(form));
  if ('problem' in answer) return refused(answer.problem, { reason, minutes });
  throw redirect('/');
}

export default function ViewAs() {
  const { user, isOneself, mayView, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        title={`View as ${user.name}`}
        crumbs={[
          { href: '/team', label: 'Team' },
          { href: `/team/${user.id}`, label: user.name },
        ]}
        lead="See the portal as they see it, as far as your own rights reach."
      />
      <div className="form-narrow">
        {mayView && !isOneself ? null : (
          <Notice tone="warn">
            {mayView ? 'This is you. Choose somebody else.' : 'Your role does not let you view as others.'}
          </Notice>
        )}
        <Card padded>
          <PortalForm state={state} values={{ minutes: '30' }} formKey={formKey} labels={LABELS}>
            <TextField
              name="reason"
              label={LABELS.reason}
              maxLength={500}
              hint={`${user.name} reads it at once, by mail, and it stays on record.`}
              required
            />
            <SelectField name="minutes" label={LABELS.minutes} choices={TIMES} required />
            <p className="hint">
              You can look, and after entering your password change what a colleague of theirs could. Money and
              credentials stay out of reach. What you see and change is recorded and shown to the merchant.
            </p>
            <div className="form-foot">
              <SubmitButton>View as {user.name}</SubmitButton>
              <Link className="button button-plain" to="/team">
                Cancel
              </Link>
            </div>
          </PortalForm>
        </Card>
      </div>
    </>
  );
}
