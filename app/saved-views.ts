// A saved search as the pages of lists know it: what their address says.
import type { SavedList, SavedSearch } from '../server/contexts/saved-search/schemas.ts';
import { isLocalPath } from '../server/contexts/sso/schemas.ts';
import { keptOf } from './list-query.ts';

/** Where each list is; those of a workspace are within their merchant. */
export const LIST_PAGES: Readonly<Record<SavedList, { title: string; path: string }>> = {
  audit: { title: 'Audit log', path: '/audit' },
  merchant: { title: 'Merchants', path: '/merchants' },
  merchant_org: { title: 'MerchantOrgs', path: '/merchant-orgs' },
  transaction: { title: 'Transactions', path: '/transactions' },
  payout: { title: 'Payouts', path: '/payouts' },
  user: { title: 'Team', path: '/team' },
  prospect: { title: 'Prospects', path: '/prospects' },
  end_customer: { title: 'Customers', path: '/merchants' },
  customer_invoice: { title: 'Invoices', path: '/merchants' },
};

/** What is kept of an address. */
export function viewInput(values: Record<string, string>) {
  const { sort = null, columns, ...filters } = keptOf(values);
  return { filters, sort, columns: columns ? columns.split(',') : null };
}

/** The address's parameters that show a view. */
export function viewValues({ id, filters, sort, columns }: SavedSearch): Record<string, string> {
  return {
    ...filters,
    ...(sort ? { sort } : {}),
    ...(columns ? { columns: columns.join(',') } : {}),
    view: id,
  };
}

/** Where a list shows a view. */
export function viewAddress(back: string, view: SavedSearch): string {
  return `${back.replace(/[?#].*$/, '')}?${new URLSearchParams(viewValues(view))}`;
}

/** The list that a page about its rows or views leads back to. */
export function wayBack(search: URLSearchParams | FormData, list: SavedList): string {
  const back = search.get('back');
  return typeof back === 'string' && back.length <= 2000 && isLocalPath(back) ? back : LIST_PAGES[list].path;
}
