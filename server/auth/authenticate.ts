import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import { hashSecret } from '../../tenants/credentials.ts';
import { addressOf } from '../doors/call.ts';
import type { Actor } from '../operations/actor.ts';
import { DomainError } from '../operations/errors.ts';
import type { Runtime } from '../operations/execute.ts';
import { sessionCookie } from './cookie.ts';
import { grantsOf, heldRole } from './grants.ts';
import { viewAs } from './impersonation.ts';
import { sessionsOn, touchSession } from './sessions.ts';

/** Who a request comes from, and the cookie to send again when the session was prolonged. */
export type Authenticated = {
  readonly actor: Actor;
  readonly by: 'key' | 'cookie';
  readonly cookie?: string;
  /** The rights were not read again for this request. */
  readonly isRemembered?: true;
};

const nothing = v.object({});
const keyRow = v.object({
  id: v.string(),
  name: v.string(),
  ...heldRole.entries,
  expires_at: v.nullable(v.string()),
  access_version: v.number(),
  prefix: v.string(),
  is_due: v.boolean(),
});

/** The API key of an Authorization header, or null when there is no such header. */
export function bearerKey(headers: Headers): string | null {
  const header = headers.get('authorization');
  return header === null ? null : (/^Bearer +(\S{1,200})$/i.exec(header)?.[1] ?? '');
}

async function authenticateKey(runtime: Runtime, key: string, address: string): Promise<Authenticated> {
  const keyHash = hashSecret(key);
  const row = await runtime.withPool(async (pool) => {
    const found = await selectKey(pool, keyHash);
    if (found?.is_due) {
      await touchKey(pool, found.id, found.prefix, address);
    }
    return found;
  });
  if (!row) {
    runtime.keys.forget(keyHash);
    throw new DomainError('unauthenticated', 'This API key is unknown, revoked or expired.');
  }
  const type = row.key === 'ai_agent' ? 'ai_agent' : 'system';
  const { id, name, access_version: accessVersion } = row;
  const actor: Actor = { type, id, name, accessVersion, grants: grantsOf([row], runtime.permissions) };
  runtime.keys.remember(keyHash, actor, row.expires_at);
  return { actor, by: 'key' };
}

/** The key of a secret: of its own, or of the one before while that still works; it holds until the first of both ends. */
function selectKey(pool: CommonQueryMethods, keyHash: string) {
  return pool.maybeOne(sql.type(keyRow)`
    SELECT k.id, k.name, r.key, r.permissions, k.merchant_org_id, k.merchant_id, s.version AS access_version,
      least(k.expires_at, CASE WHEN k.key_hash <> ${keyHash} THEN k.previous_ends_at END) AS expires_at,
      CASE WHEN k.key_hash = ${keyHash} THEN k.prefix ELSE k.previous_prefix END AS prefix,
      NOT EXISTS (
        SELECT FROM api_key_uses u
        WHERE u.api_key_id = k.id AND u.prefix = CASE WHEN k.key_hash = ${keyHash} THEN k.prefix ELSE k.previous_prefix END
          AND u.last_used_at > now() - interval '1 hour') AS is_due
    FROM api_keys k
    JOIN roles r ON r.id = k.role_id
    CROSS JOIN access_state s
    WHERE (k.key_hash = ${keyHash} OR (k.previous_key_hash = ${keyHash} AND k.previous_ends_at > now()))
      AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())`);
}

/** Notes that a secret is in use: at most one write an hour, and never one that a request fails for. */
async function touchKey(pool: CommonQueryMethods, id: string, prefix: string, address: string): Promise<void> {
  await pool
    .query(sql.type(nothing)`
      INSERT INTO api_key_uses AS u (api_key_id, prefix, address) VALUES (${id}, ${prefix}, ${address})
      ON CONFLICT (api_key_id, prefix) DO UPDATE SET last_used_at = now(), address = excluded.address
      WHERE u.last_used_at < now() - interval '1 hour'`)
    .catch((error) => console.warn('the use of a key could not be noted', error instanceof Error ? error.name : ''));
}

async function authenticateCookie(runtime: Runtime, request: Request): Promise<Authenticated | null> {
  const cookies = sessionCookie(new URL(request.url).protocol === 'https:');
  const sessionId = cookies.parse(request.headers.get('cookie') ?? '');
  if (!sessionId || sessionId.length > 200) {
    return null;
  }
  return runtime.withPool(async (pool) => {
    const { session, user } = await sessionsOn(pool).validateSession(sessionId);
    if (!session) {
      return null;
    }
    if (session.is_due) {
      await touchSession(pool, sessionId);
    }
    const { email, name, roles, must_enrol: mustEnrol, access_version: accessVersion, impersonation } = user;
    const self: Actor = {
      type: 'staff',
      id: user.id,
      name,
      email,
      sessionId,
      accessVersion,
      ...(mustEnrol ? { mustEnrol } : {}),
      grants: mustEnrol ? [] : grantsOf(roles, runtime.permissions),
    };
    const actor = impersonation ? viewAs(self, impersonation, runtime.permissions) : self;
    const isProlonged = session.fresh || session.is_due;
    return { actor, by: 'cookie', ...(isProlonged ? { cookie: cookies.createCookie(sessionId).serialize() } : {}) };
  });
}

/**
 * Finds out who a request comes from: an API key, else the session cookie, else nobody (null).
 * With `mayRemember` a key that this home has seen is not read again; only for operations whose unit of work checks
 * the access version that comes with it.
 * @throws DomainError `unauthenticated` for a key that does not hold
 */
export async function authenticate(
  runtime: Runtime,
  request: Request,
  options: { mayRemember?: boolean } = {},
): Promise<Authenticated | null> {
  const key = bearerKey(request.headers);
  if (key === null) {
    return authenticateCookie(runtime, request);
  }
  const remembered = options.mayRemember ? runtime.keys.recall(hashSecret(key)) : null;
  return remembered
    ? { actor: remembered, by: 'key', isRemembered: true }
    : authenticateKey(runtime, key, addressOf(request.headers));
}
