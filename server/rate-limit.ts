import { type Duration, Ratelimit } from '@upstash/ratelimit';
import { Redis } from '@upstash/redis/cloudflare';
import type { RateLimitSettings, Settings } from './env.ts';
import { DomainError } from './operations/errors.ts';
import type { SignInLimit } from './operations/operation.ts';

/**
 * Failures to sign in are counted by account and address together, over a quarter of an hour and over a day (so that the
 * wait grows); by account for all strangers together; and by address. Requests count by API key, all else by address.
 */
export type LimitKind = SignInLimit | 'api' | 'page';

const UNLEASED: ReadonlySet<LimitKind> = new Set(['sign_in', 'sign_in_day', 'sign_in_account', 'sign_in_address']);

/** What a caller has left: sent as the RateLimit header. */
export type Allowance = { readonly limit: number; readonly remaining: number; readonly resetSeconds: number };

const defaults: Required<RateLimitSettings> = {
  sign_in: { limit: 10, window: '15 m' },
  sign_in_day: { limit: 30, window: '1 d' },
  sign_in_account: { limit: 100, window: '15 m' },
  sign_in_address: { limit: 100, window: '15 m' },
  api: { limit: 6000, window: '1 m' },
  page: { limit: 6000, window: '1 m' },
};

/** Shares of a window are taken from Upstash in portions of this fraction, so that not every request pays a round trip. */
const PORTION = 1 / 50;
const LARGEST_PORTION = 200;
const TIMEOUT_MS = 500;

type Lease = { left: number; until: number; isRefused: boolean; allowance: Allowance };

/**
 * Rate limits of one tenant, shared by all homes through Upstash. A home leases a portion of a subject's window and
 * hands it out itself: never more than the limit in all, and one round trip for many requests. Sign-in is not leased.
 * When Upstash cannot be reached, sign-in is refused (`unavailable`) and everything else is let through.
 */
export class RateLimits {
  readonly #redis: Redis;
  readonly #limiters: Record<LimitKind, Ratelimit>;
  readonly #settings: Required<RateLimitSettings>;
  readonly #leases = new Map<string, Promise<Lease>>();

  constructor(settings: Settings, tenantId: string) {
    const redis = new Redis({
      url: settings.UPSTASH_REDIS_REST_URL,
      token: settings.UPSTASH_REDIS_REST_TOKEN,
      enableTelemetry: false,
      retry: false,
    });
    this.#redis = redis;
    const overrides: RateLimitSettings = settings.RATE_LIMITS ? JSON.parse(settings.RATE_LIMITS) : {};
    this.#settings = { ...defaults, ...overrides } as Required<RateLimitSettings>;
    const limiter = (kind: LimitKind) =>
      new Ratelimit({
        redis,
        prefix: `scp:${tenantId}:${kind}`,
        limiter: Ratelimit.fixedWindow(this.#settings[kind]!.limit, this.#settings[kind]!.window as Duration),
        ephemeralCache: false,
        timeout: TIMEOUT_MS,
      });
    this.#limiters = {
      sign_in: limiter('sign_in'),
      sign_in_day: limiter('sign_in_day'),
      sign_in_account: limiter('sign_in_account'),
      sign_in_address: limiter('sign_in_address'),
      api: limiter('api'),
      page: limiter('page'),
    };
  }

  /**
   * Takes one from the subject's window.
   * @throws DomainError `rate_limited` with the seconds to wait; `unavailable` when sign-in cannot be counted
   */
  async take(kind: LimitKind, subject: string): Promise<Allowance> {
    const key = `${kind}:${subject}`;
    for (;;) {
      const current = this.#leases.get(key) ?? this.#renew(kind, subject, key);
      const lease = await current;
      if (Date.now() >= lease.until || (lease.left <= 0 && !lease.isRefused)) {
        if (this.#leases.get(key) === current) {
          this.#leases.delete(key);
        }
        continue;
      }
      if (lease.isRefused) {
        const seconds = Math.max(1, Math.ceil((lease.until - Date.now()) / 1000));
        throw new DomainError('rate_limited', `Too many requests. Try again in ${seconds} s.`, {
          retryAfterSeconds: seconds,
          rateLimit: `"${kind}";r=0;t=${seconds}`,
        });
      }
      lease.left -= 1;
      return { ...lease.allowance, remaining: lease.allowance.remaining + lease.left };
    }
  }

  /** @throws when the store does not answer */
  async ping(): Promise<void> {
    await this.#redis.ping();
  }

  /** Gives one back: who signs in is not counted, only who fails to. */
  async giveBack(kind: LimitKind, subject: string): Promise<void> {
    await this.#limiters[kind].limit(subject, { rate: -1 }).catch((error: unknown) => {
      console.warn('a share could not be given back', error instanceof Error ? error.message : 'unknown');
    });
  }

  /** Requests that arrive meanwhile wait for the same answer. */
  #renew(kind: LimitKind, subject: string, key: string): Promise<Lease> {
    this.#forgetExpired();
    const lease = this.#lease(kind, subject);
    this.#leases.set(key, lease);
    lease.catch(() => this.#leases.delete(key));
    return lease;
  }

  async #lease(kind: LimitKind, subject: string): Promise<Lease> {
    const { limit } = this.#settings[kind]!;
    const portion = UNLEASED.has(kind) ? 1 : Math.max(1, Math.min(LARGEST_PORTION, Math.floor(limit * PORTION)));
    try {
      const answer = await this.#limiters[kind].limit(subject, { rate: portion });
      if (answer.reason === 'timeout') {
        throw new Error('Upstash did not answer in time');
      }
      const resetSeconds = Math.max(1, Math.ceil((answer.reset - Date.now()) / 1000));
      return {
        left: answer.success ? portion : 0,
        until: Math.max(answer.reset, Date.now() + 1),
        isRefused: !answer.success,
        allowance: { limit, remaining: Math.max(0, answer.remaining), resetSeconds },
      };
    } catch (error) {
      console.warn('rate limits cannot be counted', error instanceof Error ? error.message : 'unknown');
      if (UNLEASED.has(kind)) {
        throw new DomainError('unavailable', 'Sign-in is not available for the moment.', { retryAfterSeconds: 5 });
      }
      return {
        left: portion,
        until: Date.now() + 5_000,
        isRefused: false,
        allowance: { limit, remaining: limit, resetSeconds: 5 },
      };
    }
  }

  #forgetExpired(): void {
    if (this.#leases.size > 10_000) {
      this.#leases.clear();
    }
  }
}
