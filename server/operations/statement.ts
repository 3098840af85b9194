import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import type { Actor } from './actor.ts';
import type { Call, Work } from './operation.ts';

const replay = v.object({ replay: v.object({ status: v.number(), body: v.string() }) });

/** The row of a SQL function that is a unit of work by itself: `SELECT f(…) AS answer`. */
export const answerRow = v.object({ answer: v.union([v.object({ body: v.string() }), replay]) });

/** The row of `SELECT work_begin(…) AS begun`. */
export const begunRow = v.object({ begun: v.union([v.object({ event_id: v.string() }), replay]) });

/** Who did what to what, and how they asked: what every audit event holds (tenants/functions/10-work.sql). */
export function envelope(
  actor: Actor,
  call: Call,
  what: {
    operation: string;
    summary: string;
    resource: { type: string; id?: string | undefined; about?: string | undefined };
  },
): Work {
  const { type, id, name, impersonator, delegator } = actor;
  return {
    ...what,
    actor: { type, id, name, impersonator, delegator },
    request: { id: call.requestId, door: call.door, address: call.address, user_agent: call.userAgent },
  };
}

/** A unit of work as a parameter; null inside another operation's transaction. */
export function workParameter(work: Work | null): ReturnType<typeof sql.jsonb> | null {
  return work && sql.jsonb(JSON.parse(JSON.stringify(work)));
}
