import type { DriverTypeParser } from 'slonik';

/** A database integer that JSON cannot carry exactly. The kernel turns it into the problem `amount_out_of_range`. */
export class UnsafeIntegerError extends Error {
  constructor() {
    super('An integer beyond 2^53 - 1 cannot be answered in JSON');
    this.name = 'UnsafeIntegerError';
  }
}

function parseInteger(value: string): number {
  const parsed = Number(value);
  if (!Number.isSafeInteger(parsed)) {
    throw new UnsafeIntegerError();
  }
  return parsed;
}

/**
 * `2026-01-31 08:00:00.1234+00` → `2026-01-31T08:00:00.123400Z`; sessions run in UTC. Microseconds are kept, since
 * cursors compare them, and always written, as the SQL function rfc3339 does.
 */
function parseInstant(value: string): string {
  const [, second = value, fraction = ''] = /^(.*?)(?:\.(\d+))?(?:\+00(?::00)?)?$/.exec(value) ?? [];
  return /^\d/.test(value) ? `${second.replace(' ', 'T')}.${fraction.padEnd(6, '0')}Z` : value;
}

function identity(value: string): string {
  return value;
}

/** How column values reach JavaScript: integers as safe numbers, decimals, dates and instants as strings. */
export const typeParsers: DriverTypeParser[] = [
  { name: 'int8', parse: parseInteger },
  { name: 'numeric', parse: identity },
  { name: 'timestamptz', parse: parseInstant },
  { name: 'timestamp', parse: (value) => value.replace(' ', 'T') },
  { name: 'date', parse: identity },
  { name: 'interval', parse: identity },
];

/** Type OIDs of the above, fixed by Postgres (pg_type.dat), so that no connection is spent on asking: [scalar, array]. */
export const typeOids: Record<string, readonly [number, number]> = {
  int8: [20, 1016],
  numeric: [1700, 1231],
  timestamptz: [1184, 1185],
  timestamp: [1114, 1115],
  date: [1082, 1182],
  interval: [1186, 1187],
};
