import type { AppLoadContext } from '@remix-run/server-runtime';
import { WHOLE_TENANT } from '../server/operations/may-grant.ts';
import { entriesOf, MERCHANT_ACTIONS, MERCHANT_TABS } from './merchant-tabs.ts';
import { NAVIGATION, type NavigationGroup, type NavigationItem, SHORTCUTS } from './navigation.ts';

// Whose portal it is. Staff of the platform see its network; who works at one merchant sees that merchant's workspace as
// the portal itself; who works at a few of them begins with these.

export type Portal = { navigation: NavigationGroup[]; shortcuts: NavigationItem[] };

const PLATFORM_ONLY = ['/', '/merchants'];

/** The merchant that is all of somebody's portal. */
function onlyMerchant({ merchants, can }: AppLoadContext): string | null {
  return merchants?.length === 1 && can('merchant:read') ? (merchants[0] ?? null) : null;
}

/** Where somebody begins; null for the dashboard. */
export function homeOf(context: AppLoadContext): string | null {
  if (!context.merchants || !context.can('merchant:read')) return null;
  const id = onlyMerchant(context);
  if (!id) return '/merchants';
  return context.can('appointment:read') ? `/merchants/${id}/appointments` : `/merchants/${id}`;
}

/** Where one can go and what one can start; nothing else, and no group without an entry. */
export function portalOf(context: AppLoadContext): Portal {
  const may = ({ permission, isForTenant, isOnlyLocal }: NavigationItem) =>
    (!isOnlyLocal || context.hasMailbox) &&
    (permission === null || (isForTenant ? context.can(permission, WHOLE_TENANT) : context.can(permission)));
  const id = onlyMerchant(context);
  const elsewhere = homeOf(context) === null ? [] : id ? PLATFORM_ONLY : ['/'];
  const entries = (parts: typeof MERCHANT_TABS) => (id ? entriesOf(parts, id, (name) => context.can(name)) : []);
  const groups = NAVIGATION.map(({ label, items }) => ({
    label,
    items: items.filter((item) => may(item) && !elsewhere.includes(item.href)),
  }));
  return {
    navigation: [{ label: 'Workspace', items: entries(MERCHANT_TABS) }, ...groups].filter(
      ({ items }) => items.length > 0,
    ),
    shortcuts: [...entries(MERCHANT_ACTIONS), ...SHORTCUTS.filter(may)],
  };
}
