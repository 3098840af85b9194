import * as v from 'valibot';
import { id, instant, text } from '../../operations/schemas.ts';
import { totp } from '../second-factor/schemas.ts';

/** An account without a second factor refuses a `totp` that is sent. */
export const signInInput = v.strictObject({ email: text(254), password: text(1024), totp: v.optional(totp) });

export const session = v.object({
  user: v.object({ id, email: v.string(), name: v.string() }),
  expires_at: instant,
});
export type Session = v.InferOutput<typeof session>;

/** One of one's own sessions. `device` is in words, made of what the browser calls itself. */
export const ownSession = v.object({
  id,
  device: v.string(),
  address: v.nullable(v.string()),
  is_current: v.boolean(),
  created_at: instant,
  last_used_at: instant,
  expires_at: instant,
});
export type OwnSession = v.InferOutput<typeof ownSession>;
export const sessionList = v.object({ data: v.array(ownSession) });
