import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import { roleList } from '../../server/contexts/role/operations.ts';
import type { Role } from '../../server/contexts/role/schemas.ts';
import { secondFactorRequire } from '../../server/contexts/second-factor/operations.ts';
import { Card } from '../components/card.tsx';
import { ErrorSummary } from '../components/form.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { TeamTabs } from '../components/team-tabs.tsx';
import { readFields, refused } from '../forms.ts';
import { listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { orForbidden, teamTabs } from '../team-data.ts';

export const meta = pageTitle('Roles');

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { input } = listQuery(request, roleList, []);
  const may = {
    create: context.can('role:create'),
    require: context.can('second_factor:require'),
    seePeople: context.can('user:read'),
  };
  return { page: await context.run(roleList, input), tabs: teamTabs(context), may };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const values = readFields(await request.formData(), ['id', 'required']);
  const input = { id: values.id, required: values.required === 'yes' };
  const answer = await orForbidden(context.submit(secondFactorRequire, input));
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect('/team/roles?saved=1');
}

type May = { create: boolean; require: boolean; seePeople: boolean };

export default function Roles() {
  const { page, tabs, may } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  return (
    <>
      <DoneNotice saved="Done." />
      <PageHeader
        title="Roles"
        lead="Sets of permissions. A role is given for the whole tenant, a MerchantOrg or a merchant."
      >
        {may.create ? (
          <Link className="button button-primary" to="/team/roles/new">
            <Icon name="plus" size={14} />
            New role
          </Link>
        ) : null}
      </PageHeader>
      <TeamTabs may={tabs} />
      {state?.problem ? <ErrorSummary problem={state.problem} labels={{}} /> : null}
      <Card>
        <RoleTable rows={page.data} may={may} />
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/roles" />
      </Card>
    </>
  );
}

function RoleTable({ rows, may }: { rows: Role[]; may: May }) {
  return (
    <Table
      label="Roles"
      rows={rows}
      rowKey={(role) => role.id}
      columns={[
        {
          head: 'Role',
          sort: 'name',
          cell: (role) => (
            <>
              <RowLink to={`/team/roles/${role.id}`}>{role.name}</RowLink>
              <span className="cell-note">{role.description}</span>
            </>
          ),
        },
        { head: 'Kind', from: 'medium', cell: (role) => (role.is_built_in ? 'Built in' : 'Your own') },
        {
          head: 'Held by',
          end: true,
          from: 'medium',
          cell: (role) =>
            may.seePeople && role.holders > 0 ? (
              <Link
                className="row-other"
                to={`/team?role_id=${role.id}`}
                aria-label={`${role.holders} hold ${role.name}`}
              >
                {role.holders}
              </Link>
            ) : (
              <span className="faint">{role.holders}</span>
            ),
        },
        { head: 'Permissions', end: true, from: 'medium', cell: (role) => role.permissions.length },
        { head: 'Second factor', cell: (role) => <SecondFactor role={role} mayChange={may.require} /> },
      ]}
    />
  );
}

/** Whether a role asks for one, and the switch. */
function SecondFactor({ role, mayChange }: { role: Role; mayChange: boolean }) {
  const isOn = role.requires_second_factor;
  if (!mayChange) return isOn ? 'Required' : <span className="faint">Not required</span>;
  return (
    <Form method="post" className="row-other">
      <input type="hidden" name="id" value={role.id} />
      <input type="hidden" name="required" value={isOn ? 'no' : 'yes'} />
      <button
        type="submit"
        className="switch"
        role="switch"
        aria-checked={isOn}
        aria-label={`${role.name} requires it`}
      >
        <span className="switch-track" />
        <span className="medium-only">{isOn ? 'Required' : 'Not required'}</span>
      </button>
    </Form>
  );
}
