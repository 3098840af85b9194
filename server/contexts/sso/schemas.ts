import * as v from 'valibot';
import { id, text } from '../../operations/schemas.ts';
import { totp } from '../second-factor/schemas.ts';

/** Why somebody was not signed in, in words for them. */
export const REFUSALS = {
  expired: 'Signing in took too long, or was begun in another window. Try again.',
  unavailable: 'Your provider does not answer right now. Try again in a moment.',
  misconfigured: 'This way of signing in is not set up rightly. Tell an administrator.',
  cancelled: 'You were not signed in: your provider says that it was cancelled or not allowed.',
  provider_refused: 'Your provider refused to sign you in. Tell an administrator if it happens again.',
  token_invalid: 'What your provider sent could not be verified, so nobody was signed in. Tell an administrator.',
  turned_off: 'This way of signing in is turned off. Choose another.',
  email_missing: 'Your provider did not say which e-mail address is yours. Tell an administrator.',
  email_unverified: 'Your provider has not verified your e-mail address, so it cannot be used to sign in here.',
  foreign_domain: 'Your e-mail address is not one of those that sign in this way.',
  unknown_person: 'You have no account here yet. Ask an administrator to invite you.',
  other_person: 'Your account here belongs to another account of your provider. Ask an administrator.',
  disabled: 'Your account here is disabled. Ask an administrator.',
  busy: 'There were too many tries, or the portal is busy. Wait a moment and try again.',
  no_role: 'Nothing that your provider says of you gives you a role here. Ask an administrator.',
} as const satisfies Record<string, string>;
export type Refusal = keyof typeof REFUSALS;

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'string' && Object.hasOwn(REFUSALS, value);
}

const HERE = 'http://here.invalid';

/** A path of this portal: nothing that a browser takes for another site. */
export function isLocalPath(path: string): boolean {
  if (!/^\/[^\\\p{Cc}]*$/u.test(path) || !URL.canParse(path, HERE)) return false;
  const { origin, pathname } = new URL(path, HERE);
  // `/.//elsewhere` becomes `//elsewhere`, which would be another site's address.
  return origin === HERE && !path.startsWith('//') && !pathname.startsWith('//');
}

const token = v.pipe(v.string(), v.minLength(20), v.maxLength(100));
const returnTo = v.pipe(text(2000), v.check(isLocalPath, 'must be a path of this portal'));

export const ssoOptions = v.object({ data: v.array(v.object({ id, name: v.string() })) });

export const ssoStartInput = v.strictObject({ id, return_to: v.optional(returnTo) });
/** Where the browser goes, and what binds it to the sign-in that it begins. */
export const ssoStarted = v.object({ url: v.string(), flow_token: v.string() });

/** `query` is what the provider sent the browser back with. */
export const ssoFinishInput = v.strictObject({ flow_token: token, query: text(8000, 0) });

/**
 * Signed in (`token`), or to be asked for the code of the second factor (`needs_code`), or without a role any more (`refusal`).
 */
export const ssoFinished = v.object({
  token: v.nullable(v.string()),
  needs_code: v.boolean(),
  refusal: v.nullable(v.picklist(['no_role'])),
  return_to: v.string(),
});
export type SsoFinished = v.InferOutput<typeof ssoFinished>;

export const ssoConfirmInput = v.strictObject({ flow_token: token, totp });
