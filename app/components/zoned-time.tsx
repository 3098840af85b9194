import { formatInstant, formatTime } from '../dates.ts';
import { zoneLabel } from '../time-zones.ts';
import { useTenant } from './use-tenant.ts';

type Props = { value: string; timeZone: string; isDay?: boolean };

/** When something is where a merchant works; with `isDay` the day is told already, and so is the zone. */
export function ZonedTime({ value, timeZone, isDay = false }: Props) {
  const { locale } = useTenant();
  return (
    <time dateTime={value} title={`${value} (${timeZone})`} className="nowrap" suppressHydrationWarning>
      {(isDay ? formatTime : formatInstant)(value, locale, timeZone)}
      {isDay ? null : <OtherZone timeZone={timeZone} at={value} />}
    </time>
  );
}

/** Names a zone that is not the one in which the rest of the portal tells times, as its clocks are at an instant, else now. */
export function OtherZone({ timeZone, at }: { timeZone: string; at?: string }) {
  const tenant = useTenant();
  if (timeZone === tenant.time_zone) return null;
  return (
    <span className="zone" title={timeZone} suppressHydrationWarning>
      {' '}
      {zoneLabel(timeZone, at ?? new Date().toISOString(), tenant.locale)}
    </span>
  );
}
