import type { WorkingTime } from '../server/contexts/provider/schemas.ts';
import type { FormValues } from './forms.ts';
import { parseAmount } from './money.ts';

// What a merchant is set up with, as forms hold it.

export const SERVICE_LABELS = {
  name: 'Name',
  description: 'Description',
  default_duration_minutes: 'Duration in minutes',
  buffer_minutes: 'Time after it in minutes',
  default_price: 'Price',
  category_id: 'Category',
};

export const PROVIDER_LABELS = {
  name: 'Name',
  title: 'Title',
  email: 'E-mail',
  phone: 'Phone',
  hours: 'Working hours',
};
export const LOCATION_LABELS = { name: 'Name', address: 'Address', phone: 'Phone' };
export const PACKAGE_LABELS = { name: 'Name', price: 'Price', service_ids: 'Services' };
export const ABSENCE_LABELS = { from: 'From', to: 'Until', reason: 'Reason', starts_at: 'From', ends_at: 'Until' };

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** The fields of a weekday: when it opens and closes; both empty when nobody works. */
export const hourFields = (weekday: number) => [`opens_${weekday}`, `closes_${weekday}`] as const;
export const HOUR_FIELDS = WEEKDAYS.flatMap((_day, place) => hourFields(place + 1));

/** One time a day is what the form holds; more than that stays the API's. */
export function hoursAsFields(hours: readonly WorkingTime[]): FormValues {
  return Object.fromEntries(
    hours.flatMap(({ weekday, opens, closes }) => {
      const [from, to] = hourFields(weekday);
      return [
        [from, opens],
        [to, closes],
      ];
    }),
  );
}

export function hoursOf(values: FormValues): { weekday: number; opens: string; closes: string }[] {
  return WEEKDAYS.flatMap((_day, place) => {
    const [from, to] = hourFields(place + 1);
    const [opens = '', closes = ''] = [values[from], values[to]];
    return opens === '' && closes === '' ? [] : [{ weekday: place + 1, opens, closes }];
  });
}

/** What was typed for a price: nothing at all is for nothing. */
export function priceOf(
  typed: string,
  currency: string,
  locale: string,
): { price: { amount: number; currency: string } } | { error: string } {
  if (/^0([.,]0*)?$/.test(typed.trim())) return { price: { amount: 0, currency } };
  const read = parseAmount(typed, currency, locale);
  return 'error' in read ? read : { price: { amount: Number(read.amount), currency } };
}

/** Minutes as they were typed: what is no number goes on as it is, for the operation to refuse. */
export function minutesOf(typed: string | undefined): number | string | undefined {
  if (typed === undefined || typed === '') return undefined;
  return /^\d{1,6}$/.test(typed) ? Number(typed) : typed;
}
