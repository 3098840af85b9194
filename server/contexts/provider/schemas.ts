import * as v from 'valibot';
import {
  colour,
  email,
  id,
  instant,
  listInput,
  listOf,
  merchantListInput,
  optional,
  text,
  version,
} from '../../operations/schemas.ts';

const timeOfDay = v.pipe(v.string(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like 09:30'));

/** Local to the merchant; 1 is Monday. */
const workingTime = v.strictObject({
  weekday: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)),
  opens: timeOfDay,
  closes: timeOfDay,
});
export type WorkingTime = v.InferOutput<typeof workingTime>;

function isApart(hours: WorkingTime[]): boolean {
  const sorted = [...hours].sort((a, b) => a.weekday - b.weekday || a.opens.localeCompare(b.opens));
  return sorted.every((time, place) => {
    const before = sorted[place - 1];
    return !before || before.weekday !== time.weekday || before.closes <= time.opens;
  });
}

export const workingHours = v.pipe(
  v.array(workingTime),
  v.maxLength(28, 'must be at most 28 times'),
  v.check((hours) => hours.every(({ opens, closes }) => opens < closes), 'must open before they close'),
  v.check(isApart, 'must not overlap'),
);

export const provider = v.object({
  id,
  merchant_id: id,
  location_id: v.nullable(id),
  name: v.string(),
  title: v.nullable(v.string()),
  email: v.nullable(v.string()),
  phone: v.nullable(v.string()),
  colour,
  hours: v.array(workingTime),
  archived_at: v.nullable(instant),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Provider = v.InferOutput<typeof provider>;

const details = {
  location_id: optional(id),
  title: optional(text(120)),
  email: optional(email),
  phone: optional(text(40)),
};

/** Without `hours`, nobody can book yet. */
export const providerCreateInput = v.strictObject({
  merchant_id: id,
  name: text(200),
  colour: v.optional(colour),
  hours: v.optional(workingHours),
  ...details,
});
export const providerUpdateInput = v.strictObject({
  id,
  name: v.optional(text(200)),
  colour: v.optional(colour),
  hours: v.optional(workingHours),
  ...details,
});
export const providerListInput = v.strictObject({ ...listInput, ...merchantListInput, location_id: v.optional(id) });
export const providerList = listOf(provider);

export const providerAbsence = v.object({
  id,
  merchant_id: id,
  provider_id: id,
  starts_at: instant,
  ends_at: instant,
  reason: v.nullable(v.string()),
  version,
  created_at: instant,
  updated_at: instant,
});

export const providerAbsenceCreateInput = v.strictObject({
  provider_id: id,
  starts_at: instant,
  ends_at: instant,
  reason: optional(text(200)),
});
/** `from` leaves out what has ended by then. */
export const providerAbsenceListInput = v.strictObject({
  ...listInput,
  merchant_id: v.optional(id),
  provider_id: v.optional(id),
  from: v.optional(instant),
});
export const providerAbsenceList = listOf(providerAbsence);
