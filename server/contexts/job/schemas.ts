import * as v from 'valibot';
import { id, instant, listInput, listOf, text } from '../../operations/schemas.ts';

const state = v.picklist(['queued', 'running', 'succeeded', 'dead']);
/** Whatever the operation answered or reported; null when there is nothing yet. */
const anything = v.unknown();

export const job = v.object({
  id,
  operation: v.string(),
  state,
  progress: anything,
  result: anything,
  problem: anything,
  attempts: v.number(),
  run_at: instant,
  created_at: instant,
  finished_at: v.nullable(instant),
});

export const jobListInput = v.strictObject({
  ...listInput,
  state: v.optional(state),
  operation: v.optional(text(100)),
});
export const jobList = listOf(job);
