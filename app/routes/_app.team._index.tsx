import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { userStatus } from '../../server/contexts/role-assignment/schemas.ts';
import { userList } from '../../server/contexts/user/operations.ts';
import type { User } from '../../server/contexts/user/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { Empty, EmptyResult } from '../components/empty.tsx';
import { Filters, SearchFilter, SelectFilter } from '../components/filters.tsx';
import { HeldRoles } from '../components/held-roles.tsx';
import { Icon } from '../components/icon.tsx';
import { ListFoot } from '../components/list-foot.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { RowLink, Table } from '../components/table.tsx';
import { TeamTabs } from '../components/team-tabs.tsx';
import { Instant } from '../components/time.tsx';
import { humanize } from '../labels.ts';
import { isFiltered, listQuery } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { roleChoices, teamTabs } from '../team-data.ts';

export const meta = pageTitle('Team');

const STATUSES = userStatus.options.map((value) => ({ value, label: humanize(value) }));

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { values, input } = listQuery(request, userList, ['q', 'status', 'role_id']);
  const [page, roles] = await Promise.all([context.run(userList, input), roleChoices(context)]);
  return { values, page, roles, tabs: teamTabs(context), mayInvite: context.can('user:invite') };
}

export default function Team() {
  const { values, page, roles, tabs, mayInvite } = useLoaderData<typeof loader>();
  return (
    <>
      <DoneNotice saved="The account is removed. What it did stays on record." />
      <PageHeader title="Team" lead="Who may sign in here, and what their roles let them do.">
        {mayInvite ? (
          <Link className="button button-primary" to="/team/invite">
            <Icon name="plus" size={14} />
            Invite
          </Link>
        ) : null}
      </PageHeader>
      <TeamTabs may={tabs} />
      <Filters values={values}>
        <SearchFilter name="q" label="Search" values={values} placeholder="Name or e-mail" />
        <SelectFilter name="status" label="Status" values={values} choices={STATUSES} />
        {roles.length > 0 ? <SelectFilter name="role_id" label="Role" values={values} choices={roles} /> : null}
      </Filters>
      <Card>
        {page.data.length > 0 ? <People rows={page.data} /> : <None values={values} mayInvite={mayInvite} />}
        <ListFoot shown={page.data.length} nextCursor={page.next_cursor} download="/api/users" />
      </Card>
    </>
  );
}

function People({ rows }: { rows: User[] }) {
  return (
    <Table
      label="People"
      rows={rows}
      rowKey={(user) => user.id}
      defaultSort="name"
      columns={[
        {
          head: 'Name',
          sort: 'name',
          cell: (user) => (
            <div className="person">
              <RowLink to={`/team/${user.id}`}>{user.name}</RowLink>
              <span className="cell-note">{user.email}</span>
            </div>
          ),
        },
        { head: 'Roles', cell: (user) => <HeldRoles roles={user.roles} /> },
        { head: 'Status', cell: (user) => <Badge status={user.status} /> },
        { head: 'Second factor', from: 'wide', cell: (user) => (user.has_second_factor ? 'On' : <Faint>Off</Faint>) },
        {
          head: 'Last seen',
          from: 'medium',
          cell: (user) => (user.last_seen_at ? <Instant value={user.last_seen_at} /> : <Faint>Not yet</Faint>),
        },
      ]}
    />
  );
}

function Faint({ children }: { children: string }) {
  return <span className="faint">{children}</span>;
}

function None({ values, mayInvite }: { values: Record<string, string>; mayInvite: boolean }) {
  if (isFiltered(values)) return <EmptyResult href="/team" />;
  return (
    <Empty
      icon="people"
      title="Nobody here yet"
      {...(mayInvite ? { action: { href: '/team/invite', label: 'Invite somebody' } } : {})}
    >
      People join by an invitation, with a role that says what they may do, and where.
    </Empty>
  );
}
