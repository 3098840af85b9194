import type { Measure, UsageDay } from '../server/contexts/usage/schemas.ts';
import { nextDay } from './dates.ts';
import { numberFormat } from './intl.ts';

type Unit = { name: string; size: number };
const BYTES: readonly Unit[] = [
  { name: 'byte', size: 1 },
  { name: 'kilobyte', size: 1e3 },
  { name: 'megabyte', size: 1e6 },
  { name: 'gigabyte', size: 1e9 },
  { name: 'terabyte', size: 1e12 },
];
const TIME: readonly Unit[] = [
  { name: 'millisecond', size: 1 },
  { name: 'second', size: 1e3 },
  { name: 'minute', size: 6e4 },
  { name: 'hour', size: 3.6e6 },
];

/** In the largest unit of which there is one. */
function inUnits(value: number, units: readonly Unit[], locale: string): string {
  const { name, size } = units.findLast((unit) => value >= unit.size) ?? units[0]!;
  return numberFormat(locale, { style: 'unit', unit: name, maximumFractionDigits: 1 }).format(value / size);
}

/** 1500000 of bytes is "1.5 MB". */
export function formatUsed(measure: Measure, value: number, locale: string): string {
  if (measure === 'bytes') return inUnits(value, BYTES, locale);
  if (measure === 'worker_time') return inUnits(value, TIME, locale);
  return numberFormat(locale, { maximumFractionDigits: 1 }).format(value);
}

/** Every day from the first to the last: without a figure, what lies there stays, and of the rest nothing was used. */
export function everyDay(rows: readonly UsageDay[], first: string, last: string, isDaily: boolean) {
  const known = new Map(rows.map(({ day, amount }) => [day, amount]));
  const days: { date: string; value: number }[] = [];
  for (let date = first; date <= last; date = nextDay(date)) {
    days.push({ date, value: known.get(date) ?? (isDaily ? 0 : (days.at(-1)?.value ?? 0)) });
  }
  return days;
}
