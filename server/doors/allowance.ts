import { hashSecret } from '../../tenants/credentials.ts';
import { bearerKey } from '../auth/authenticate.ts';
import type { KeyMemory } from '../auth/key-memory.ts';
import type { RateLimits } from '../rate-limit.ts';
import { addressOf } from './call.ts';

/**
 * Counts a request against its key, or its address, and says what is left. A key that this home has not read lately
 * counts against the address as well, and first: whoever makes up a new key for every request is limited too.
 * @throws DomainError rate_limited
 */
export async function takeAllowance(request: Request, limits: RateLimits, keys: KeyMemory): Promise<Headers> {
  const key = bearerKey(request.headers);
  const keyHash = key === null ? null : hashSecret(key);
  if (keyHash !== null && !keys.recall(keyHash)) {
    await limits.take('page', addressOf(request.headers));
  }
  const kind = keyHash === null ? 'page' : 'api';
  const subject = keyHash === null ? addressOf(request.headers) : keyHash.slice(0, 32);
  const { limit, remaining, resetSeconds } = await limits.take(kind, subject);
  return new Headers({
    ratelimit: `"${kind}";r=${remaining};t=${resetSeconds}`,
    'ratelimit-policy': `"${kind}";q=${limit}`,
  });
}
