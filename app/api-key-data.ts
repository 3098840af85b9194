import type { AppLoadContext } from '@remix-run/server-runtime';
import { merchantList } from '../server/contexts/merchant/operations.ts';
import { merchantOrgList } from '../server/contexts/merchant-org/operations.ts';
import { roleList } from '../server/contexts/role/operations.ts';
import type { Choice } from './components/filters.tsx';
import { wholeList } from './whole-list.ts';

/** The roles that there are, as far as the reader may see them. */
export async function roleChoices(context: AppLoadContext): Promise<Choice[]> {
  if (!context.can('role:read')) return [];
  const roles = await wholeList((cursor) => context.run(roleList, { limit: 200, ...(cursor ? { cursor } : {}) }));
  return roles.map(({ id, name }) => ({ value: id, label: name }));
}

/** The parties by the value that stands for them in a form. */
export async function reachChoices(context: AppLoadContext): Promise<Choice[]> {
  const page = (cursor: string | undefined) => ({ limit: 200, sort: 'name', ...(cursor ? { cursor } : {}) });
  const [orgs, merchants] = await Promise.all([
    context.can('merchant_org:read') ? wholeList((cursor) => context.run(merchantOrgList, page(cursor))) : [],
    context.can('merchant:read') ? wholeList((cursor) => context.run(merchantList, page(cursor))) : [],
  ]);
  return [
    ...orgs.map(({ id, name }) => ({ value: `merchant_org:${id}`, label: `MerchantOrg ${name}` })),
    ...merchants.map(({ id, name }) => ({ value: `merchant:${id}`, label: `Merchant ${name}` })),
  ];
}
