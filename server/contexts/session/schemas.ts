import * as v from 'valibot';
import { id, instant, text } from '../../operations/schemas.ts';

/** `totp` is part of the contract; an account without a second factor refuses one that is sent. */
export const signInInput = v.strictObject({
  email: text(254),
  password: text(1024),
  totp: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{6}$/, 'must be six digits'))),
});

export const session = v.object({
  user: v.object({ id, email: v.string(), name: v.string() }),
  expires_at: instant,
});
export type Session = v.InferOutput<typeof session>;
