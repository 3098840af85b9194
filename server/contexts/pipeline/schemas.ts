import * as v from 'valibot';
import { calendarDate, currency, id } from '../../operations/schemas.ts';
import { OPEN_STAGES } from '../prospect/schemas.ts';

export const forecastInput = v.strictObject({ owner_id: v.optional(id) });
/** `month` is that of the expected close, null where none is set; `weighted` is value × probability, rounded per prospect. */
export const forecastRow = v.object({
  month: v.nullable(v.string()),
  currency,
  status: v.picklist(OPEN_STAGES),
  count: v.number(),
  value: v.number(),
  weighted: v.number(),
});
export const forecast = v.object({ data: v.array(forecastRow) });
export type ForecastRow = v.InferOutput<typeof forecastRow>;

export const funnelInput = v.strictObject({ from: v.optional(calendarDate), to: v.optional(calendarDate) });
/**
 * Of the prospects that came in between the days: how many reached a stage or a later one, the share of those that were in
 * the stage before (basis points), how long they stayed (days, median of those that left), and what is there now.
 */
export const funnelRow = v.object({
  status: v.picklist([...OPEN_STAGES, 'won']),
  reached: v.number(),
  conversion_basis_points: v.nullable(v.number()),
  median_days: v.nullable(v.number()),
  now: v.number(),
  oldest_days: v.nullable(v.number()),
});
export const funnel = v.object({ data: v.array(funnelRow) });
