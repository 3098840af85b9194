import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { useEffect } from 'react';
import { userInvite, userList } from '../../server/contexts/user/operations.ts';
import { Card } from '../components/card.tsx';
import { TextField } from '../components/field.tsx';
import { PortalForm, SubmitButton } from '../components/form.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { type RoleChoices, RoleFields } from '../components/role-fields.tsx';
import { type FormState, formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { pageTitle } from '../page-title.ts';
import {
  readRoleRows,
  rolesInput,
  rowLabels,
  rowNumbers,
  toldByRow,
  withAnotherRow,
  withoutRow,
} from '../role-rows.ts';
import { givableRoles, orForbidden, placeChoices } from '../team-data.ts';

export const meta = pageTitle('Invite somebody');

export async function loader({ context }: LoaderFunctionArgs) {
  // Whoever invites sees who is here; to everybody else there is nothing to fill in.
  const [roles, places] = await Promise.all([
    givableRoles(context),
    placeChoices(context, 'user:invite'),
    context.run(userList, { limit: 1 }),
  ]);
  // Where there is but one place, nobody has to choose it.
  const place = places.length === 1 ? (places[0]?.value ?? '') : '';
  return { roles, places, values: { 'rows.0.place': place }, formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = { ...readFields(form, ['email', 'name']), ...readRoleRows(form) };
  const intent = String(form.get('intent') ?? '');
  const again = (changed: Record<string, string>): FormState => ({ problem: null, values: changed, key: newFormKey() });
  if (intent === 'add') return again(withAnotherRow(values, values['rows.0.place'] ?? ''));
  const [, removed] = /^remove-(\d{1,3})$/.exec(intent) ?? [];
  if (removed) return again(withoutRow(values, removed));

  const { email, name } = values;
  const input = { email, name, roles: rolesInput(values, context.tenant.time_zone) };
  const answer = await orForbidden(context.submit(userInvite, input, formGuards(form)));
  if ('problem' in answer) return refused(toldByRow(answer.problem, values), values);
  throw redirect(`/team/${answer.data.id}?created=1`);
}

export default function Invite() {
  const { roles, places, values, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>() as FormState | undefined;
  const numbers = rowNumbers(state?.values ?? values);
  useFocusOnNewRow(state, numbers);
  const labels = { email: 'E-mail', name: 'Name', roles: 'Roles', ...rowLabels(state?.values ?? values) };
  return (
    <>
      <PageHeader
        title="Invite somebody"
        lead="They get a link by mail, choose a password, and hold these roles from then on."
        crumbs={[{ href: '/team', label: 'Team' }]}
      />
      <div className="form-wide">
        <Card padded>
          <PortalForm state={state} values={state ? {} : values} formKey={formKey} labels={labels}>
            {/* Enter sends the invitation, not the first button of a row. */}
            <button type="submit" className="visually-hidden" tabIndex={-1} aria-hidden="true">
              Send
            </button>
            <div className="form-grid">
              <TextField name="email" label="E-mail" type="email" maxLength={254} required />
              <TextField name="name" label="Name" maxLength={200} required />
            </div>
            <RoleRows numbers={numbers} roles={roles} places={places} />
            <div className="form-foot">
              <SubmitButton>Send the invitation</SubmitButton>
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

/** A row that was just added is the next thing to fill in. */
function useFocusOnNewRow(state: FormState | undefined, numbers: number[]): void {
  const last = numbers.at(-1);
  useEffect(() => {
    if (state && !state.problem) document.getElementById(`field-rows.${last}.role_id`)?.focus();
  }, [state, last]);
}

function RoleRows({ numbers, ...choices }: RoleChoices & { numbers: number[] }) {
  return (
    <div className="form-section">
      <h2 id="field-roles">{numbers.length === 1 ? 'Role' : 'Roles'}</h2>
      <p className="hint">A role holds through its last day; without one, until somebody takes it away.</p>
      <ul className="role-rows">
        {numbers.map((number, index) => (
          <li key={number}>
            <RoleFields {...choices} prefix={`rows.${number}.`} />
            {numbers.length > 1 ? (
              <button
                type="submit"
                name="intent"
                value={`remove-${number}`}
                className="icon-button"
                aria-label={`Leave out role ${index + 1}`}
              >
                <Icon name="close" size={14} />
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {numbers.length < 20 ? (
        <button type="submit" name="intent" value="add" className="button">
          <Icon name="plus" size={14} />
          Add another role
        </button>
      ) : null}
    </div>
  );
}
