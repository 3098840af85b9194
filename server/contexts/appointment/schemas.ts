import * as v from 'valibot';
import {
  givenInstant,
  id,
  instant,
  listInput,
  listOf,
  optional,
  price,
  text,
  version,
} from '../../operations/schemas.ts';
import { defineStates } from '../../operations/states.ts';

export const appointmentStatus = v.picklist(['booked', 'checked_in', 'completed', 'cancelled', 'no_show']);
export type AppointmentStatus = v.InferOutput<typeof appointmentStatus>;

/** Whoever comes is checked in or not; what is over is completed, cancelled, or nobody came. */
export const appointmentStates = defineStates({
  name: 'appointment',
  initial: 'booked',
  moves: {
    check_in: { from: ['booked'], to: 'checked_in' },
    complete: { from: ['booked', 'checked_in'], to: 'completed' },
    cancel: { from: ['booked', 'checked_in'], to: 'cancelled' },
    mark_no_show: { from: ['booked'], to: 'no_show' },
  },
} as const);

const named = v.object({ id, name: v.string() });

/** Prices and durations as they were when it was booked. */
const bookedService = v.object({ service_id: id, name: v.string(), duration_minutes: v.number(), price });

export const appointment = v.object({
  id,
  merchant_id: id,
  end_customer: named,
  provider: named,
  location_id: v.nullable(id),
  package_id: v.nullable(id),
  title: v.string(),
  services: v.array(bookedService),
  starts_at: instant,
  ends_at: instant,
  status: appointmentStatus,
  status_reason: v.nullable(v.string()),
  is_late_cancellation: v.boolean(),
  price,
  notes: v.nullable(v.string()),
  version,
  created_at: instant,
  updated_at: instant,
});
export type Appointment = v.InferOutput<typeof appointment>;

/**
 * Services, done one after the other, or a package. `price` instead of theirs. `ignores_hours` books somebody outside their
 * working hours; nobody is ever booked twice at a time.
 */
export const appointmentBookInput = v.pipe(
  v.strictObject({
    merchant_id: id,
    end_customer_id: id,
    provider_id: id,
    location_id: optional(id),
    service_ids: v.optional(v.pipe(v.array(id), v.minLength(1, 'must have at least one service'), v.maxLength(20))),
    package_id: optional(id),
    starts_at: givenInstant,
    price: v.optional(price),
    notes: optional(text(2000)),
    ignores_hours: v.optional(v.boolean()),
  }),
  v.forward(
    v.check(
      ({ service_ids, package_id }) =>
        (service_ids === undefined) !== (package_id === undefined || package_id === null),
      'either services or a package',
    ),
    ['service_ids'],
  ),
);
export const appointmentRescheduleInput = v.strictObject({
  id,
  starts_at: givenInstant,
  provider_id: v.optional(id),
  ignores_hours: v.optional(v.boolean()),
});
export const appointmentUpdateInput = v.strictObject({ id, notes: optional(text(2000)), location_id: optional(id) });
/** `cancelled_at` (now) is when the customer said so: whether it was late counts from there. */
export const appointmentCancelInput = v.strictObject({
  id,
  reason: optional(text(500)),
  cancelled_at: optional(givenInstant),
});

/** `from` and `to` bound the start: from inclusive, to exclusive. */
export const appointmentListInput = v.strictObject({
  ...listInput,
  merchant_id: v.optional(id),
  provider_id: v.optional(id),
  end_customer_id: v.optional(id),
  status: v.optional(appointmentStatus),
  from: v.optional(givenInstant),
  to: v.optional(givenInstant),
  q: v.optional(text(200)),
});
export const appointmentList = listOf(appointment);
