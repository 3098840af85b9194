import * as v from 'valibot';
import {
  colour,
  email,
  givenInstant,
  id,
  instant,
  listInput,
  listOf,
  merchantListInput,
  optional,
  text,
  version,
  workingHours,
  workingTime,
} from '../../operations/schemas.ts';

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
export type ProviderAbsence = v.InferOutput<typeof providerAbsence>;

export const providerAbsenceCreateInput = v.strictObject({
  provider_id: id,
  starts_at: givenInstant,
  ends_at: givenInstant,
  reason: optional(text(200)),
});
/** `from` leaves out what has ended by then, `to` what begins at that time or later. */
export const providerAbsenceListInput = v.strictObject({
  ...listInput,
  merchant_id: v.optional(id),
  provider_id: v.optional(id),
  from: v.optional(givenInstant),
  to: v.optional(givenInstant),
});
export const providerAbsenceList = listOf(providerAbsence);
