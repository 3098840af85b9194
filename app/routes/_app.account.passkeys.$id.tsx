import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { passkeyList, passkeyRemove, passkeyRename } from '../../server/contexts/passkey/operations.ts';
import type { Passkey } from '../../server/contexts/passkey/schemas.ts';
import { Card, Fact, Facts } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { TextField } from '../components/field.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Instant } from '../components/time.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ passkey: Passkey }>(({ passkey }) => passkey.name);

const LABELS = { name: 'Name', password: 'Password' };

export async function loader({ context, params }: LoaderFunctionArgs) {
  const id = idParam(params);
  const passkey = (await context.run(passkeyList, {})).data.find((own) => own.id === id);
  if (!passkey) throw new Response(null, { status: 404 });
  return { passkey, formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const { intent = '', name = '', password = '' } = readFields(form, ['intent', 'name', 'password']);
  const answer =
    intent === 'rename'
      ? await context.submit(passkeyRename, { id, name }, formGuards(form))
      : await context.submit(passkeyRemove, { id, password });
  if ('problem' in answer) return refused(answer.problem, { intent, name });
  throw redirect('/account?saved=1');
}

export default function PasskeyPage() {
  const { passkey, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const shared = { formKey, state, labels: LABELS };
  return (
    <>
      <PageHeader title={passkey.name} crumbs={[{ href: '/account', label: 'Your account' }]} />
      <div className="stack form-narrow">
        <Card title="Passkey" padded>
          <Facts>
            <Fact name="Works at">{passkey.host}</Fact>
            <Fact name="Last used">{passkey.last_used_at ? <Instant value={passkey.last_used_at} /> : 'Never'}</Fact>
            <Fact name="Added">
              <Instant value={passkey.created_at} />
            </Fact>
          </Facts>
        </Card>
        <Card title="Change it">
          <ChoiceForm
            {...shared}
            intent="rename"
            title="Rename it"
            button="Rename"
            values={{ name: passkey.name }}
            version={passkey.version}
          >
            <TextField name="name" label={LABELS.name} maxLength={100} required />
          </ChoiceForm>
          <ChoiceForm {...shared} intent="remove" title="Remove it" button="Remove the passkey">
            <p className="soft">
              It signs nobody in any more, and other sessions that it opened end. Delete it on your device too.
            </p>
            <TextField
              name="password"
              label={LABELS.password}
              type="password"
              autoComplete="current-password"
              required
            />
          </ChoiceForm>
        </Card>
      </div>
    </>
  );
}
