import { dateFormat } from './intl.ts';

// Instants are shown in the tenant's zone, calendar dates as they are.

/** "Mar 4, 2026, 2:05 PM" in the tenant's zone. */
export function formatInstant(instant: string, locale: string, timeZone: string): string {
  return dateFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(instant));
}

/** "2:05 PM" in the tenant's zone, where the day is today. */
export function formatTime(instant: string, locale: string, timeZone: string): string {
  return dateFormat(locale, { timeStyle: 'short', timeZone }).format(new Date(instant));
}

/** To the second and with the zone, where order matters. */
export function formatInstantExactly(instant: string, locale: string, timeZone: string): string {
  return dateFormat(locale, { dateStyle: 'medium', timeStyle: 'long', timeZone }).format(new Date(instant));
}

/** A date that has no zone: "Mar 4, 2026". */
export function formatDate(date: string, locale: string, style: Intl.DateTimeFormatOptions['dateStyle'] = 'medium') {
  return dateFormat(locale, { dateStyle: style, timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
}

/** Day and month only, for chart axes. */
export function formatDay(date: string, locale: string): string {
  return dateFormat(locale, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
}

/** "March 2026", by any of its days. */
export function formatMonth(date: string, locale: string): string {
  const style = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return dateFormat(locale, style).format(new Date(`${date}T00:00:00Z`));
}

/** The calendar date that it is in a zone, as YYYY-MM-DD. */
export function dateIn(timeZone: string, instant: Date): string {
  const parts = dateFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone });
  return parts.format(instant);
}

/** The instant at which a calendar date begins in a zone; null when the date does not exist. */
export function startOfDay(date: string, timeZone: string): string | null {
  return instantIn(date, '00:00', timeZone);
}

/** The instant at which clocks in a zone show a time like 17:30 on a date; null when there is none such. */
export function instantIn(date: string, time: string, timeZone: string): string | null {
  const wanted = new Date(`${date}T${time}Z`).getTime();
  if (Number.isNaN(wanted)) return null;
  // The offset is looked up at the guess and once more at the result: the first guess may lie across a clock change.
  const guess = wanted - offsetMs(timeZone, wanted);
  return new Date(wanted - offsetMs(timeZone, guess)).toISOString();
}

/** The day after a calendar date. */
export function nextDay(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return date;
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

function offsetMs(timeZone: string, instantMs: number): number {
  const format = dateFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1000) * 1000;
}
