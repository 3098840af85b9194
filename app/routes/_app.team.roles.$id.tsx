import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { type AppLoadContext, data, redirect } from '@remix-run/server-runtime';
import { roleDelete, roleGet, rolePreview, roleUpdate } from '../../server/contexts/role/operations.ts';
import type { Role } from '../../server/contexts/role/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { DoneNotice, Notice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PermissionsGiven } from '../components/permission-matrix.tsx';
import { RoleEditor, type RoleState } from '../components/role-editor.tsx';
import { type FormValues, formGuards, newFormKey, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { invalidFields } from '../problem.ts';
import { edited, permissionsFor } from '../role-data.ts';
import { readRole, roleFields } from '../role-form.ts';
import { orForbidden } from '../team-data.ts';

export const meta = pageTitle<{ role: Role }>(({ role }) => role.name);

export async function loader({ context, params }: LoaderFunctionArgs) {
  const role = await context.run(roleGet, { id: idParam(params) });
  const may = {
    change: context.can('role:update') && !role.is_built_in,
    delete: context.can('role:delete') && !role.is_built_in,
    copy: context.can('role:create'),
    seePeople: context.can('user:read'),
  };
  const { name, description, permissions } = role;
  const values: FormValues = { name, description, permissions: permissions.join(',') };
  return { role, may, values, rows: await permissionsFor(context, permissions), formKey: newFormKey() };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readRole(form);
  if (values.intent === 'delete') {
    const answer = await orForbidden(context.submit(roleDelete, { id }, formGuards(form)));
    if ('problem' in answer) return refused<RoleState>(answer.problem, values);
    throw redirect('/team/roles?saved=1');
  }
  if (values.intent === 'save') {
    const answer = await orForbidden(context.submit(roleUpdate, { id, ...roleFields(values) }, formGuards(form)));
    if ('problem' in answer) return refused<RoleState>(answer.problem, values);
    throw redirect(`/team/roles/${id}?saved=1`);
  }
  const { permissions } = await context.run(roleGet, { id });
  const changed = edited(values, await permissionsFor(context, permissions));
  return changed ? again(changed, null) : previewed(context, id, values);
}

function again(values: FormValues, preview: RoleState['preview']) {
  return data({ problem: null, values, key: newFormKey(), preview } as RoleState);
}

/** What saving would change; the name is looked at here, so that the last step does not fail for it. */
async function previewed(context: AppLoadContext, id: string, values: FormValues) {
  const { name, permissions } = roleFields(values);
  if (name === '') return refused<RoleState>(invalidFields({ name: ['is required'] }, context.requestId), values);
  const answer = await orForbidden(context.submit(rolePreview, { id, permissions }));
  return 'problem' in answer ? refused<RoleState>(answer.problem, values) : again(values, answer.data);
}

export default function RolePage() {
  const { role, may, values, rows, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>() as RoleState | undefined;
  const isDeleting = state?.values.intent === 'delete';
  return (
    <>
      <DoneNotice created={`${role.name} is made. Give it to people.`} saved="The role is changed." />
      <PageHeader
        title={role.name}
        lead={role.description}
        crumbs={[
          { href: '/team', label: 'Team' },
          { href: '/team/roles', label: 'Roles' },
        ]}
        beside={
          <Badge status={role.is_built_in ? 'built-in' : 'own'} label={role.is_built_in ? 'Built in' : 'Your own'} />
        }
      >
        {may.seePeople && role.holders > 0 ? (
          <Link className="button" to={`/team?role_id=${role.id}`}>
            {role.holders === 1 ? 'Held by 1 person' : `Held by ${role.holders} people`}
          </Link>
        ) : null}
        {may.copy ? (
          <Link className="button" to={`/team/roles/new?from=${role.id}`}>
            Copy to a role of your own
          </Link>
        ) : null}
      </PageHeader>
      <div className="stack">
        {may.change ? (
          <RoleEditor
            key={`${role.id} ${role.version}`}
            rows={rows}
            values={values}
            formKey={formKey}
            state={isDeleting ? undefined : state}
            version={role.version}
            main={{ label: 'Who gains and loses what', intent: 'preview' }}
            cancel="/team/roles"
          />
        ) : (
          <Card title={role.permissions.length === 1 ? '1 permission' : `${role.permissions.length} permissions`}>
            <PermissionsGiven rows={rows} given={role.permissions} />
          </Card>
        )}
        {may.delete && !state?.preview ? <Delete role={role} formKey={formKey} state={state} /> : null}
      </div>
    </>
  );
}

function Delete({ role, formKey, state }: { role: Role; formKey: string; state: RoleState | undefined }) {
  return (
    <Card title="Not needed any more?">
      <ChoiceForm
        intent="delete"
        title="Delete this role"
        button={`Delete ${role.name}`}
        formKey={formKey}
        state={state}
        labels={{}}
        version={role.version}
      >
        {state?.problem?.code === 'role_in_use' ? (
          <Notice tone="warn">
            <Link to={`/team?role_id=${role.id}`}>See who holds it</Link>, take it from each of them, then delete it.
          </Notice>
        ) : (
          <p className="soft">A role goes only when nobody holds it and no API key has it.</p>
        )}
      </ChoiceForm>
    </Card>
  );
}
