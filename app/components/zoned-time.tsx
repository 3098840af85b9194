import { formatInstant, formatTime } from '../dates.ts';
import { useTenant } from './use-tenant.ts';

type Props = { value: string; timeZone: string; isDay?: boolean };

/** When something is where a merchant works; with `isDay` the day is told already. */
export function ZonedTime({ value, timeZone, isDay = false }: Props) {
  const { locale } = useTenant();
  return (
    <time dateTime={value} title={`${value} (${timeZone})`} className="nowrap" suppressHydrationWarning>
      {(isDay ? formatTime : formatInstant)(value, locale, timeZone)}
    </time>
  );
}
