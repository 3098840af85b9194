import type { NavigationItem } from './navigation.ts';

type Part = { path: string; label: string; permission: string; icon: NavigationItem['icon'] };

/** The parts of a merchant's workspace, in order; each shows to those who may read it. `path` follows `/merchants/:id`. */
export const MERCHANT_TABS: readonly Part[] = [
  { path: '', label: 'Overview', permission: 'merchant:read', icon: 'store' },
  { path: '/appointments', label: 'Appointments', permission: 'appointment:read', icon: 'calendar' },
  { path: '/customers', label: 'Customers', permission: 'end_customer:read', icon: 'people' },
  { path: '/invoices', label: 'Invoices', permission: 'customer_invoice:read', icon: 'receipt' },
  { path: '/set-up', label: 'Set-up', permission: 'service:read', icon: 'list' },
  { path: '/settings', label: 'Settings', permission: 'merchant:read', icon: 'sliders' },
  { path: '/flags', label: 'Flags', permission: 'merchant_flag:read', icon: 'flag' },
];

/** What one can start at a merchant. */
export const MERCHANT_ACTIONS: readonly Part[] = [
  { path: '/appointments/new', label: 'New appointment', permission: 'appointment:book', icon: 'plus' },
  { path: '/customers/new', label: 'New customer', permission: 'end_customer:create', icon: 'plus' },
];

/** Those parts of a merchant's workspace that somebody may open, as entries. */
export function entriesOf(
  parts: readonly Part[],
  merchantId: string,
  may: (permission: string) => boolean,
): NavigationItem[] {
  return parts
    .filter(({ permission }) => may(permission))
    .map(({ path, ...part }) => ({ ...part, href: `/merchants/${merchantId}${path}`, isExact: path === '' }));
}
