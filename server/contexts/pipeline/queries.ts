import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { allOf, equals } from '../../operations/list.ts';
import { forecastRow, type funnelInput, funnelRow } from './schemas.ts';

export function selectForecast(tx: CommonQueryMethods, ownerId: string | undefined) {
  return tx.any(sql.type(forecastRow)`
    SELECT to_char(p.expected_close, 'YYYY-MM') AS month, p.currency, p.status, count(*)::integer AS count,
      sum(p.value)::bigint AS value,
      sum(round(p.value * prospect_probability(p) / 100.0))::bigint AS weighted
    FROM prospects p
    WHERE ${allOf([sql.fragment`p.status IN ('lead', 'qualified', 'proposal')`, equals(sql.fragment`p.owner_id`, ownerId)])}
    GROUP BY 1, 2, 3
    ORDER BY month NULLS LAST, p.currency, array_position(ARRAY['lead', 'qualified', 'proposal'], p.status)`);
}

/** Of those that came in between two days of the tenant's; merged ones are counted as the one they are merged into. */
export function selectFunnel(tx: CommonQueryMethods, { from, to }: v.InferOutput<typeof funnelInput>) {
  return tx.any(sql.type(funnelRow)`
    WITH came AS (
      SELECT p.id, p.status FROM prospects p CROSS JOIN tenant t
      WHERE p.status <> 'merged'
        AND (${from ?? null}::date IS NULL OR p.created_at >= ${from ?? null}::date::timestamp AT TIME ZONE t.time_zone)
        AND (${to ?? null}::date IS NULL OR p.created_at < (${to ?? null}::date + 1)::timestamp AT TIME ZONE t.time_zone)),
    stays AS (
      SELECT m.prospect_id, m.to_status AS status, m.moved_at AS since,
        lead(m.moved_at) OVER (PARTITION BY m.prospect_id ORDER BY m.moved_at, m.id) AS until
      FROM prospect_moves m JOIN came c ON c.id = m.prospect_id),
    stages AS (SELECT * FROM unnest(ARRAY['lead', 'qualified', 'proposal', 'won']) WITH ORDINALITY AS s (status, place)),
    furthest AS (
      SELECT y.prospect_id, max(s.place) AS place FROM stays y JOIN stages s ON s.status = y.status GROUP BY y.prospect_id),
    counted AS (
      SELECT s.status, s.place, (SELECT count(*) FROM furthest f WHERE f.place >= s.place) AS reached FROM stages s)
    SELECT c.status, c.reached::integer AS reached,
      (10000 * c.reached / nullif(lag(c.reached) OVER (ORDER BY c.place), 0))::integer AS conversion_basis_points,
      (SELECT round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM y.until - y.since)) / 86400)::numeric, 1)::float8
        FROM stays y WHERE y.status = c.status AND y.until IS NOT NULL) AS median_days,
      (SELECT count(*)::integer FROM came p WHERE p.status = c.status) AS now,
      (SELECT floor(extract(epoch FROM now() - min(y.since)) / 86400)::integer
        FROM stays y WHERE y.status = c.status AND y.until IS NULL) AS oldest_days
    FROM counted c ORDER BY c.place`);
}
