import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import type { Work } from './operation.ts';

const replay = v.object({ replay: v.object({ status: v.number(), body: v.string() }) });

/** The row of a SQL function that is a unit of work by itself: `SELECT f(…) AS answer`. */
export const answerRow = v.object({ answer: v.union([v.object({ body: v.string() }), replay]) });

/** The row of `SELECT work_begin(…) AS begun`. */
export const begunRow = v.object({ begun: v.union([v.object({ event_id: v.string() }), replay]) });

/** A unit of work as a parameter; null inside another operation's transaction. */
export function workParameter(work: Work | null): ReturnType<typeof sql.jsonb> | null {
  return work && sql.jsonb(JSON.parse(JSON.stringify(work)));
}
