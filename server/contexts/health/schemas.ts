import * as v from 'valibot';
import { id, instant } from '../../operations/schemas.ts';

const count = v.number();

/** `failing`: act now. `attention`: works, but somebody should look. */
const status = v.picklist(['ok', 'attention', 'failing']);

export const dependency = v.object({
  name: v.picklist(['database', 'catalog', 'rate_limits']),
  is_reachable: v.boolean(),
  latency_ms: count,
});

export const jobFigures = v.object({
  queued: count,
  running: count,
  dead: count,
  /** How long the oldest job that is due has been waiting. */
  lag_seconds: count,
});

/** Mail that waits for a way out; `can_leave` says whether there is one. */
export const mailFigures = v.object({ can_leave: v.boolean(), waiting: count });

/** What an isolation probe saw; without findings it passed. */
export const probe = v.object({
  id,
  probed_at: instant,
  own_reads: count,
  neighbour_reads: count,
  refused_schemas: count,
  findings: v.array(v.string()),
});
export type Probe = v.InferOutput<typeof probe>;

export const sealFigures = v.object({
  last_block: v.nullable(count),
  sealed_until: v.nullable(instant),
  lag_seconds: v.nullable(count),
  verified_at: v.nullable(instant),
  /** Of the last verification; null when there was none. */
  problems: v.nullable(count),
});

export const health = v.object({
  status,
  /** What made it other than `ok`, in a sentence each. */
  reasons: v.array(v.string()),
  checked_at: instant,
  dependencies: v.array(dependency),
  jobs: jobFigures,
  mail: mailFigures,
  seal: sealFigures,
  probe: v.nullable(probe),
});
export type Health = v.InferOutput<typeof health>;

export const alarmInput = v.strictObject({ probe_id: id, findings: v.array(v.string()) });
