import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { roleCreate, roleGet } from '../../server/contexts/role/operations.ts';
import { PageHeader } from '../components/page-header.tsx';
import { RoleEditor, type RoleState } from '../components/role-editor.tsx';
import { formGuards, newFormKey, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { pageTitle } from '../page-title.ts';
import { edited, permissionsFor } from '../role-data.ts';
import { readRole, roleFields } from '../role-form.ts';
import { orForbidden } from '../team-data.ts';

export const meta = pageTitle('New role');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const from = new URL(request.url).searchParams.get('from');
  const [rows, source] = await Promise.all([
    permissionsFor(context, []),
    from ? context.run(roleGet, { id: idParam({ id: from }) }) : null,
  ]);
  const ours = rows.flatMap(({ permissions }) => permissions.filter(({ mayTick }) => mayTick));
  const copied = ours.map(({ permission }) => permission).filter((each) => source?.permissions.includes(each));
  const values = {
    name: source ? `Copy of ${source.name}`.slice(0, 100) : '',
    description: source?.description ?? '',
    permissions: copied.join(','),
  };
  return { rows, values, source: source?.name ?? null, formKey: newFormKey() };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const values = readRole(form);
  const changed = values.intent === 'save' ? null : edited(values, await permissionsFor(context, []));
  if (changed) return { problem: null, values: changed, key: newFormKey(), preview: null } satisfies RoleState;
  const answer = await orForbidden(context.submit(roleCreate, roleFields(values), formGuards(form)));
  if ('problem' in answer) return refused<RoleState>(answer.problem, values);
  throw redirect(`/team/roles/${answer.data.id}?created=1`);
}

export default function NewRole() {
  const { rows, values, source, formKey } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="New role"
        lead={source ? `With what ${source} gives, as far as you hold it yourself.` : 'Tick what it lets people do.'}
        crumbs={[
          { href: '/team', label: 'Team' },
          { href: '/team/roles', label: 'Roles' },
        ]}
      />
      <RoleEditor
        key={formKey}
        rows={rows}
        values={values}
        formKey={formKey}
        state={useActionData<typeof action>() as RoleState | undefined}
        main={{ label: 'Make the role', intent: 'save' }}
        cancel="/team/roles"
      />
    </>
  );
}
