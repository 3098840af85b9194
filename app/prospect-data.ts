import type { AppLoadContext } from '@remix-run/server-runtime';
import { userList } from '../server/contexts/user/operations.ts';
import type { Choice } from './components/filters.tsx';
import { wholeList } from './whole-list.ts';

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
