import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { roleList } from '../../server/contexts/role/operations.ts';
import type { Role } from '../../server/contexts/role/schemas.ts';
import { userList } from '../../server/contexts/user/operations.ts';
import type { User } from '../../server/contexts/user/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Table } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { pageTitle } from '../page-title.ts';
import { wholeList } from '../whole-list.ts';

export const meta = pageTitle('Team');

export async function loader({ context }: LoaderFunctionArgs) {
  const [users, roles] = await Promise.all([
    wholeList((cursor) => context.run(userList, { limit: 200, ...(cursor ? { cursor } : {}) })),
    context.can('role:read') ? context.run(roleList, { limit: 200 }) : null,
  ]);
  return { users, roles: roles?.data ?? null };
}

export default function Team() {
  const { users, roles } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Team" lead="Who may sign in here, and what their roles let them do." />
      <div className="stack">
        <Card title="People">
          <Users users={users} />
        </Card>
        {roles ? (
          <Card title="Roles">
            <Roles roles={roles} />
          </Card>
        ) : null}
      </div>
    </>
  );
}

function Users({ users }: { users: User[] }) {
  return (
    <Table
      label="People"
      rows={users}
      rowKey={(user) => user.id}
      columns={[
        {
          head: 'Name',
          cell: (user) => (
            <>
              <strong>{user.name}</strong>
              <span className="cell-note">{user.email}</span>
            </>
          ),
        },
        {
          head: 'Roles',
          cell: (user) => user.roles.map(roleAndPlace).join(', ') || <span className="faint">None</span>,
        },
        { head: 'Status', cell: (user) => <Badge status={user.status} /> },
        { head: 'Since', from: 'wide', cell: (user) => <Instant value={user.created_at} /> },
      ]}
    />
  );
}

function roleAndPlace(assignment: User['roles'][number]): string {
  if (assignment.merchant_id) return `${assignment.role_name} of one merchant`;
  return assignment.merchant_org_id ? `${assignment.role_name} of one MerchantOrg` : assignment.role_name;
}

function Roles({ roles }: { roles: Role[] }) {
  return (
    <Table
      label="Roles"
      rows={roles}
      rowKey={(role) => role.id}
      columns={[
        {
          head: 'Role',
          cell: (role) => (
            <>
              <strong>{role.name}</strong>
              <span className="cell-note">{role.description}</span>
            </>
          ),
        },
        { head: 'Kind', from: 'medium', cell: (role) => (role.is_built_in ? 'Built in' : 'Custom') },
        { head: 'Permissions', cell: (role) => <Permissions role={role} /> },
      ]}
    />
  );
}

function Permissions({ role }: { role: Role }) {
  return (
    <details>
      <summary className="nowrap">
        {role.permissions.length === 1 ? '1 permission' : `${role.permissions.length} permissions`}
      </summary>
      <div className="role-permissions">
        {role.permissions.map((permission) => (
          <code key={permission}>{permission}</code>
        ))}
      </div>
    </details>
  );
}
