import * as v from 'valibot';
import { id, instant } from '../../operations/schemas.ts';

const count = v.number();

/** One sealed block of journals and audit events. Hashes are hexadecimal. */
export const block = v.object({
  number: count,
  hash: v.string(),
  previous_hash: v.string(),
  journals: count,
  events: count,
  sealed_at: instant,
  anchored_at: v.nullable(instant),
});

/** What does not fit: a row, block, anchor or sum that was changed, is missing, or was added. */
export const finding = v.object({
  what: v.string(),
  id: v.string(),
  block: v.nullable(count),
  problem: v.picklist(['changed', 'missing', 'added']),
  message: v.string(),
});
export type Finding = v.InferOutput<typeof finding>;

/** What a verification looked at and found: the number of problems, and the first of them. */
export const verification = v.object({
  last_block: count,
  head_hash: v.nullable(v.string()),
  journals: count,
  events: count,
  /** Entries whose texts were erased, with their salts. */
  erased: count,
  problems: count,
  findings: v.array(finding),
});
export type Verification = v.InferOutput<typeof verification>;

/** Null until the first block is sealed. `lag_seconds` is the age of the oldest entry that no block holds yet. */
export const seal = v.object({
  last_block: v.nullable(count),
  sealed_until: v.nullable(instant),
  lag_seconds: v.nullable(v.number()),
  verified_at: v.nullable(instant),
});

/** How long the oldest entry has been waiting for a transaction elsewhere that began before it and still writes. */
export const horizon = v.object({ lag_seconds: v.number() });

export const chain = v.object({
  blocks: v.array(block),
  verification: v.nullable(v.object({ ...verification.entries, verified_at: instant })),
  running: v.nullable(v.object({ job_id: id, progress: v.unknown() })),
});
export type Chain = v.InferOutput<typeof chain>;

export const verifyStarted = v.object({ job_id: id });
