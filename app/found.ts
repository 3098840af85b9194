import type { Found, FoundKind } from '../server/contexts/search/schemas.ts';
import { formatDate, formatInstant } from './dates.ts';
import type { SearchHit } from './search-hit.ts';
import { zoneLabel } from './time-zones.ts';

type Shown = { kind: string; icon: SearchHit['icon']; href(found: Found): string };

const at =
  (path: string) =>
  ({ id }: Found) =>
    `/${path}/${id}`;
const inWorkspace =
  (path: string) =>
  ({ id, merchant_id }: Found) =>
    `/merchants/${merchant_id}/${path}/${id}`;

/** What each kind is called, and its page. */
const SHOWN: Readonly<Record<FoundKind, Shown>> = {
  merchant: { kind: 'Merchants', icon: 'store', href: at('merchants') },
  end_customer: { kind: 'Customers', icon: 'people', href: inWorkspace('customers') },
  appointment: { kind: 'Appointments', icon: 'calendar', href: inWorkspace('appointments') },
  customer_invoice: { kind: 'Customer invoices', icon: 'receipt', href: inWorkspace('invoices') },
  merchant_org: { kind: 'MerchantOrgs', icon: 'building', href: at('merchant-orgs') },
  prospect: { kind: 'Prospects', icon: 'funnel', href: at('prospects') },
  service: { kind: 'Services', icon: 'list', href: inWorkspace('set-up/services') },
  provider: { kind: 'Providers', icon: 'people', href: inWorkspace('set-up/providers') },
  location: { kind: 'Locations', icon: 'building', href: inWorkspace('set-up/locations') },
  account: { kind: 'Accounts', icon: 'book', href: at('accounts') },
  transaction: { kind: 'Transactions', icon: 'arrows', href: at('transactions') },
  user: { kind: 'Team', icon: 'people', href: at('team') },
  feature_flag: { kind: 'Flags', icon: 'flag', href: at('flags') },
};

/** When it is, as other pages tell it. */
function whenOf({ starts_at, time_zone }: Found, { locale, time_zone: own }: Clocks): string | null {
  if (!starts_at || !time_zone) return null;
  const when = formatInstant(starts_at, locale, time_zone);
  return time_zone === own ? when : `${when} ${zoneLabel(time_zone, starts_at, locale)}`;
}

/** How a tenant's portal tells dates and times. */
type Clocks = { locale: string; time_zone: string };

/** What a search answered, as entries that lead to it. */
export function hitsOf(data: readonly Found[], clocks: Clocks): SearchHit[] {
  return data.map((found) => {
    const { kind, icon, href } = SHOWN[found.kind];
    const told = found.kind === 'transaction' && found.detail ? formatDate(found.detail, clocks.locale) : found.detail;
    const detail = [told, whenOf(found, clocks), found.merchant_name].filter(Boolean).join(' · ');
    return { href: href(found), label: found.label, detail: detail || null, kind, icon };
  });
}

/** Entries of one kind together, kinds in the order in which they come. */
export function byKind(hits: readonly SearchHit[]): { kind: string; hits: SearchHit[] }[] {
  return [...Map.groupBy(hits, ({ kind }) => kind)].map(([kind, own]) => ({ kind, hits: own }));
}
