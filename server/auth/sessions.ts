import { type Adapter, type DatabaseSession, type DatabaseUser, Lucia, TimeSpan } from 'lucia';
import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import { hashSecret } from '../../tenants/credentials.ts';
import type { Context } from '../operations/operation.ts';
import { type HeldRole, heldRole } from './grants.ts';
import { type CarriedImpersonation, carriedImpersonation } from './impersonation.ts';

declare module 'lucia' {
  interface Register {
    Lucia: Lucia<SessionAttributes, UserAttributes>;
    UserId: string;
    DatabaseUserAttributes: UserAttributes;
    DatabaseSessionAttributes: SessionAttributes;
  }
}

type SessionAttributes = {
  address: string | null;
  user_agent: string | null;
  is_due: boolean;
  has_vouched_factor: boolean;
};
type UserAttributes = {
  email: string;
  name: string;
  roles: HeldRole[];
  must_enrol: boolean;
  access_version: number;
  impersonation: CarriedImpersonation | null;
};

const IDLE_DAYS = 14;
const ABSOLUTE_DAYS = 30;

const nothing = v.object({});
const sessionRow = v.object({
  id: v.string(),
  user_id: v.string(),
  expires_at: v.string(),
  address: v.nullable(v.string()),
  user_agent: v.nullable(v.string()),
  is_due: v.boolean(),
  has_vouched_factor: v.boolean(),
});
const columns = sql.fragment`s.id, s.user_id, s.expires_at, s.address, s.user_agent, s.has_vouched_factor, s.last_used_at < now() - interval '1 hour' AS is_due`;
const sessionAndUserRow = v.object({
  ...sessionRow.entries,
  email: v.string(),
  name: v.string(),
  roles: v.array(heldRole),
  must_enrol: v.boolean(),
  access_version: v.number(),
  impersonation: v.nullable(carriedImpersonation),
});

/** Lucia on our tables. Session ids are stored as their SHA-256: who reads the table cannot sign in with it. */
function adapterOn(tx: CommonQueryMethods): Adapter {
  const toSession = (id: string, row: v.InferOutput<typeof sessionRow>): DatabaseSession => ({
    id,
    userId: row.user_id,
    expiresAt: new Date(row.expires_at),
    attributes: row,
  });
  return {
    async getSessionAndUser(id): Promise<[DatabaseSession | null, DatabaseUser | null]> {
      const row = await tx.maybeOne(sql.type(sessionAndUserRow)`
        SELECT ${columns}, u.email, u.name, session_impersonation(s.handle) AS impersonation,
          s.passkey_id IS NULL AND NOT s.has_vouched_factor AND must_enrol(u.id) AS must_enrol, held_roles(u.id) AS roles,
          (SELECT a.version FROM access_state a) AS access_version
        FROM sessions s
        JOIN users u ON u.id = s.user_id AND u.status = 'active'
        WHERE s.id = ${hashSecret(id)} AND s.created_at > now() - make_interval(days => ${ABSOLUTE_DAYS})`);
      return row ? [toSession(id, row), { id: row.user_id, attributes: row }] : [null, null];
    },
    async getUserSessions(userId) {
      const rows = await tx.any(sql.type(sessionRow)`SELECT ${columns} FROM sessions s WHERE s.user_id = ${userId}`);
      return rows.map((row) => toSession(row.id, row));
    },
    async setSession({ id, userId, expiresAt, attributes }) {
      await tx.query(sql.type(nothing)`
        INSERT INTO sessions (id, user_id, expires_at, address, user_agent, has_vouched_factor)
        VALUES (${hashSecret(id)}, ${userId}, ${expiresAt.toISOString()}, ${attributes.address}, ${attributes.user_agent},
          ${attributes.has_vouched_factor})`);
    },
    async updateSessionExpiration(id, expiresAt) {
      await prolong(tx, id, expiresAt);
    },
    async deleteSession(id) {
      await tx.query(sql.type(nothing)`DELETE FROM sessions WHERE id = ${hashSecret(id)}`);
    },
    async deleteUserSessions(userId) {
      await tx.query(sql.type(nothing)`DELETE FROM sessions WHERE user_id = ${userId}`);
    },
    async deleteExpiredSessions() {
      await tx.query(sql.type(nothing)`DELETE FROM sessions WHERE expires_at <= now()`);
    },
  };
}

/** Never beyond the absolute end; writes nothing when there is nothing to add. */
async function prolong(tx: CommonQueryMethods, id: string, until: Date): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE sessions
    SET last_used_at = now(), expires_at = least(${until.toISOString()}, created_at + make_interval(days => ${ABSOLUTE_DAYS}))
    WHERE id = ${hashSecret(id)}
      AND (last_used_at < now() - interval '1 hour' OR expires_at < created_at + make_interval(days => ${ABSOLUTE_DAYS}))`);
}

/** Notes that a session is in use: at most one write an hour. */
export function touchSession(tx: CommonQueryMethods, id: string): Promise<void> {
  return prolong(tx, id, new Date(Date.now() + IDLE_DAYS * 86_400_000));
}

/**
 * Opens a session under an id that nobody knew before, and forgets the one that it replaces.
 * @param isVouched a provider that is trusted in this has seen a second factor
 */
export async function openSession(
  ctx: Context,
  userId: string,
  replaces?: string,
  isVouched = false,
): Promise<{ token: string; expires_at: string }> {
  const sessions = sessionsOn(ctx.tx);
  if (replaces) {
    await sessions.invalidateSession(replaces);
  }
  const { address = null, userAgent = null } = ctx.call;
  const opened = await sessions.createSession(userId, {
    address,
    user_agent: userAgent,
    is_due: false,
    has_vouched_factor: isVouched,
  });
  return { token: opened.id, expires_at: opened.expiresAt.toISOString() };
}

/** The session manager on a pool or inside a transaction. Sessions end after 14 idle days, and after 30 in any case. */
export function sessionsOn(tx: CommonQueryMethods) {
  return new Lucia(adapterOn(tx), {
    sessionExpiresIn: new TimeSpan(IDLE_DAYS, 'd'),
    getUserAttributes: (attributes) => attributes,
    getSessionAttributes: (attributes) => attributes,
  });
}
