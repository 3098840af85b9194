// Appointments: a customer's visit with a provider. The database lets nobody be booked twice at a time; what a visit may become
// is its state machine's.
import { DomainError, orNotFound, whyUnchanged } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { requireMove } from '../../operations/require-move.ts';
import { idInput } from '../../operations/schemas.ts';
import { requireBookable, requireFree, visitOf, wrong } from '../availability/operations.ts';
import { findMerchant, merchantFor, requireCurrencyOf } from '../merchant/operations.ts';
import { effectiveSettings } from '../setting/operations.ts';
import {
  insertAppointment,
  isCustomerInUse,
  isLocationInUse,
  lockAppointment,
  pageOfAppointments,
  selectAppointment,
  updateAppointment,
  updateState,
  updateTime,
} from './queries.ts';
import {
  type Appointment,
  appointment,
  appointmentBookInput,
  appointmentCancelInput,
  appointmentListInput,
  appointmentList as appointmentListSchema,
  appointmentRescheduleInput,
  appointmentStates,
  appointmentUpdateInput,
} from './schemas.ts';

export const appointmentList = defineOperation({
  name: 'appointment.list',
  kind: 'read',
  risk: 'read',
  permission: 'appointment:read',
  resource: 'appointment',
  summary: 'List appointments',
  input: appointmentListInput,
  output: appointmentListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/appointments' },
  run: (ctx, input) => pageOfAppointments(ctx.tx, ctx.scope, input),
});

export const appointmentGet = defineOperation({
  name: 'appointment.get',
  kind: 'read',
  risk: 'read',
  permission: 'appointment:read',
  resource: 'appointment',
  summary: 'Read an appointment',
  input: idInput,
  output: appointment,
  http: { method: 'GET', path: '/api/appointments/{id}' },
  run: async (ctx, { id }) => orNotFound(await selectAppointment(ctx.tx, ctx.scope, id)),
});

const onConstraint = {
  appointments_slot_free: () => new DomainError('slot_taken', 'The provider was taken at this very moment.'),
};

async function requireLocation(ctx: Context, merchantId: string, id: string | null | undefined): Promise<void> {
  if (id && !(await isLocationInUse(ctx.tx, merchantId, id))) {
    throw wrong('The merchant has no such location.', { location_id: ['is not a location in use of the merchant'] });
  }
}

export const appointmentBook = defineOperation({
  name: 'appointment.book',
  kind: 'write',
  risk: 'write',
  permission: 'appointment:book',
  resource: 'appointment',
  summary: 'Book a customer with a provider for services or a package',
  input: appointmentBookInput,
  output: appointment,
  http: { method: 'POST', path: '/api/appointments', status: 201 },
  describe: () => 'Booked an appointment',
  onConstraint,
  run: async (ctx, input) => {
    const merchant = await merchantFor(ctx, input.merchant_id);
    requireBookable(merchant);
    if (input.price) requireCurrencyOf(merchant, input.price, 'price');
    if (!(await isCustomerInUse(ctx.tx, merchant.id, input.end_customer_id))) {
      throw wrong('The merchant has no such customer.', { end_customer_id: ['is not a customer of the merchant'] });
    }
    await requireLocation(ctx, merchant.id, input.location_id);
    const visit = await visitOf(ctx, merchant.id, input, input.provider_id);
    await requireFree(ctx, visit, {
      merchantId: merchant.id,
      providerId: input.provider_id,
      startsAt: input.starts_at,
      ignoresHours: input.ignores_hours ?? false,
      except: null,
    });
    await insertAppointment(ctx.tx, {
      ...visit,
      id: ctx.id,
      merchantId: merchant.id,
      customerId: input.end_customer_id,
      providerId: input.provider_id,
      locationId: input.location_id ?? null,
      packageId: input.package_id ?? null,
      startsAt: input.starts_at,
      price: input.price?.amount ?? visit.price,
      currency: merchant.currency,
      notes: input.notes ?? null,
    });
    return orNotFound(await selectAppointment(ctx.tx, ctx.scope, ctx.id));
  },
});

/** The services of an appointment, all of which another provider has to offer. */
async function offeredBy(ctx: Context, merchantId: string, id: string, providerId: string) {
  const { services } = orNotFound(await selectAppointment(ctx.tx, ctx.scope, id));
  const service_ids = services.map(({ service_id }) => service_id);
  return (await visitOf(ctx, merchantId, { service_ids }, providerId)).services;
}

export const appointmentReschedule = defineOperation({
  name: 'appointment.reschedule',
  kind: 'write',
  risk: 'write',
  permission: 'appointment:book',
  resource: 'appointment',
  summary: 'Move an appointment to another time or provider',
  input: appointmentRescheduleInput,
  output: appointment,
  http: { method: 'POST', path: '/api/appointments/{id}/reschedule' },
  describe: () => 'Moved an appointment',
  onConstraint,
  run: async (ctx, input) => {
    const known = await lock(ctx, input.id);
    if (known.status !== 'booked') {
      throw new DomainError(
        'conflict',
        `This appointment is ${known.status.replaceAll('_', ' ')}: only what is booked can be moved.`,
      );
    }
    requireBookable(orNotFound(await findMerchant(ctx, known.merchant_id)));
    const providerId = input.provider_id ?? known.provider_id;
    const isSame = providerId === known.provider_id;
    // What was booked stays as it was, also when the service has changed or is not offered any more.
    const services = isSame ? [] : await offeredBy(ctx, known.merchant_id, input.id, providerId);
    const visit = { services, minutes: known.minutes, bufferMinutes: known.buffer_minutes };
    const time = {
      merchantId: known.merchant_id,
      providerId,
      startsAt: input.starts_at,
      ignoresHours: input.ignores_hours ?? false,
      except: input.id,
    };
    await requireFree(ctx, visit, time);
    await updateTime(ctx.tx, input.id, { ...time, ...visit });
    return orNotFound(await selectAppointment(ctx.tx, ctx.scope, input.id));
  },
});

