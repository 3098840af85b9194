import * as v from 'valibot';
import { id, instant, text } from '../../operations/schemas.ts';

/** The code of an authenticator app, or a recovery code. */
export const totp = v.pipe(
  v.string(),
  v.regex(/^(?:[0-9]{6}|[a-z2-7]{4}(?:-[a-z2-7]{4}){3})$/i, 'must be six digits, or a recovery code'),
);

export const secondFactor = v.object({
  is_enabled: v.boolean(),
  /** Whether a role of this person asks for it. */
  is_required: v.boolean(),
  enabled_at: v.nullable(instant),
  recovery_codes_left: v.number(),
  /** Who has none proves who they are by having signed in within ten minutes. */
  has_password: v.boolean(),
});
export type SecondFactor = v.InferOutput<typeof secondFactor>;

export const setUpInput = v.strictObject({ password: v.optional(text(1024)) });
/** `qr` is the picture of `uri`: a square of `size` modules, the dark ones as an SVG path. */
export const setUp = v.object({
  secret: v.string(),
  uri: v.string(),
  qr: v.object({ size: v.number(), path: v.string() }),
});
export type SetUp = v.InferOutput<typeof setUp>;

export const confirmInput = v.strictObject({ totp: v.pipe(v.string(), v.regex(/^[0-9]{6}$/, 'must be six digits')) });
export const codes = v.object({ recovery_codes: v.array(v.string()) });
export const confirmed = v.object({ ...codes.entries, expires_at: instant, token: v.string() });

export const provenInput = v.strictObject({ password: v.optional(text(1024)), totp });
export const renewed = v.object({ expires_at: instant, token: v.string() });

export const requireInput = v.strictObject({ id, required: v.boolean() });
export const roleRequirement = v.object({ id, name: v.string(), requires_second_factor: v.boolean() });
export const roleRequirements = v.object({ data: v.array(roleRequirement) });
export type RoleRequirement = v.InferOutput<typeof roleRequirement>;
