// Calendar dates as text, the way the contract has them.

const DAY_MS = 86_400_000;

export function plusDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first day of the month that is so many after that of a date. */
export function monthOf(date: string, after = 0): string {
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  return new Date(Date.UTC(year, month - 1 + after, 1)).toISOString().slice(0, 10);
}

export function endOfMonth(date: string): string {
  return plusDays(monthOf(date, 1), -1);
}

/** 1 is Monday. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** The date, or the nearest one that is not before the first or after the last. */
export function within(date: string, first: string, last: string): string {
  if (date < first) return first;
  return date > last ? last : date;
}
