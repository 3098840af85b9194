import * as v from 'valibot';
import { calendarDate, id, listInput, listOf } from '../../operations/schemas.ts';

/** Rows and bytes are what lies there at the end of a day; the others are what was used on it. Worker time is in milliseconds. */
export const measure = v.picklist(['rows', 'bytes', 'api_calls', 'worker_time', 'messages', 'jobs']);
export type Measure = v.InferOutput<typeof measure>;

export const MEASURE_LABELS: Readonly<Record<Measure, string>> = {
  rows: 'Rows',
  bytes: 'Storage',
  api_calls: 'API calls',
  worker_time: 'Worker time',
  messages: 'Mails',
  jobs: 'Jobs',
};

export const usageDay = v.object({ id, day: calendarDate, measure, amount: v.number() });
export type UsageDay = v.InferOutput<typeof usageDay>;

export const usageListInput = v.strictObject({
  ...listInput,
  measure: v.optional(measure),
  from: v.optional(calendarDate),
  to: v.optional(calendarDate),
});
export const usageList = listOf(usageDay);

const limit = v.nullable(v.number());
export const standing = v.object({
  measure,
  /** Counted anew every day. */
  is_daily: v.boolean(),
  used: v.number(),
  soft_limit: limit,
  hard_limit: limit,
});
export type Standing = v.InferOutput<typeof standing>;

/** `soft`: owners are told. `hard`: what would use more is refused. */
export const quotaState = v.picklist(['ok', 'soft', 'hard']);
export type QuotaState = v.InferOutput<typeof quotaState>;

export function stateOf({ used, soft_limit, hard_limit }: Omit<Standing, 'measure' | 'is_daily'>): QuotaState {
  if (hard_limit !== null && used >= hard_limit) return 'hard';
  return soft_limit !== null && used >= soft_limit ? 'soft' : 'ok';
}

export const quota = v.object({ ...standing.entries, state: quotaState });
export type Quota = v.InferOutput<typeof quota>;
export const quotaList = v.object({ data: v.array(quota) });
