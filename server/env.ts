import * as v from 'valibot';
import type { Directory } from './directory.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { TenantHome } from './tenant-home.ts';

const limit = v.strictObject({
  limit: v.pipe(v.number(), v.integer(), v.minValue(1)),
  window: v.pipe(v.string(), v.regex(/^\d+ ?(ms|s|m|h|d)$/)),
});
const limits = v.strictObject({
  sign_in: v.optional(limit),
  sign_in_day: v.optional(limit),
  sign_in_account: v.optional(limit),
  sign_in_address: v.optional(limit),
  api: v.optional(limit),
  page: v.optional(limit),
});

/** The settings of the worker. Secrets: MASTER_SECRET, and the token of Upstash. */
export const settingsSchema = v.object({
  BASE_DOMAIN: v.pipe(v.string(), v.minLength(1)),
  /** Of a local system, where portals are at a port of their own. */
  PORT: v.optional(v.string()),
  /** The control plane's database, without credentials: `postgres://host:5432/scp?transport=neon` … (db/endpoint.ts). */
  DATABASE_URL: v.pipe(v.string(), v.minLength(1)),
  /** At least 32 bytes in hex. Every role's password is derived from it. */
  MASTER_SECRET: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2}){32,}$/i, 'must be at least 32 bytes in hex')),
  UPSTASH_REDIS_REST_URL: v.pipe(v.string(), v.url()),
  UPSTASH_REDIS_REST_TOKEN: v.pipe(v.string(), v.minLength(1)),
  /** `on` keeps all mail in a mailbox in the portal, open to owners and admins: for a system on one's own machine alone. */
  LOCAL_MAILBOX: v.optional(v.picklist(['', 'on'])),
  /** The sandbox takes cards: on a local system, or where it is wanted for trying things out. */
  SANDBOX_PAYMENTS: v.optional(v.picklist(['', 'on'])),
  /** JSON that replaces rate limits: `{"api": {"limit": 60000, "window": "1 m"}}`. */
  RATE_LIMITS: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => text === '' || v.is(limits, JSON.parse(text)), 'must be JSON of rate limits'),
    ),
  ),
});
export type Settings = v.InferOutput<typeof settingsSchema>;
export type RateLimitSettings = v.InferOutput<typeof limits>;

/** The stub of an object whose methods are called over RPC. */
type Remote<T> = Fetcher & { [K in keyof T as T[K] extends (...args: never[]) => Promise<unknown> ? K : never]: T[K] };

/** What the edge runtime hands to the worker. */
export type Env = Settings & {
  readonly TENANTS: DurableObjectNamespace<Remote<TenantHome>>;
  readonly DIRECTORY: DurableObjectNamespace<Remote<Directory>>;
  readonly PASSWORDS: Remote<PasswordHasher>;
  readonly ASSETS: Fetcher;
};

/** Checks the settings once, at the entry: a missing one is named, never its value. */
export function checkSettings(env: object): Settings {
  const result = v.safeParse(settingsSchema, env);
  if (!result.success) {
    const names = result.issues.map((issue) => issue.path?.map((item) => String(item.key)).join('.'));
    throw new Error(`These settings are missing or wrong: ${[...new Set(names)].join(', ')}`);
  }
  return result.output;
}
