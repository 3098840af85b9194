import * as v from 'valibot';
import { id, instant, listInput, listOf, optional, text } from '../../operations/schemas.ts';

/** Of one actor, or of one resource: what is recorded until now. */
export const eraseInput = v.strictObject({
  actor_id: optional(text(254)),
  resource_type: optional(text(100)),
  resource_id: optional(text(254)),
  reason: text(500, 3),
});
export type EraseInput = v.InferOutput<typeof eraseInput>;

/** It is `pending` until everything that was recorded before it is sealed; `erased` counts the events so far. */
export const erasure = v.object({
  id,
  status: v.picklist(['pending', 'done']),
  actor_id: v.nullable(v.string()),
  resource_type: v.nullable(v.string()),
  resource_id: v.nullable(v.string()),
  reason: v.string(),
  erased: v.number(),
  event_id: id,
  requested_at: instant,
  done_at: v.nullable(instant),
});
export type Erasure = v.InferOutput<typeof erasure>;

export const erasureListInput = v.strictObject({ ...listInput });
export const erasureList = listOf(erasure);
