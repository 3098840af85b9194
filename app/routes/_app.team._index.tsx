import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { userStatus } from '../../server/contexts/role-assignment/schemas.ts';
import { userList } from '../../server/contexts/user/operations.ts';
import type { User } from '../../server/contexts/user/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Empty } from '../components/empty.tsx';
import { SearchFilter, SelectFilter } from '../components/filters.tsx';
import { HeldRoles } from '../components/held-roles.tsx';
import { Icon } from '../components/icon.tsx';
import { List } from '../components/list.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { type Column, RowLink } from '../components/table.tsx';
import { TeamTabs } from '../components/team-tabs.tsx';
import { Instant } from '../components/time.tsx';
import { humanize } from '../labels.ts';
import { openList } from '../list-page.ts';
import { pageTitle } from '../page-title.ts';
import { partyName } from '../party-data.ts';
import { roleChoices, teamTabs } from '../team-data.ts';

export const meta = pageTitle('Team');

/** Filters that come with the address, as from the page of a merchant. */
const AT = ['merchant_org_id', 'merchant_id'];

const STATUSES = userStatus.options.map((value) => ({ value, label: humanize(value) }));

export async function loader({ context, request }: LoaderFunctionArgs) {
  const [list, roles] = await Promise.all([
    openList(context, request, 'user', userList, ['q', 'status', 'role_id', ...AT]),
    roleChoices(context),
  ]);
  const { merchant_org_id: org, merchant_id: merchant } = list.values;
  const at = merchant ? { type: 'merchant', id: merchant } : org ? { type: 'merchant_org', id: org } : null;
  const place = await partyName(context, at);
  return { list, roles, place, tabs: teamTabs(context), mayInvite: context.can('user:invite') };
}

export default function Team() {
  const { list, roles, place, tabs, mayInvite } = useLoaderData<typeof loader>();
  const { values } = list;
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
      {place ? <p className="list-note">Those with a role at {place} itself.</p> : null}
      <List
        list={list}
        label="People"
        columns={COLUMNS}
        defaultSort="name"
        download="/api/users"
        filters={
          <>
            {AT.map((name) =>
              values[name] ? <input key={name} type="hidden" name={name} value={values[name]} /> : null,
            )}
            <SearchFilter name="q" label="Search" values={values} placeholder="Name or e-mail" />
            <SelectFilter name="status" label="Status" values={values} choices={STATUSES} />
            {roles.length > 0 ? <SelectFilter name="role_id" label="Role" values={values} choices={roles} /> : null}
          </>
        }
        empty={<None mayInvite={mayInvite} />}
      />
    </>
  );
}

const COLUMNS: Column<User>[] = [
  {
    head: 'Name',
    sort: 'name',
    cell: (user) => (
      <div className="person">
        <RowLink to={`/team/${user.id}`}>{user.name}</RowLink>
        <span className="cell-note">{user.email}</span>
        <div className="cell-note phone-only">
          <HeldRoles roles={user.roles} />
        </div>
      </div>
    ),
  },
  { head: 'Roles', from: 'medium', cell: (user) => <HeldRoles roles={user.roles} /> },
  { head: 'Status', cell: (user) => <Badge status={user.status} /> },
  { head: 'Second factor', from: 'wide', cell: (user) => (user.has_second_factor ? 'On' : <Faint>Off</Faint>) },
  {
    head: 'Single sign-on',
    isExtra: true,
    cell: (user) => (user.has_single_sign_on ? 'Linked' : <Faint>Not linked</Faint>),
  },
  {
    head: 'Last seen',
    from: 'medium',
    cell: (user) => (user.last_seen_at ? <Instant value={user.last_seen_at} /> : <Faint>Not yet</Faint>),
  },
  { head: 'Since', isExtra: true, cell: (user) => <Instant value={user.created_at} /> },
];

function Faint({ children }: { children: string }) {
  return <span className="faint">{children}</span>;
}

function None({ mayInvite }: { mayInvite: boolean }) {
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
