import type { IconName } from './components/icon.tsx';

/** `isExact`: pages below its address are another entry's. `isForTenant`: a right within a MerchantOrg is none to it. */
export type NavigationItem = {
  href: string;
  label: string;
  icon: IconName;
  permission: string | null;
  isOnlyLocal?: true;
  isForTenant?: true;
  isExact?: boolean;
};
export type NavigationGroup = { label: string; items: NavigationItem[] };

/** What one can start from anywhere. */
export const SHORTCUTS: NavigationItem[] = [
  { href: '/transactions/new', label: 'New entry', icon: 'plus', permission: 'transaction:post_raw' },
  { href: '/payouts/new', label: 'New payout', icon: 'plus', permission: 'payout:create' },
  { href: '/prospects/new', label: 'New prospect', icon: 'plus', permission: 'prospect:create', isForTenant: true },
  { href: '/merchants/new', label: 'New merchant', icon: 'plus', permission: 'merchant:create' },
  {
    href: '/merchant-orgs/new',
    label: 'New MerchantOrg',
    icon: 'plus',
    permission: 'merchant_org:create',
    isForTenant: true,
  },
  { href: '/accounts/new', label: 'New account', icon: 'plus', permission: 'account:create' },
];

/** Where one can go, in order. An entry shows only to those who may read it; the operations themselves refuse. */
export const NAVIGATION: NavigationGroup[] = [
  {
    label: 'Overview',
    items: [{ href: '/', label: 'Dashboard', icon: 'dashboard', permission: null, isExact: true }],
  },
  {
    label: 'Network',
    items: [
      { href: '/pipeline', label: 'Pipeline', icon: 'funnel', permission: 'prospect:read', isForTenant: true },
      { href: '/merchant-orgs', label: 'MerchantOrgs', icon: 'building', permission: 'merchant_org:read' },
      { href: '/merchants', label: 'Merchants', icon: 'store', permission: 'merchant:read' },
      { href: '/onboarding', label: 'Onboarding', icon: 'check', permission: 'onboarding:read' },
      { href: '/imports', label: 'Imports', icon: 'upload', permission: 'import:read' },
    ],
  },
  {
    label: 'Ledger',
    items: [
      { href: '/transactions', label: 'Transactions', icon: 'arrows', permission: 'transaction:read' },
      { href: '/payouts', label: 'Payouts', icon: 'payout', permission: 'payout:read' },
      { href: '/reconciliation', label: 'Reconciliation', icon: 'match', permission: 'reconciliation:read' },
      { href: '/accounts', label: 'Accounts', icon: 'book', permission: 'account:read' },
      { href: '/reports', label: 'Reports', icon: 'chart', permission: 'ledger:read' },
      { href: '/periods', label: 'Periods', icon: 'calendar', permission: 'period:read' },
      { href: '/integrity', label: 'Integrity', icon: 'scale', permission: 'ledger:read' },
    ],
  },
  {
    label: 'Control',
    items: [
      { href: '/audit', label: 'Audit log', icon: 'history', permission: 'audit:read', isForTenant: true },
      { href: '/team', label: 'Team', icon: 'people', permission: 'user:read' },
      { href: '/flags', label: 'Flags', icon: 'flag', permission: 'feature_flag:read', isForTenant: true },
      { href: '/support-access', label: 'Support access', icon: 'eye', permission: 'impersonation:read' },
      { href: '/health', label: 'System health', icon: 'pulse', permission: 'health:read', isForTenant: true },
      { href: '/usage', label: 'Usage', icon: 'gauge', permission: 'usage:read', isForTenant: true },
      {
        href: '/mailbox',
        label: 'Mailbox',
        icon: 'mail',
        permission: 'mailbox:open',
        isForTenant: true,
        isOnlyLocal: true,
      },
      { href: '/settings/api-keys', label: 'API keys', icon: 'key', permission: 'api_key:read', isForTenant: true },
      {
        href: '/settings',
        label: 'Settings',
        icon: 'sliders',
        permission: 'tenant:read',
        isForTenant: true,
        isExact: true,
      },
    ],
  },
];
