import { type Adapter, type DatabaseSession, type DatabaseUser, Lucia, TimeSpan } from 'lucia';
import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import { hashSecret } from '../../tenants/credentials.ts';
import { type HeldRole, heldRole } from './grants.ts';

declare module 'lucia' {
  interface Register {
    Lucia: Lucia<{ address: string | null; user_agent: string | null }, UserAttributes>;
    UserId: string;
    DatabaseUserAttributes: UserAttributes;
    DatabaseSessionAttributes: { address: string | null; user_agent: string | null };
  }
}

type UserAttributes = { email: string; name: string; roles: HeldRole[] };

const nothing = v.object({});
const sessionRow = v.object({
  id: v.string(),
  user_id: v.string(),
  expires_at: v.string(),
  address: v.nullable(v.string()),
  user_agent: v.nullable(v.string()),
});
const sessionAndUserRow = v.object({
  ...sessionRow.entries,
  email: v.string(),
  name: v.string(),
  roles: v.array(heldRole),
});

/** Lucia on our tables. Session ids are stored as their SHA-256: who reads the table cannot sign in with it. */
function adapterOn(tx: CommonQueryMethods): Adapter {
  const toSession = (id: string, row: v.InferOutput<typeof sessionRow>): DatabaseSession => ({
    id,
    userId: row.user_id,
    expiresAt: new Date(row.expires_at),
    attributes: { address: row.address, user_agent: row.user_agent },
  });
  return {
    async getSessionAndUser(id): Promise<[DatabaseSession | null, DatabaseUser | null]> {
      const row = await tx.maybeOne(sql.type(sessionAndUserRow)`
        SELECT s.id, s.user_id, s.expires_at, s.address, s.user_agent, u.email, u.name,
          (SELECT coalesce(json_agg(json_build_object('key', r.key, 'permissions', r.permissions,
            'merchant_org_id', a.merchant_org_id, 'merchant_id', a.merchant_id)), '[]')
           FROM role_assignments a
           JOIN roles r ON r.id = a.role_id
           WHERE a.user_id = u.id AND (a.expires_at IS NULL OR a.expires_at > now())) AS roles
        FROM sessions s
        JOIN users u ON u.id = s.user_id AND u.status = 'active'
        WHERE s.id = ${hashSecret(id)}`);
      return row
        ? [toSession(id, row), { id: row.user_id, attributes: { email: row.email, name: row.name, roles: row.roles } }]
        : [null, null];
    },
    async getUserSessions(userId) {
      const rows = await tx.any(
        sql.type(
          sessionRow,
        )`SELECT id, user_id, expires_at, address, user_agent FROM sessions WHERE user_id = ${userId}`,
      );
      return rows.map((row) => toSession(row.id, row));
    },
    async setSession({ id, userId, expiresAt, attributes }) {
      await tx.query(sql.type(nothing)`
        INSERT INTO sessions (id, user_id, expires_at, address, user_agent)
        VALUES (${hashSecret(id)}, ${userId}, ${expiresAt.toISOString()}, ${attributes.address}, ${attributes.user_agent})`);
    },
    async updateSessionExpiration(id, expiresAt) {
      await tx.query(
        sql.type(nothing)`UPDATE sessions SET expires_at = ${expiresAt.toISOString()} WHERE id = ${hashSecret(id)}`,
      );
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

/** The session manager on a pool or inside a transaction. Sessions last 14 days and renew themselves while used. */
export function sessionsOn(tx: CommonQueryMethods) {
  return new Lucia(adapterOn(tx), {
    sessionExpiresIn: new TimeSpan(14, 'd'),
    getUserAttributes: (attributes) => attributes,
    getSessionAttributes: (attributes) => attributes,
  });
}
