import * as v from 'valibot';
import { calendarDate, id, instant } from '../../operations/schemas.ts';

/**
 * Dates are the merchant's; `to` is the last day. Of `appointment_id`, what was booked is asked for again: its own time counts as
 * free, and `provider_id` is not assumed.
 */
export const availabilityInput = v.pipe(
  v.strictObject({
    merchant_id: id,
    service_id: v.optional(id),
    package_id: v.optional(id),
    appointment_id: v.optional(id),
    provider_id: v.optional(id),
    from: calendarDate,
    to: calendarDate,
  }),
  v.forward(
    v.check(
      ({ service_id, package_id, appointment_id }) =>
        [service_id, package_id, appointment_id].filter((each) => each !== undefined).length === 1,
      'one of a service, a package or an appointment',
    ),
    ['service_id'],
  ),
  v.forward(
    v.check(
      ({ from, to }) => to >= from && Date.parse(to) - Date.parse(from) <= 31 * 86_400_000,
      'must be at most 31 days later',
    ),
    ['to'],
  ),
);
export const slot = v.object({ provider_id: id, provider_name: v.string(), starts_at: instant, ends_at: instant });
export type Slot = v.InferOutput<typeof slot>;
export const availability = v.object({ time_zone: v.string(), duration_minutes: v.number(), data: v.array(slot) });