export const appointmentUpdate = defineOperation({
  name: 'appointment.update',
  kind: 'write',
  risk: 'write',
  permission: 'appointment:book',
  resource: 'appointment',
  summary: 'Change the notes or the location of an appointment',
  input: appointmentUpdateInput,
  output: appointment,
  http: { method: 'PATCH', path: '/api/appointments/{id}' },
  describe: () => 'Changed an appointment',
  onConstraint,
  run: async (ctx, input) => {
    const known = orNotFound(await selectAppointment(ctx.tx, ctx.scope, input.id));
    await requireLocation(ctx, known.merchant_id, input.location_id);
    if (!(await updateAppointment(ctx.tx, ctx.scope, input, ctx.call.expectedVersion))) throw whyUnchanged(known);
    return orNotFound(await selectAppointment(ctx.tx, ctx.scope, input.id));
  },
});

async function lock(ctx: Context, id: string) {
  const known = orNotFound(await lockAppointment(ctx.tx, ctx.scope, id));
  if (ctx.call.expectedVersion !== undefined && ctx.call.expectedVersion !== known.version)
    throw new DomainError('stale');
  return known;
}

type Move = keyof typeof appointmentStates.moves;

async function move(ctx: Context, id: string, action: Exclude<Move, 'cancel'>): Promise<Appointment> {
  const known = await lock(ctx, id);
  requireMove(appointmentStates, action, known.status);
  if (action === 'mark_no_show' && !known.has_begun) {
    throw new DomainError('conflict', 'The visit has not begun yet: the customer may still come.');
  }
  await updateState(ctx.tx, id, appointmentStates.moves[action].to, null, false);
  return orNotFound(await selectAppointment(ctx.tx, ctx.scope, id));
}

export const appointmentCheckIn = defineOperation({
  name: 'appointment.check_in',
  kind: 'write',
  risk: 'write',
  permission: 'appointment:book',
  resource: 'appointment',
  summary: 'Say that the customer is there',
  input: idInput,
  output: appointment,
  http: { method: 'POST', path: '/api/appointments/{id}/check-in' },
  describe: () => 'Checked a customer in',
  run: (ctx, { id }) => move(ctx, id, 'check_in'),
});

export const appointmentComplete = defineOperation({
  name: 'appointment.complete',
  kind: 'write',
  risk: 'write',
  permission: 'appointment:book',
  resource: 'appointment',
  summary: 'Say that the visit is done',
  input: idInput,
  output: appointment,
  http: { method: 'POST', path: '/api/appointments/{id}/complete' },
  describe: () => 'Completed an appointment',
  run: (ctx, { id }) => move(ctx, id, 'complete'),
});

export const appointmentCancel = defineOperation({
  name: 'appointment.cancel',
  kind: 'write',
  risk: 'write',
  permission: 'appointment:book',
  resource: 'appointment',
  summary: 'Cancel an appointment; the answer tells whether that was late',
  input: appointmentCancelInput,
  output: appointment,
  http: { method: 'POST', path: '/api/appointments/{id}/cancel' },
  describe: ({ reason }) => (reason ? `Cancelled an appointment: ${reason}` : 'Cancelled an appointment'),
  run: async (ctx, { id, reason, cancelled_at }) => {
    const known = await lock(ctx, id);
    requireMove(appointmentStates, 'cancel', known.status);
    const at = cancelled_at ? new Date(cancelled_at) : ctx.now;
    if (at > ctx.now) throw wrong('Nobody has said so yet.', { cancelled_at: ['must not be in the future'] });
    const { booking_cancellation_window_hours } = await effectiveSettings(ctx, known.merchant_id);
    const hoursAhead = (Date.parse(known.starts_at) - at.getTime()) / 3_600_000;
    const isLate = hoursAhead < booking_cancellation_window_hours;
    await updateState(ctx.tx, id, 'cancelled', reason ?? null, isLate);
    return orNotFound(await selectAppointment(ctx.tx, ctx.scope, id));
  },
});

export const appointmentMarkNoShow = defineOperation({
  name: 'appointment.mark_no_show',
  kind: 'write',
  risk: 'write',
  permission: 'appointment:book',
  resource: 'appointment',
  summary: 'Say that the customer did not come',
  input: idInput,
  output: appointment,
  http: { method: 'POST', path: '/api/appointments/{id}/no-show' },
  describe: () => 'Marked an appointment as no-show',
  run: (ctx, { id }) => move(ctx, id, 'mark_no_show'),
});
