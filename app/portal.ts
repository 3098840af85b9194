import type { AppLoadContext } from '@remix-run/server-runtime';
import { WHOLE_TENANT } from '../server/operations/may-grant.ts';
import { entriesOf, MERCHANT_ACTIONS, MERCHANT_TABS } from './merchant-tabs.ts';
import { NAVIGATION, type NavigationGroup, type NavigationItem, SHORTCUTS } from './navigation.ts';

// Whose portal it is. Staff of the platform see its network; who works at one merchant, or for one MerchantOrg, sees that
// one's pages as the portal itself; who works at a few places begins with their merchants.

export type Portal = { navigation: NavigationGroup[]; shortcuts: NavigationItem[] };

/** The one place that is all of somebody's portal. */
export function onlyPlace({ places, can }: AppLoadContext): { merchant?: string; org?: string } | null {
  if (!places || places.merchant_org_ids.length + places.merchant_ids.length !== 1) return null;
  const [merchant] = places.merchant_ids;
  const [org] = places.merchant_org_ids;
  if (merchant) return can('merchant:read') ? { merchant } : null;
  return org && can('merchant_org:read') ? { org } : null;
}

/** Where somebody begins; null for the dashboard. */
export function homeOf(context: AppLoadContext): string | null {
  const only = onlyPlace(context);
  if (only?.org) return `/merchant-orgs/${only.org}`;
  if (only?.merchant) return `/merchants/${only.merchant}${context.can('appointment:read') ? '/appointments' : ''}`;
  return context.places && context.can('merchant:read') ? '/merchants' : null;
}

/** What somebody's own pages stand in for. */
function replacedBy(context: AppLoadContext): string[] {
  const only = onlyPlace(context);
  if (only) return ['/', only.org ? '/merchant-orgs' : '/merchants'];
  return homeOf(context) === null ? [] : ['/'];
}

/** Where one can go and what one can start; nothing else, and no group without an entry. */
export function portalOf(context: AppLoadContext): Portal {
  const may = ({ permission, isForTenant, isOnlyLocal }: NavigationItem) =>
    (!isOnlyLocal || context.hasMailbox) &&
    (permission === null || (isForTenant ? context.can(permission, WHOLE_TENANT) : context.can(permission)));
  const replaced = replacedBy(context);
  const only = onlyPlace(context);
  const ofMerchant = (parts: typeof MERCHANT_TABS) =>
    only?.merchant ? entriesOf(parts, only.merchant, (name) => context.can(name)) : [];
  const ofOrg = only?.org ? orgEntries(only.org) : [];
  const groups = NAVIGATION.map(({ label, items }) => ({
    label,
    items: items.filter((item) => may(item) && !replaced.includes(item.href)),
  }));
  return {
    navigation: [{ label: 'Workspace', items: [...ofMerchant(MERCHANT_TABS), ...ofOrg] }, ...groups].filter(
      ({ items }) => items.length > 0,
    ),
    shortcuts: [...ofMerchant(MERCHANT_ACTIONS), ...SHORTCUTS.filter(may)],
  };
}

function orgEntries(id: string): NavigationItem[] {
  const permission = 'merchant_org:read';
  return [
    { href: `/merchant-orgs/${id}`, label: 'Overview', icon: 'building', permission, isExact: true },
    { href: `/merchant-orgs/${id}/settings`, label: 'Settings', icon: 'sliders', permission },
  ];
}
