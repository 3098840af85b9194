import { Buffer } from 'node:buffer';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { base32 } from 'oslo/encoding';
import { createTOTPKeyURI, generateHOTP } from 'oslo/otp';
import { encode } from 'uqr';

const STEP_MS = 30_000;
const SECRET_LENGTH = 20;
const RECOVERY_CODES = 10;

/** A new secret in base32, as authenticator apps take it. */
export function newTotpSecret(): string {
  return base32.encode(randomBytes(SECRET_LENGTH), { includePadding: false });
}

export function totpUri(issuer: string, account: string, secret: string): string {
  return createTOTPKeyURI(issuer, account, base32.decode(secret, { strict: false }));
}

/** The picture of a text as one SVG path in a square of `size` modules. */
export function qrPath(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return { size, path };
}

/** The time step (RFC 6238) to which a code belongs: this one or a neighbour; null when none. Always looks at all three. */
export async function stepOf(secret: string, code: string, now: Date): Promise<number | null> {
  const current = Math.floor(now.getTime() / STEP_MS);
  const key = base32.decode(secret, { strict: false });
  const given = Buffer.from(code.padEnd(6).slice(0, 6));
  let found: number | null = null;
  for (const step of [current - 1, current, current + 1]) {
    if (timingSafeEqual(Buffer.from(await generateHOTP(key, step)), given)) found = step;
  }
  return found;
}

/** Ten codes of 80 random bits each. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    (base32.encode(randomBytes(10), { includePadding: false }).toLowerCase().match(/.{4}/g) ?? []).join('-'),
  );
}
