import type { AppLoadContext } from '@remix-run/server-runtime';
import { accountList } from '../server/contexts/account/operations.ts';
import { merchantList } from '../server/contexts/merchant/operations.ts';
import { merchantOrgList } from '../server/contexts/merchant-org/operations.ts';
import { transactionList } from '../server/contexts/transaction/operations.ts';
import type { SearchHit } from './search-hit.ts';

/** A few of each kind of thing whose words match, as far as the reader may see them. */
export async function search(context: AppLoadContext, q: string): Promise<SearchHit[]> {
  const input = { q, limit: 6 };
  const none = { data: [] };
  const [merchants, orgs, accounts, transactions] = await Promise.all([
    context.can('merchant:read') ? context.run(merchantList, input) : none,
    context.can('merchant_org:read') ? context.run(merchantOrgList, input) : none,
    context.can('account:read') ? context.run(accountList, input) : none,
    context.can('transaction:read') ? context.run(transactionList, input) : none,
  ]);
  return [
    ...merchants.data.map(({ id, name }) => hit(`/merchants/${id}`, name, 'Merchant', 'store')),
    ...orgs.data.map(({ id, name }) => hit(`/merchant-orgs/${id}`, name, 'MerchantOrg', 'building')),
    ...accounts.data.map(({ id, code, name }) => hit(`/accounts/${id}`, `${code} ${name}`, 'Account', 'book')),
    ...transactions.data.map(({ id, description }) => hit(`/transactions/${id}`, description, 'Transaction', 'arrows')),
  ];
}

function hit(href: string, label: string, kind: string, icon: SearchHit['icon']): SearchHit {
  return { href, label, kind, icon };
}
