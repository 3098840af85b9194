import { base32 } from 'oslo/encoding';
import { generateHOTP } from 'oslo/otp';
import { sealerOf } from '../../server/auth/sealer.ts';
import type { TestTenant } from './tenant.ts';

const STEP_MS = 30_000;

/** The code that an authenticator app shows, some steps from now. */
export function codeOf(secret: string, later = 0): Promise<string> {
  return generateHOTP(base32.decode(secret, { strict: false }), Math.floor(Date.now() / STEP_MS) + later);
}

/** Gives a user a second factor with a known secret, or takes it away (null). */
export async function ownFactor(tenant: TestTenant, email: string, secret: string | null, isConfirmed = true) {
  const [user] = await tenant.rows('SELECT id FROM users WHERE email = $1', [email]);
  await tenant.arrange('DELETE FROM second_factors WHERE id = $1', [user?.id]);
  if (secret === null) return;
  const sealer = sealerOf(tenant.settings.MASTER_SECRET, tenant.record.id);
  await tenant.arrange(
    `INSERT INTO second_factors (id, sealed_secret, confirmed_at) VALUES ($1, $2, CASE WHEN $3 THEN now() END)`,
    [user?.id, await sealer.seal(String(user?.id), secret), isConfirmed],
  );
}
