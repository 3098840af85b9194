import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, assignments, contains, equals, inMerchantScope, listPage, ofVersion } from '../../operations/list.ts';
import type { WantedService } from '../availability/operations.ts';
import {
  type AppointmentStatus,
  appointment,
  type appointmentListInput,
  type appointmentUpdateInput,
} from './schemas.ts';

const nothing = v.object({});
const idRow = v.object({ id: v.string() });

const select = sql.fragment`
  SELECT a.id, a.merchant_id, json_build_object('id', c.id, 'name', c.name) AS end_customer,
    json_build_object('id', p.id, 'name', p.name) AS provider, a.location_id, a.package_id, a.title,
    (SELECT coalesce(json_agg(json_build_object('service_id', s.service_id, 'name', s.name, 'duration_minutes', s.duration_minutes,
        'price', json_build_object('amount', s.price, 'currency', a.currency)) ORDER BY s.position), '[]')
      FROM appointment_services s WHERE s.appointment_id = a.id) AS services,
    a.starts_at, a.ends_at, a.status, a.status_reason, a.is_late_cancellation,
    json_build_object('amount', a.price, 'currency', a.currency) AS price, a.notes, a.version, a.created_at, a.updated_at
  FROM appointments a
  JOIN end_customers c ON c.id = a.end_customer_id
  JOIN providers p ON p.id = a.provider_id`;

const visible = (scope: Scope) => inMerchantScope(scope, sql.fragment`a.merchant_id`);

export function pageOfAppointments(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof appointmentListInput>,
) {
  return listPage(
    tx,
    {
      name: 'appointments',
      row: appointment,
      select,
      id: sql.fragment`a.id`,
      sorts: { starts_at: { column: sql.fragment`a.starts_at`, type: 'timestamptz' }, created_at: 'id' },
      defaultSort: '-starts_at',
      where: [
        visible(scope),
        equals(sql.fragment`a.merchant_id`, input.merchant_id),
        equals(sql.fragment`a.provider_id`, input.provider_id),
        equals(sql.fragment`a.end_customer_id`, input.end_customer_id),
        equals(sql.fragment`a.status`, input.status),
        input.from === undefined ? null : sql.fragment`a.starts_at >= ${input.from}::timestamptz`,
        input.to === undefined ? null : sql.fragment`a.starts_at < ${input.to}::timestamptz`,
        contains([sql.fragment`a.title`, sql.fragment`c.name`], input.q),
      ],
    },
    input,
  );
}

export function selectAppointment(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(appointment)`${select} WHERE ${allOf([sql.fragment`a.id = ${id}`, visible(scope)])}`);
}

const lockedRow = v.object({
  merchant_id: v.string(),
  provider_id: v.string(),
  status: appointment.entries.status,
  starts_at: appointment.entries.starts_at,
  version: v.number(),
  has_begun: v.boolean(),
  minutes: v.number(),
  buffer_minutes: v.number(),
});

export function lockAppointment(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(lockedRow)`
    SELECT a.merchant_id, a.provider_id, a.status, a.starts_at, a.version, a.starts_at <= now() AS has_begun,
      (extract(epoch FROM a.ends_at - a.starts_at) / 60)::integer AS minutes,
      (extract(epoch FROM upper(a.busy) - a.ends_at) / 60)::integer AS buffer_minutes
    FROM appointments a
    WHERE ${allOf([sql.fragment`a.id = ${id}`, visible(scope)])}
    FOR UPDATE OF a`);
}

export async function updateState(
  tx: CommonQueryMethods,
  id: string,
  status: AppointmentStatus,
  reason: string | null,
  isLate: boolean,
): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE appointments SET status = ${status}, status_reason = ${reason}, is_late_cancellation = ${isLate} WHERE id = ${id}`);
}

export function updateAppointment(
  tx: CommonQueryMethods,
  scope: Scope,
  { id, ...changes }: v.InferOutput<typeof appointmentUpdateInput>,
  expectedVersion?: number,
) {
  return tx.maybeOne(sql.type(idRow)`
    UPDATE appointments AS a SET ${assignments(changes)}
    WHERE ${allOf([ofVersion(sql.fragment`a.id`, id, sql.fragment`a.version`, expectedVersion), visible(scope)])}
    RETURNING a.id`);
}

export function isCustomerInUse(tx: CommonQueryMethods, merchantId: string, id: string): Promise<boolean> {
  return tx.exists(sql.type(idRow)`
    SELECT id FROM end_customers WHERE id = ${id} AND merchant_id = ${merchantId} AND archived_at IS NULL`);
}

export function isLocationInUse(tx: CommonQueryMethods, merchantId: string, id: string): Promise<boolean> {
  return tx.exists(sql.type(idRow)`
    SELECT id FROM locations WHERE id = ${id} AND merchant_id = ${merchantId} AND archived_at IS NULL`);
}

type Booking = {
  id: string;
  merchantId: string;
  customerId: string;
  providerId: string;
  locationId: string | null;
  packageId: string | null;
  title: string;
  startsAt: string;
  minutes: number;
  bufferMinutes: number;
  price: number;
  currency: string;
  notes: string | null;
  services: readonly WantedService[];
};

/** An appointment and what was booked, in one statement. */
export async function insertAppointment(tx: CommonQueryMethods, booking: Booking): Promise<void> {
  const services = sql.jsonb(
    booking.services.map(({ service_id, name, duration_minutes, price }) => ({
      service_id,
      name,
      duration_minutes,
      price,
    })),
  );
  await tx.query(sql.type(nothing)`
    WITH booked AS (
      INSERT INTO appointments (id, merchant_id, end_customer_id, provider_id, location_id, package_id, title, starts_at, ends_at,
        busy, price, currency, notes)
      SELECT ${booking.id}, ${booking.merchantId}, ${booking.customerId}, p.id, coalesce(${booking.locationId}::uuid,
          (SELECT l.id FROM locations l WHERE l.id = p.location_id AND l.archived_at IS NULL)),
        ${booking.packageId}, ${booking.title}, t.starts_at, t.starts_at + make_interval(mins => ${booking.minutes}),
        tstzrange(t.starts_at, t.starts_at + make_interval(mins => ${booking.minutes + booking.bufferMinutes})), ${booking.price},
        ${booking.currency}, ${booking.notes}
      FROM providers p
      CROSS JOIN (SELECT ${booking.startsAt}::timestamptz AS starts_at) t
      WHERE p.id = ${booking.providerId}
      RETURNING id, merchant_id)
    INSERT INTO appointment_services (merchant_id, appointment_id, service_id, position, name, duration_minutes, price)
    SELECT b.merchant_id, b.id, s.service_id, s.position, s.name, s.duration_minutes, s.price
    FROM booked b
    CROSS JOIN ROWS FROM (jsonb_to_recordset(${services}) AS (service_id uuid, name text, duration_minutes integer, price bigint))
      WITH ORDINALITY AS s (service_id, name, duration_minutes, price, position)`);
}

export async function updateTime(
  tx: CommonQueryMethods,
  id: string,
  to: { providerId: string; startsAt: string; minutes: number; bufferMinutes: number },
): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE appointments
    SET provider_id = ${to.providerId}, starts_at = ${to.startsAt}::timestamptz,
      ends_at = ${to.startsAt}::timestamptz + make_interval(mins => ${to.minutes}),
      busy = tstzrange(${to.startsAt}::timestamptz, ${to.startsAt}::timestamptz + make_interval(mins => ${to.minutes + to.bufferMinutes}))
    WHERE id = ${id}`);
}
