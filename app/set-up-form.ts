import type { WorkingTime } from '../server/operations/schemas.ts';
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
  provider_ids: 'Who does it',
};

export const PROVIDER_LABELS = {
  name: 'Name',
  title: 'Title',
  email: 'E-mail',
  phone: 'Phone',
  hours: 'Working hours',
};
export const CATEGORY_LABELS = { name: 'Name' };
export const LOCATION_LABELS = { name: 'Name', address: 'Address', phone: 'Phone' };
export const PACKAGE_LABELS = { name: 'Name', price: 'Price', service_ids: 'Services' };

/** What a package bundles, in order: a field for each place. */
export const PACKAGED = Array.from({ length: 20 }, (_place, index) => `service_${index + 1}`);

export const ABSENCE_LABELS = { from: 'From', to: 'Until', reason: 'Reason', starts_at: 'From', ends_at: 'Until' };

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

type HourFields = readonly [opens: string, closes: string];

/** The fields of a weekday, before and after a break: when it opens and closes; both empty when nobody works. */
export function hourFields(weekday: number): readonly [HourFields, HourFields] {
  return [
    [`opens_${weekday}`, `closes_${weekday}`],
    [`opens_${weekday}_again`, `closes_${weekday}_again`],
  ];
}
export const HOUR_FIELDS = WEEKDAYS.flatMap((_day, place) => hourFields(place + 1).flat());

/** The name of the button that copies hours; what it copies, each by the field that it is copied to. */
export const COPY_HOURS = 'copy_hours';
export const COPIED_HOURS = [2, 3, 4, 5].flatMap((weekday) =>
  hourFields(weekday).flatMap((fields) => fields.map((to) => ({ from: to.replace(String(weekday), '1'), to }))),
);

/** Tuesday to Friday as Monday is. */
export function asMonday(values: FormValues): FormValues {
  return { ...values, ...Object.fromEntries(COPIED_HOURS.map(({ from, to }) => [to, values[from] ?? ''])) };
}

const timesOf = (hours: readonly WorkingTime[], weekday: number) =>
  hours.filter((time) => time.weekday === weekday).sort((a, b) => a.opens.localeCompare(b.opens));

/** A day with more than one break is the API's: the form would drop what it has no fields for. */
export function fitsForm(hours: readonly WorkingTime[]): boolean {
  return WEEKDAYS.every((_day, place) => timesOf(hours, place + 1).length <= 2);
}

export function hoursAsFields(hours: readonly WorkingTime[]): FormValues {
  return Object.fromEntries(
    WEEKDAYS.flatMap((_day, place) => {
      const times = timesOf(hours, place + 1);
      return hourFields(place + 1).flatMap(([from, to], part) => [
        [from, times[part]?.opens ?? ''],
        [to, times[part]?.closes ?? ''],
      ]);
    }),
  );
}

export function hoursOf(values: FormValues): { weekday: number; opens: string; closes: string }[] {
  return WEEKDAYS.flatMap((_day, place) =>
    hourFields(place + 1).flatMap(([from, to]) => {
      const [opens = '', closes = ''] = [values[from], values[to]];
      return opens === '' && closes === '' ? [] : [{ weekday: place + 1, opens, closes }];
    }),
  );
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
