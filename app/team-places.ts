// Where a role holds, and until when, as forms say it: a place is `tenant`, `org:ID` or `merchant:ID`, an end is a day.
import { dateIn, nextDay, startOfDay } from './dates.ts';

export type PlaceChoice = { value: string; label: string; group: 'MerchantOrgs' | 'Merchants' | null };

type Place = { merchant_org_id: string | null; merchant_id: string | null };

export const WHOLE_TENANT = 'The whole tenant';

/** The input that a chosen place makes; nothing chosen is an empty id, which the operation refuses. */
export function placeInput(value: string): { merchant_org_id?: string; merchant_id?: string } {
  if (value === 'tenant') return {};
  const [kind, id = ''] = value.split(':');
  return kind === 'merchant' ? { merchant_id: id } : { merchant_org_id: id };
}

/** A place as the choice that stands for it. */
export function placeValue({ merchant_org_id, merchant_id }: Place): string {
  if (merchant_id) return `merchant:${merchant_id}`;
  return merchant_org_id ? `org:${merchant_org_id}` : 'tenant';
}

/** The end of a role's last day in the tenant's zone; null without one, and what was typed when it is no day. */
export function endOfDay(day: string, timeZone: string): string | null {
  return day === '' ? null : (startOfDay(nextDay(day), timeZone) ?? day);
}

/** The last day on which a role holds that ends at an instant. */
export function lastDay(instant: string | null, timeZone: string): string {
  return instant === null ? '' : dateIn(timeZone, new Date(Date.parse(instant) - 1));
}
