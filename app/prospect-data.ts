import type { AppLoadContext } from '@remix-run/server-runtime';
import { prospectList } from '../server/contexts/prospect/operations.ts';
import { userList } from '../server/contexts/user/operations.ts';
import { WHOLE_TENANT } from '../server/operations/may-grant.ts';
import type { Choice } from './components/filters.tsx';
import { wholeList } from './whole-list.ts';

/** The prospects that became this party, the latest first; none for those who may not read the pipeline. */
export async function prospectsOf(
  context: AppLoadContext,
  party: { merchant_id: string } | { merchant_org_id: string },
): Promise<{ id: string; name: string }[]> {
  if (!context.can('prospect:read', WHOLE_TENANT)) return [];
  const { data } = await context.run(prospectList, { ...party, status: 'won', limit: 10 });
  return data.map(({ id, name }) => ({ id, name }));
}

/** Who a prospect can belong to: those with a role for the whole tenant. None for those who may not read the team. */
export async function ownerChoices(context: AppLoadContext): Promise<Choice[]> {
  if (!context.can('user:read')) return [];
  const people = await wholeList((cursor) =>
    context.run(userList, { limit: 200, status: 'active', ...(cursor ? { cursor } : {}) }),
  );
  return people
    .filter(({ roles }) => roles.some((role) => role.merchant_org_id === null && role.merchant_id === null))
    .map(({ id, name }) => ({ value: id, label: name }));
}
