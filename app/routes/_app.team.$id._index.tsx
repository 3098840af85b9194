import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { type AppLoadContext, redirect } from '@remix-run/server-runtime';
import { auditList } from '../../server/contexts/audit/operations.ts';
import { roleAssignmentList, userAccess } from '../../server/contexts/role-assignment/operations.ts';
import { userGet } from '../../server/contexts/user/operations.ts';
import type { User } from '../../server/contexts/user/schemas.ts';
import { WHOLE_TENANT } from '../../server/operations/may-grant.ts';
import { AuditFeed } from '../components/audit-feed.tsx';
import { Badge } from '../components/badge.tsx';
import { Card } from '../components/card.tsx';
import { HeldRoles } from '../components/held-roles.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { UserAccess } from '../components/user-access.tsx';
import { UserAccount } from '../components/user-account.tsx';
import { UserRoles } from '../components/user-roles.tsx';
import { newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { addressValues } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';
import { givableRoles, placeChoices } from '../team-data.ts';
import { placeInput, placeValue } from '../team-places.ts';
import { actOnUser, USER_FIELDS } from '../user-actions.ts';

export const meta = pageTitle<{ user: User }>(({ user }) => user.name);

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const user = await context.run(userGet, { id: idParam(params) });
  const [roles, access, events] = await Promise.all([
    rolesOf(context, user),
    accessOf(context, user, addressValues(request, ['at', 'ask'])),
    context.can('audit:read', WHOLE_TENANT)
      ? context.run(auditList, { resource_type: 'user', resource_id: user.id, limit: 8 })
      : null,
  ]);
  const may = {
    rename: context.can('user:update'),
    disable: context.can('user:disable'),
    remove: context.can('user:remove'),
    resend: context.can('user:invite'),
    resetFactor: context.can('second_factor:reset'),
    unlink: context.can('sso_connection:unlink'),
  };
  const isSelf = context.actor?.id === user.id;
  const mayViewAs = !isSelf && isMerchantStaff(user) && context.can('user:impersonate');
  return { user, mayViewAs, roles, access, events: events?.data ?? null, may, isSelf, formKey: newFormKey() };
}

/** Somebody who can be viewed as: at work, and nowhere for the whole tenant, as far as the reader sees. */
function isMerchantStaff({ status, roles }: User): boolean {
  const held = roles.filter((role) => !role.is_expired);
  return status === 'active' && held.length > 0 && held.every((role) => role.merchant_org_id ?? role.merchant_id);
}

/** The roles held, and those to give; null for those who may not look at assignments. */
async function rolesOf(context: AppLoadContext, user: User) {
  if (!context.can('role_assignment:read')) return null;
  const may = {
    give: context.can('role_assignment:create'),
    change: context.can('role_assignment:update'),
    take: context.can('role_assignment:delete'),
  };
  const [held, roles, places] = await Promise.all([
    context.run(roleAssignmentList, { user_id: user.id, sort: 'created_at', limit: 200 }),
    may.give ? givableRoles(context) : [],
    may.give ? placeChoices(context, 'role_assignment:create') : [],
  ]);
  return { held: held.data, choices: { roles, places }, may };
}

/** What a person may do at the place that is asked for, else where their first role holds. */
async function accessOf(context: AppLoadContext, user: User, asked: Record<string, string>) {
  if (!context.can('role_assignment:read')) return null;
  const places = await placeChoices(context, 'role_assignment:read');
  const own = user.roles[0] ? placeValue(user.roles[0]) : '';
  const [first] = places;
  if (!first) return null;
  const known = places.find(({ value }) => value === asked.at) ?? places.find(({ value }) => value === own) ?? first;
  const { data } = await context.run(userAccess, { id: user.id, ...placeInput(known.value) });
  return { values: { ...asked, at: known.value }, places, answers: data };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const values = readFields(form, USER_FIELDS);
  const answer = await actOnUser(context, id, values, form);
  if ('problem' in answer) return refused(answer.problem, values);
  throw redirect(values.intent === 'remove' ? '/team?saved=1' : `/team/${id}?saved=1`);
}

export default function UserPage() {
  const { user, mayViewAs, roles, access, events, may, isSelf, formKey } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const form = { formKey, state };
  return (
    <>
      <DoneNotice created={`${user.name} is invited: the link is on its way.`} saved="Done." />
      <PageHeader
        title={user.name}
        crumbs={[{ href: '/team', label: 'Team' }]}
        beside={<Badge status={user.status} {...(isSelf ? { label: 'You' } : {})} />}
      >
        {isSelf ? (
          <Link className="button" to="/account">
            Your account
          </Link>
        ) : null}
        {mayViewAs ? (
          <Link className="button" to={`/team/${user.id}/view-as`}>
            View as
          </Link>
        ) : null}
      </PageHeader>
      <div className="columns">
        <div className="stack">
          {roles ? (
            <UserRoles {...roles} {...form} isSelf={isSelf} />
          ) : (
            <Card title="Roles" padded>
              <HeldRoles roles={user.roles} />
            </Card>
          )}
          {access ? <UserAccess {...access} name={user.name} /> : null}
        </div>
        <aside className="stack">
          <UserAccount user={user} isSelf={isSelf} may={may} {...form} />
          {events ? <History user={user} events={events} /> : null}
        </aside>
      </div>
    </>
  );
}

function History({ user, events }: { user: User; events: Parameters<typeof AuditFeed>[0]['events'] }) {
  return (
    <div className="stack">
      <AuditFeed title="History" events={events} more={`/audit?resource_type=user&resource_id=${user.id}`} />
      <Link to={`/audit?actor_id=${user.id}`}>Everything that they did</Link>
    </div>
  );
}
