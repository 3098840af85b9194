import type { AppLoadContext } from '@remix-run/server-runtime';
import { merchantList } from '../server/contexts/merchant/operations.ts';
import type { Choice } from './components/filters.tsx';
import { orgNames } from './party-data.ts';
import { wholeList } from './whole-list.ts';

/** Whom a rule can be for: the merchants by name, with the MerchantOrg that each is of. None for those who may read none. */
export async function merchantChoices(context: AppLoadContext): Promise<Choice[]> {
  if (!context.can('merchant:read')) return [];
  const [merchants, orgs] = await Promise.all([
    wholeList((cursor) => context.run(merchantList, { limit: 200, sort: 'name', ...(cursor ? { cursor } : {}) })),
    orgNames(context),
  ]);
  return merchants.map(({ id, name, merchant_org_id }) => {
    const org = orgs[merchant_org_id];
    return { value: id, label: org ? `${name} (${org})` : name };
  });
}
