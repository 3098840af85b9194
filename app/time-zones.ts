import { dateFormat } from './intl.ts';

/** The zones to choose from: UTC, and every place whose clocks are known. */
export function timeZones(): string[] {
  return [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];
}

/** What people call the clocks of a zone at an instant: "EST", "GMT+2". */
export function zoneLabel(timeZone: string, instant: string, locale: string): string {
  const parts = dateFormat(locale, { timeZone, timeZoneName: 'short' }).formatToParts(new Date(instant));
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}
