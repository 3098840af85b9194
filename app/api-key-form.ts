import type { ApiKey } from '../server/contexts/api-key/schemas.ts';
import type { Choice } from './components/filters.tsx';
import { instantIn, nextDay } from './dates.ts';
import type { FormValues } from './forms.ts';

// What the pages of API keys share.

const DAY_MS = 86_400_000;

export const API_KEY_LABELS = {
  name: 'Name',
  role_id: 'Role',
  reach: 'Place',
  merchant_org_id: 'Place',
  merchant_id: 'Place',
  ends: 'Ends',
  expires_at: 'On a day',
  overlap_hours: 'The old secret works',
};

export const KEY_STATES: Choice[] = [
  { value: 'active', label: 'Active' },
  { value: 'expired', label: 'Expired' },
  { value: 'revoked', label: 'Revoked' },
];

export const NEVER = 'never';
const SPANS: Choice[] = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
];
export const FIRST_ENDS: Choice[] = [...SPANS, { value: NEVER, label: 'Never' }];
/** A new secret may have a new end; without one it ends when the key would have. */
export const LATER_ENDS: Choice[] = SPANS;

export const OVERLAPS: Choice[] = [
  { value: '0', label: 'no more, from now on' },
  { value: '1', label: 'for 1 more hour' },
  { value: '24', label: 'for 24 more hours' },
  { value: '72', label: 'for 72 more hours' },
];

/** The end that a form asks for: on a day in the tenant's zone (all of it counts), else after so many days, or none. */
export function readEnd({ ends = '', expires_at = '' }: FormValues, timeZone: string): { expires_at?: string } {
  if (expires_at !== '') return { expires_at: instantIn(nextDay(expires_at), '00:00', timeZone) ?? expires_at };
  return ends === '' || ends === NEVER
    ? {}
    : { expires_at: new Date(Date.now() + Number(ends) * DAY_MS).toISOString() };
}

/** `merchant_org:<id>`, `merchant:<id>`, or nothing for the whole tenant. */
export function readReach(reach: string): { merchant_org_id?: string; merchant_id?: string } {
  const [kind, id = ''] = reach.split(':');
  if (kind === 'merchant_org') return { merchant_org_id: id };
  return kind === 'merchant' ? { merchant_id: id } : {};
}

/** Where a key holds, in words. */
export function reachOf(key: ApiKey, choices: Choice[]): string {
  const [kind, id] = key.merchant_id ? ['merchant', key.merchant_id] : ['merchant_org', key.merchant_org_id];
  if (id === null) return 'The whole tenant';
  const named = choices.find(({ value }) => value === `${kind}:${id}`)?.label;
  return named ?? (kind === 'merchant' ? 'One merchant' : 'One MerchantOrg');
}

/** Whole days until the end of a key that still works; null when it has none. */
export function daysLeft(key: ApiKey, now: string): number | null {
  if (key.state !== 'active' || key.expires_at === null) return null;
  return Math.max(0, Math.floor((Date.parse(key.expires_at) - Date.parse(now)) / DAY_MS));
}
