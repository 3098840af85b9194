import * as v from 'valibot';
import { id, instant, text, version } from '../../operations/schemas.ts';
import { session } from '../session/schemas.ts';

/** `host` is where it was made and works; `is_here` whether that is this host. */
export const passkey = v.object({
  id,
  name: v.string(),
  host: v.string(),
  is_here: v.boolean(),
  last_used_at: v.nullable(instant),
  version,
  created_at: instant,
});
export type Passkey = v.InferOutput<typeof passkey>;
export const passkeyList = v.object({ data: v.array(passkey) });

const bytes = v.pipe(v.string(), v.maxLength(20_000), v.regex(/^[A-Za-z0-9_-]+$/, 'must be base64url'));
const credential = { id: bytes, rawId: bytes, type: v.literal('public-key') };
const name = text(100);

/** What PublicKeyCredential.toJSON() gives; members beside these are the browser's own and not looked at. */
const madeCredential = v.object({
  ...credential,
  response: v.object({
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: v.optional(v.pipe(v.array(text(32)), v.maxLength(10))),
  }),
});
const givenCredential = v.object({
  ...credential,
  response: v.object({
    clientDataJSON: bytes,
    authenticatorData: bytes,
    signature: bytes,
    userHandle: v.optional(v.nullable(bytes)),
  }),
});

export const beginInput = v.strictObject({ password: text(1024) });
export const createInput = v.strictObject({ name, credential: madeCredential });
export const renameInput = v.strictObject({ id, name });
export const removeInput = v.strictObject({ id, password: text(1024) });
export const signInInput = v.strictObject({ credential: givenCredential });

const descriptor = v.object({ type: v.literal('public-key'), id: v.string(), transports: v.array(v.string()) });

/** For PublicKeyCredential.parseCreationOptionsFromJSON(). */
export const creationOptions = v.object({
  rp: v.object({ id: v.string(), name: v.string() }),
  user: v.object({ id: v.string(), name: v.string(), displayName: v.string() }),
  challenge: v.string(),
  pubKeyCredParams: v.array(v.object({ type: v.literal('public-key'), alg: v.number() })),
  timeout: v.number(),
  excludeCredentials: v.array(descriptor),
  authenticatorSelection: v.object({
    residentKey: v.literal('required'),
    requireResidentKey: v.literal(true),
    userVerification: v.literal('required'),
  }),
  attestation: v.literal('none'),
});
export type CreationOptions = v.InferOutput<typeof creationOptions>;

/** For PublicKeyCredential.parseRequestOptionsFromJSON(). Names nobody's passkeys: the device knows its own. */
export const requestOptions = v.object({
  rpId: v.string(),
  challenge: v.string(),
  timeout: v.number(),
  userVerification: v.literal('required'),
});

export const createdPasskey = v.object({ ...passkey.entries, expires_at: instant, token: v.string() });
export const signedIn = v.object({ ...session.entries, token: v.string() });
