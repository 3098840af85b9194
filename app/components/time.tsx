import { formatDate, formatInstant, formatInstantExactly } from '../dates.ts';
import { useTenant } from './use-tenant.ts';

/** When something happened, in the tenant's zone; `exact` adds seconds and the zone. */
export function Instant({ value, exact = false }: { value: string; exact?: boolean }) {
  const { locale, time_zone } = useTenant();
  const format = exact ? formatInstantExactly : formatInstant;
  return (
    <time dateTime={value} title={value} className="nowrap" suppressHydrationWarning>
      {format(value, locale, time_zone)}
    </time>
  );
}

/** A calendar date, which has no zone. */
export function CalendarDate({ value }: { value: string }) {
  const { locale } = useTenant();
  return (
    <time dateTime={value} className="nowrap" suppressHydrationWarning>
      {formatDate(value, locale)}
    </time>
  );
}
