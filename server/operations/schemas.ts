import * as v from 'valibot';

// The vocabulary that every context's schemas share. Browser-safe: nothing here reads, writes or transforms, so each
// schema documents exactly what travels.

/** UUID of any version; ours are version 7. In lower case, as we write them: the same id is always the same text. */
export const id = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a UUID in lower case'),
);

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && date.getUTCFullYear() >= 1900;
}

const NO_INSTANT = 'must be an instant that exists';

/** As answers have it: RFC 3339 in UTC with microseconds. Postgres knows no offset of 16 hours or more. */
export const instant = v.pipe(
  v.string(),
  v.isoTimestamp('must be an RFC 3339 instant'),
  v.check((text) => isDate(text.slice(0, 10)) && !/[+-](1[6-9]|2\d):?\d*$/.test(text), NO_INSTANT),
);

/** As callers give it: rounded up, moved by its offset or lengthened by a visit, it is still of a year with four digits. */
export const givenInstant = v.pipe(
  instant,
  v.check((text) => text < '9999', NO_INSTANT),
);

export const calendarDate = v.pipe(
  v.string(),
  v.isoDate('must be a date like 2026-01-31'),
  v.check(isDate, 'must be a date that exists'),
);

/** Text people write. NUL cannot be stored by Postgres and is refused; everything else is data. */
export function text(maximumLength: number, minimumLength = 1) {
  return v.pipe(
    v.string(),
    v.minLength(minimumLength, minimumLength === 1 ? 'is required' : `must have at least ${minimumLength} characters`),
    v.maxLength(maximumLength, `must have at most ${maximumLength} characters`),
    v.check((value) => !value.includes('\u0000') && value.isWellFormed(), 'must be valid text'),
    v.check((value) => minimumLength === 0 || value.trim().length > 0, 'must not be blank'),
  );
}

export const email = v.pipe(v.string(), v.maxLength(254), v.email('must be an e-mail address'));

export const currency = v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'must be an ISO 4217 currency like USD'));

/**
 * A place whose clocks are known, like Europe/Berlin, or UTC. Abbreviations and offsets mean different things to different
 * programs, Postgres among them, and are refused; what Postgres does not know, the database refuses (12-zones.sql).
 */
export const timeZone = v.pipe(
  v.string(),
  v.maxLength(64),
  v.check((zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      return zone === 'UTC' || /^[A-Za-z_]+\//.test(zone);
    } catch {
      return false;
    }
  }, 'must be an IANA time zone like Europe/Paris'),
);

/** The message that makes a 422 carry the code `amount_out_of_range`. */
export const AMOUNT_RANGE = 'must be a whole number of minor units from 1 to 9,999,999,999,999';
export const MAXIMUM_AMOUNT = 9_999_999_999_999;

/** Minor units, 1 … 9,999,999,999,999. */
export const amount = v.pipe(
  v.number(),
  v.integer(AMOUNT_RANGE),
  v.minValue(1, AMOUNT_RANGE),
  v.maxValue(MAXIMUM_AMOUNT, AMOUNT_RANGE),
);

export const money = v.strictObject({ amount, currency });

/** Of something that may be for nothing. */
export const price = v.strictObject({
  amount: v.pipe(
    v.number(),
    v.integer('must be a whole number of minor units'),
    v.minValue(0, 'must not be negative'),
    v.maxValue(MAXIMUM_AMOUNT, AMOUNT_RANGE),
  ),
  currency,
});

/** What amounts add up to: beyond what one of them can be. */
export const moneySum = v.object({ amount: v.pipe(v.number(), v.integer()), currency });

/** A list passes for a record, and valibot drops these names without a word: both are refused instead. */
function hasOwnNames(value: unknown): boolean {
  const names = ['__proto__', 'constructor', 'prototype'];
  return !Array.isArray(value) && !names.some((name) => Object.hasOwn(Object(value), name));
}

/** What callers name themselves: `{name: value}`. */
export function recordOf<V extends v.GenericSchema>(name: v.GenericSchema<string, string>, value: V) {
  return v.pipe(
    v.custom<Record<string, v.InferInput<V>>>(hasOwnNames, 'must be an object with names of its own'),
    v.record(name, value),
  );
}

/** As calendars draw it. */
export const colour = v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/, 'must be a colour like #3b82f6'));

export const webAddress = v.pipe(
  text(500),
  v.check(
    (address) => /^https:\/\//.test(address) && URL.canParse(address),
    'must be an address that begins with https://',
  ),
);

const timeOfDay = v.pipe(v.string(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like 09:30'));

/** Local to the merchant; 1 is Monday. */
export const workingTime = v.strictObject({
  weekday: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)),
  opens: timeOfDay,
  closes: timeOfDay,
});
export type WorkingTime = v.InferOutput<typeof workingTime>;

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

const closesTooEarly = (hours: WorkingTime[]) => hours.filter(({ opens, closes }) => opens >= closes);

function overlapping(hours: WorkingTime[]): WorkingTime[] {
  const sorted = [...hours].sort((a, b) => a.weekday - b.weekday || a.opens.localeCompare(b.opens));
  return sorted.filter((time, place) => {
    const before = sorted[place - 1];
    return before?.weekday === time.weekday && before.closes > time.opens;
  });
}

/** What is wrong, and on which days. */
function noneOf(wrong: (hours: WorkingTime[]) => WorkingTime[], message: string) {
  return v.check<WorkingTime[], (issue: v.CheckIssue<WorkingTime[]>) => string>(
    (hours) => wrong(hours).length === 0,
    ({ input }) => {
      const days = new Set(wrong(input).map(({ weekday }) => weekday));
      return `${message} on ${WEEKDAYS.filter((_day, place) => days.has(place + 1)).join(', ')}`;
    },
  );
}

export const workingHours = v.pipe(
  v.array(workingTime),
  v.maxLength(28, 'must be at most 28 times'),
  noneOf(closesTooEarly, 'must open before they close'),
  noneOf(overlapping, 'must not overlap'),
);

/** What every list of a merchant's things takes. */
export const merchantListInput = {
  merchant_id: v.optional(id),
  q: v.optional(text(200)),
  archived: v.optional(v.boolean()),
};

/** Optional on the way in: absent and null mean the same. */
export function optional<const T extends v.GenericSchema>(schema: T) {
  return v.optional(v.nullable(schema));
}

export const version = v.pipe(v.number(), v.integer());

/** What every list takes beside its filters. */
export const listInput = {
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200))),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(2000))),
  sort: v.optional(v.pipe(v.string(), v.maxLength(64))),
};

/** What every list answers. */
export function listOf<const T extends v.GenericSchema>(item: T) {
  return v.object({ data: v.array(item), next_cursor: v.nullable(v.string()) });
}

/** Where a role holds: within one MerchantOrg, for one merchant, or for the whole tenant when neither is named. */
export const place = { merchant_org_id: v.nullable(id), merchant_id: v.nullable(id) };
export const placeInput = { merchant_org_id: optional(id), merchant_id: optional(id) };

export const idInput = v.strictObject({ id });
export const empty = v.strictObject({});
