import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { slot } from './schemas.ts';

const wantedService = v.object({
  service_id: v.string(),
  name: v.string(),
  duration_minutes: v.number(),
  buffer_minutes: v.number(),
  price: v.number(),
  is_in_use: v.boolean(),
  /** Whether the provider that was asked for offers it; with none, true. */
  is_offered: v.boolean(),
});
export type WantedService = v.InferOutput<typeof wantedService>;

const offeredBy = (providerId: string | null): FragmentSqlToken => sql.fragment`(
  ${providerId}::uuid IS NULL OR NOT EXISTS (SELECT FROM service_providers o WHERE o.service_id = s.id)
  OR EXISTS (SELECT FROM service_providers o WHERE o.service_id = s.id AND o.provider_id = ${providerId}::uuid))`;

/** Services of a merchant in the order that was asked for; what is not there is missing. */
export function selectServicesWanted(
  tx: CommonQueryMethods,
  merchantId: string,
  ids: readonly string[],
  providerId: string | null,
) {
  return tx.any(sql.type(wantedService)`
    SELECT s.id AS service_id, s.name, s.default_duration_minutes AS duration_minutes, s.buffer_minutes, s.default_price AS price,
      s.archived_at IS NULL AS is_in_use, ${offeredBy(providerId)} AS is_offered
    FROM unnest(${sql.array([...ids], 'uuid')}) WITH ORDINALITY AS wanted (id, position)
    JOIN services s ON s.id = wanted.id AND s.merchant_id = ${merchantId}
    ORDER BY wanted.position`);
}

const packageRow = v.object({ name: v.string(), price: v.number(), service_ids: v.array(v.string()) });

const bookedRow = v.object({
  minutes: v.number(),
  buffer_minutes: v.number(),
  provider_id: v.string(),
  service_ids: v.array(v.string()),
});

/** What was booked of a merchant, as long as it was then. */
export function selectBooked(tx: CommonQueryMethods, merchantId: string, id: string) {
  return tx.maybeOne(sql.type(bookedRow)`
    SELECT (extract(epoch FROM a.ends_at - a.starts_at) / 60)::integer AS minutes,
      (extract(epoch FROM upper(a.busy) - a.ends_at) / 60)::integer AS buffer_minutes, a.provider_id,
      ARRAY(SELECT s.service_id FROM appointment_services s WHERE s.appointment_id = a.id ORDER BY s.position) AS service_ids
    FROM appointments a WHERE a.id = ${id} AND a.merchant_id = ${merchantId} AND a.status = 'booked'`);
}

/** A package in use. */
export function selectPackageWanted(tx: CommonQueryMethods, merchantId: string, id: string) {
  return tx.maybeOne(sql.type(packageRow)`
    SELECT p.name, p.price,
      ARRAY(SELECT b.service_id FROM package_services b WHERE b.package_id = p.id ORDER BY b.position) AS service_ids
    FROM packages p
    WHERE p.id = ${id} AND p.merchant_id = ${merchantId} AND p.archived_at IS NULL`);
}

const providerRow = v.object({
  name: v.string(),
  is_in_use: v.boolean(),
  is_working: v.boolean(),
  is_taken: v.boolean(),
});

/** Whether a provider of the merchant works then and is free, leaving one appointment out of account. */
export function selectProviderAt(
  tx: CommonQueryMethods,
  merchantId: string,
  providerId: string,
  at: { startsAt: string; minutes: number; bufferMinutes: number },
  except: string | null,
) {
  const visit = sql.fragment`tstzrange(${at.startsAt}::timestamptz, ${at.startsAt}::timestamptz + make_interval(mins => ${at.minutes}))`;
  return tx.maybeOne(sql.type(providerRow)`
    SELECT p.name, p.archived_at IS NULL AS is_in_use, is_working(p, m.time_zone, ${visit}) AS is_working,
      EXISTS (
        SELECT FROM appointments a
        WHERE uuid_span(a.provider_id, a.provider_id, '[]') && uuid_span(p.id, p.id, '[]')
          AND a.busy && tstzrange(lower(${visit}), upper(${visit}) + make_interval(mins => ${at.bufferMinutes}))
          AND a.status IN ('booked', 'checked_in', 'completed') AND a.id IS DISTINCT FROM ${except}::uuid) AS is_taken
    FROM providers p
    JOIN merchants m ON m.id = p.merchant_id
    WHERE p.id = ${providerId} AND p.merchant_id = ${merchantId}`);
}

type Search = {
  merchantId: string;
  serviceIds: readonly string[];
  providerId: string | null;
  /** Days of the merchant; or the days around an instant, the times nearest to it first. */
  when: { readonly from: string; readonly to: string } | { readonly near: string };
  minutes: number;
  bufferMinutes: number;
  stepMinutes: number;
  noticeMinutes: number;
  horizonDays: number;
  /** The appointment that is to be moved: its own time is free for it, and its provider keeps to what was booked. */
  moving?: { readonly id: string; readonly providerId: string };
};

/** Times that are free with the providers who offer all the services, the earliest first. */
export function selectSlots(tx: CommonQueryMethods, search: Search, limit: number) {
  const { when } = search;
  const days =
    'near' in when
      ? sql.fragment`(${when.near}::timestamptz AT TIME ZONE m.time_zone)::date - 1, (${when.near}::timestamptz AT TIME ZONE m.time_zone)::date + 7`
      : sql.fragment`${when.from}::date, ${when.to}::date`;
  const order =
    'near' in when
      ? sql.fragment`abs(extract(epoch FROM f.starts_at - ${when.near}::timestamptz)), f.starts_at`
      : sql.fragment`f.starts_at, p.name, p.id`;
  return tx.any(sql.type(slot)`
    SELECT p.id AS provider_id, p.name AS provider_name, f.starts_at, f.ends_at
    FROM providers p
    JOIN merchants m ON m.id = p.merchant_id
    CROSS JOIN LATERAL free_slots(p, m.time_zone, ${days}, ${search.minutes}, ${search.bufferMinutes},
      ${search.stepMinutes}, now() + make_interval(mins => ${search.noticeMinutes}), now() + make_interval(days => ${search.horizonDays})
      ${search.moving ? sql.fragment`, ${search.moving.id}::uuid` : sql.fragment``}) f
    WHERE p.merchant_id = ${search.merchantId} AND p.archived_at IS NULL AND (${search.providerId}::uuid IS NULL OR p.id = ${search.providerId}::uuid)
      AND (p.id = ${search.moving?.providerId ?? null}::uuid OR NOT EXISTS (
        SELECT FROM unnest(${sql.array([...search.serviceIds], 'uuid')}) AS wanted (id)
        WHERE EXISTS (SELECT FROM service_providers o WHERE o.service_id = wanted.id)
          AND NOT EXISTS (SELECT FROM service_providers o WHERE o.service_id = wanted.id AND o.provider_id = p.id)))
    ORDER BY ${order}
    LIMIT ${limit}`);
}
