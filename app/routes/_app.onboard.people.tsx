import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { roleList } from '../../server/contexts/role/operations.ts';
import { userInvite, userList } from '../../server/contexts/user/operations.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { OnboardFoot } from '../components/onboard-foot.tsx';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { onboardAddress } from '../onboard-steps.ts';
import { aboutOf, onboardedOf } from '../onboarding.ts';
import { pageTitle } from '../page-title.ts';
import { backFrom } from '../safe-next.ts';
import { givableRoles, orForbidden } from '../team-data.ts';
import { placeInput } from '../team-places.ts';

export const meta = pageTitle('People');

const LABELS = { email: 'E-mail', name: 'Name', role_id: 'Role', place: 'Place', roles: 'Role' };

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { org, merchant } = await onboardedOf(context, request);
  if (!org && !merchant) throw new Response(null, { status: 404 });
  const [people, roles, known] = await Promise.all([
    context.run(userList, { ...(org ? { merchant_org_id: org.id } : { merchant_id: merchant?.id }), limit: 50 }),
    givableRoles(context),
    context.run(roleList, { limit: 200 }),
  ]);
  const manager = known.data.find(({ key }) => key === 'merchant_manager');
  const places = [
    ...(org ? [{ value: `org:${org.id}`, label: `All of ${org.name}` }] : []),
    ...(merchant ? [{ value: `merchant:${merchant.id}`, label: `Only ${merchant.name}` }] : []),
  ];
  return {
    ...{ people: people.data, roles, places, about: aboutOf(request), formKey: newFormKey() },
    mayInvite: context.can('user:invite'),
    values: { role_id: manager?.id ?? '', place: places[0]?.value ?? '' },
  };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readFields(form, Object.keys(LABELS));
  const { email, name, role_id, place = '' } = values;
  const roles = [{ role_id, ...placeInput(place) }];
  const answer = await orForbidden(context.submit(userInvite, { email, name, roles }, formGuards(form)));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(backFrom(request, `${onboardAddress('/people', aboutOf(request))}&created=1`));
}

export default function OnboardPeople() {
  const { people, roles, places, values, mayInvite, about, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice created="The invitation was sent." />
      <Card title="Who has access">
        <ul className="plain-list">
          {people.map(({ id, name, email, status }) => (
            <li key={id}>
              <span>
                <Link to={`/team/${id}`}>{name}</Link>
                <span className="cell-note">{email}</span>
              </span>
              <Badge status={status} />
            </li>
          ))}
          {people.length === 0 ? <li className="faint">Nobody of its own yet.</li> : null}
        </ul>
      </Card>
      {mayInvite ? (
        <Card title="Invite an owner or manager" padded>
          <PortalForm state={state} values={values} formKey={formKey} labels={LABELS}>
            <p className="hint">They get a link by mail. It counts once they have accepted.</p>
            <div className="form-grid">
              <TextField name="email" label={LABELS.email} type="email" maxLength={254} required />
              <TextField name="name" label={LABELS.name} maxLength={200} required />
              <SelectField name="role_id" label={LABELS.role_id} choices={roles} empty="Choose a role" required />
              <SelectField name="place" label={LABELS.place} choices={places} required />
            </div>
            <div className="form-foot">
              <SubmitButton>Send the invitation</SubmitButton>
            </div>
          </PortalForm>
        </Card>
      ) : null}
      <OnboardFoot path="/people" about={about} />
    </>
  );
}
