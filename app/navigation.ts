import type { IconName } from './components/icon.tsx';

export type NavigationItem = { href: string; label: string; icon: IconName; permission: string | null };
export type NavigationGroup = { label: string; items: NavigationItem[] };

/** Where one can go, in order. An entry shows only to those who may read it; the operations themselves refuse. */
export const NAVIGATION: NavigationGroup[] = [
  {
    label: 'Overview',
    items: [{ href: '/', label: 'Dashboard', icon: 'dashboard', permission: null }],
  },
  {
    label: 'Network',
    items: [
      { href: '/merchant-orgs', label: 'MerchantOrgs', icon: 'building', permission: 'merchant_org:read' },
      { href: '/merchants', label: 'Merchants', icon: 'store', permission: 'merchant:read' },
    ],
  },
  {
    label: 'Ledger',
    items: [
      { href: '/transactions', label: 'Transactions', icon: 'arrows', permission: 'transaction:read' },
      { href: '/accounts', label: 'Accounts', icon: 'book', permission: 'account:read' },
      { href: '/integrity', label: 'Integrity', icon: 'scale', permission: 'ledger:read' },
    ],
  },
  {
    label: 'Control',
    items: [
      { href: '/audit', label: 'Audit log', icon: 'history', permission: 'audit:read' },
      { href: '/team', label: 'Team', icon: 'people', permission: 'user:read' },
      { href: '/settings', label: 'Settings', icon: 'sliders', permission: 'tenant:read' },
    ],
  },
];
