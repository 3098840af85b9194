// Availability: what a merchant can be booked for, and when its providers work and are free.
import type * as v from 'valibot';
import { DomainError, type FieldErrors } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { MAXIMUM_AMOUNT } from '../../operations/schemas.ts';
import { merchantFor } from '../merchant/operations.ts';
import type { Merchant } from '../merchant/schemas.ts';
import { effectiveSettings } from '../setting/operations.ts';
import {
  selectBooked,
  selectPackageWanted,
  selectProviderAt,
  selectServicesWanted,
  selectSlots,
  type WantedService,
} from './queries.ts';
import { availabilityInput, availability as availabilitySchema } from './schemas.ts';

export type { WantedService };

const SLOTS_AT_MOST = 2_000;

/** A field that names what cannot be booked. */
export function wrong(message: string, errors: FieldErrors): DomainError {
  return new DomainError('invalid', message, { errors });
}

/** A merchant that is being set up, suspended or closed takes no visits. @throws DomainError `conflict` */
export function requireBookable({ name, status }: Merchant): void {
  if (status !== 'active') {
    throw new DomainError('conflict', `${name} is ${status}: only an active merchant takes bookings.`);
  }
}

/** What is done in a visit, how long it takes, and what it costs. */
type Visit = {
  title: string;
  services: readonly WantedService[];
  minutes: number;
  bufferMinutes: number;
  price: number;
};

/** @throws DomainError `invalid` when it is not offered, or not by that provider */
export async function visitOf(
  ctx: Context,
  merchantId: string,
  wanted: { service_ids?: readonly string[] | undefined; package_id?: string | null | undefined },
  providerId: string | null,
): Promise<Visit> {
  const bundle = wanted.package_id ? await selectPackageWanted(ctx.tx, merchantId, wanted.package_id) : null;
  if (wanted.package_id && !bundle) {
    throw wrong('The merchant has no such package in use.', {
      package_id: ['is not a package in use of the merchant'],
    });
  }
  const field = bundle ? 'package_id' : 'service_ids';
  const ids = bundle?.service_ids ?? wanted.service_ids ?? [];
  const services = await selectServicesWanted(ctx.tx, merchantId, ids, providerId);
  if (services.length < ids.length || services.some((service) => !service.is_in_use)) {
    throw wrong('The merchant does not offer all of these services.', {
      [field]: ['must be services in use of the merchant'],
    });
  }
  const refused = services.find((service) => !service.is_offered);
  if (refused) {
    throw wrong(`The provider does not offer ${refused.name}.`, { provider_id: [`does not offer ${refused.name}`] });
  }
  const price = bundle?.price ?? services.reduce((sum, service) => sum + service.price, 0);
  if (price > MAXIMUM_AMOUNT) {
    throw new DomainError('amount_out_of_range', 'Together these services cost more than one amount can be.', {
      errors: { [field]: ['cost too much together'] },
    });
  }
  return {
    title: bundle?.name ?? services.map(({ name }) => name).join(', '),
    services,
    minutes: services.reduce((sum, service) => sum + service.duration_minutes, 0),
    bufferMinutes: services.at(-1)?.buffer_minutes ?? 0,
    price,
  };
}

/** What of a visit matters to whether there is time for it. */
type Length = Pick<Visit, 'services' | 'minutes' | 'bufferMinutes'>;

/** What else would be free, the nearest first. */
async function slotTaken(ctx: Context, merchantId: string, visit: Length, providerId: string, at: string) {
  const slots = await selectSlots(
    ctx.tx,
    {
      merchantId,
      serviceIds: visit.services.map((service) => service.service_id),
      providerId,
      when: { near: at },
      ...searchOf(visit, await effectiveSettings(ctx, merchantId)),
    },
    3,
  );
  return new DomainError('slot_taken', 'The provider is taken at this time.', {
    extra: { alternatives: slots.map(({ starts_at }) => starts_at) },
  });
}

function searchOf(visit: Length, settings: Awaited<ReturnType<typeof effectiveSettings>>) {
  return {
    minutes: visit.minutes,
    bufferMinutes: visit.bufferMinutes,
    stepMinutes: settings.booking_slot_minutes,
    noticeMinutes: settings.booking_minimum_notice_minutes,
    horizonDays: settings.booking_horizon_days,
  };
}

type Time = { merchantId: string; providerId: string; startsAt: string; ignoresHours: boolean; except: string | null };

/** The provider is one of the merchant's, works then and is free. @throws DomainError `invalid`, `slot_taken` with what else is free */
export async function requireFree(
  ctx: Context,
  visit: Length,
  { merchantId, providerId, startsAt, ignoresHours, except }: Time,
) {
  const at = { startsAt, minutes: visit.minutes, bufferMinutes: visit.bufferMinutes };
  const provider = await selectProviderAt(ctx.tx, merchantId, providerId, at, except);
  if (!provider?.is_in_use) {
    throw wrong('The merchant has no such provider at work.', {
      provider_id: ['is not a provider in use of the merchant'],
    });
  }
  if (provider.is_taken) throw await slotTaken(ctx, merchantId, visit, providerId, startsAt);
  if (!provider.is_working && !ignoresHours) {
    throw wrong(`${provider.name} does not work at this time.`, { starts_at: ['is outside the working hours'] });
  }
}

/** What time is looked for: what is offered, or what was booked and is to be moved. @throws DomainError `invalid` */
async function lengthOf(ctx: Context, merchantId: string, input: v.InferOutput<typeof availabilityInput>) {
  if (input.appointment_id === undefined) {
    const service_ids = input.service_id === undefined ? undefined : [input.service_id];
    const visit = await visitOf(ctx, merchantId, { service_ids, package_id: input.package_id }, null);
    return { visit, serviceIds: visit.services.map(({ service_id }) => service_id) };
  }
  const id = input.appointment_id;
  const booked = await selectBooked(ctx.tx, merchantId, id);
  if (!booked) {
    throw wrong('The merchant has no such booking.', { appointment_id: ['is not an appointment that can be moved'] });
  }
  return {
    visit: { services: [], minutes: booked.minutes, bufferMinutes: booked.buffer_minutes },
    serviceIds: booked.service_ids,
    moving: { id, providerId: booked.provider_id },
  };
}

export const availabilityList = defineOperation({
  name: 'availability.list',
  kind: 'read',
  risk: 'read',
  permission: 'appointment:read',
  resource: 'availability',
  summary: 'List the times at which a service or package of a merchant can be booked, or an appointment moved to',
  input: availabilityInput,
  output: availabilitySchema,
  http: { method: 'GET', path: '/api/availability' },
  run: async (ctx, input) => {
    const merchant = await merchantFor(ctx, input.merchant_id);
    requireBookable(merchant);
    const { visit, serviceIds, ...moved } = await lengthOf(ctx, merchant.id, input);
    const settings = await effectiveSettings(ctx, merchant.id);
    const data = await selectSlots(
      ctx.tx,
      {
        merchantId: merchant.id,
        serviceIds,
        providerId: input.provider_id ?? null,
        when: { from: input.from, to: input.to },
        ...searchOf(visit, settings),
        ...moved,
      },
      SLOTS_AT_MOST,
    );
    return { time_zone: merchant.time_zone, duration_minutes: visit.minutes, data: [...data] };
  },
});
