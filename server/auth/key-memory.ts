import type { Actor } from '../operations/actor.ts';

type Remembered = { readonly actor: Actor; readonly until: number };

const LIFETIME_MS = 60_000;
const SIZE = 1_000;

/**
 * API keys that a home has read lately, so that a posting is one round trip. Never trusted by itself: the unit of work
 * refuses when keys or roles have changed since (tenants/functions/10-work.sql).
 */
export class KeyMemory {
  readonly #keys = new Map<string, Remembered>();

  /** @param expiresAt RFC 3339, or null for a key without end */
  remember(keyHash: string, actor: Actor, expiresAt: string | null): void {
    if (this.#keys.size >= SIZE) {
      this.#keys.clear();
    }
    const end = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
    this.#keys.set(keyHash, { actor, until: Math.min(Date.now() + LIFETIME_MS, end) });
  }

  recall(keyHash: string): Actor | null {
    const known = this.#keys.get(keyHash);
    return known && known.until > Date.now() ? known.actor : null;
  }

  forget(keyHash: string): void {
    this.#keys.delete(keyHash);
  }
}
