import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';

const nothing = v.object({});
const ownerRow = v.object({ id: v.string(), email: v.string(), name: v.string() });
const credentialsRow = v.object({
  ...ownerRow.entries,
  password_hash: v.nullable(v.string()),
  is_recent: v.boolean(),
});

/** `is_recent`: their session was opened within ten minutes. */
export function selectOwnCredentials(tx: CommonQueryMethods, userId: string, sessionHash: string) {
  return tx.maybeOne(sql.type(credentialsRow)`
    SELECT u.id, u.email, u.name, u.password_hash, EXISTS (
      SELECT FROM sessions s
      WHERE s.id = ${sessionHash} AND s.user_id = u.id AND s.created_at > now() - interval '10 minutes') AS is_recent
    FROM users u
    WHERE u.id = ${userId}::uuid AND u.status = 'active'`);
}

/** Null when the password is not any more the one that was checked. */
export function updatePassword(tx: CommonQueryMethods, userId: string, before: string, passwordHash: string) {
  return tx.maybeOne(sql.type(ownerRow)`
    UPDATE users SET password_hash = ${passwordHash}
    WHERE id = ${userId} AND status = 'active' AND password_hash = ${before}
    RETURNING id, email, name`);
}

/** Whose link it is: null when it is unknown, used or expired, or its owner cannot sign in. */
export function selectResetOwner(tx: CommonQueryMethods, tokenHash: string) {
  return tx.maybeOne(sql.type(ownerRow)`
    SELECT u.id, u.email, u.name
    FROM password_resets p
    JOIN users u ON u.id = p.user_id AND u.status = 'active'
    WHERE p.token_hash = ${tokenHash} AND p.used_at IS NULL AND p.expires_at > now()`);
}

/** A new link makes the ones before it void. Answers when it ends. */
export async function replaceReset(tx: CommonQueryMethods, userId: string, tokenHash: string): Promise<string> {
  await tx.query(sql.type(nothing)`DELETE FROM password_resets WHERE user_id = ${userId}`);
  return tx.oneFirst(sql.type(v.object({ expires_at: v.string() }))`
    INSERT INTO password_resets (user_id, token_hash, expires_at) VALUES (${userId}, ${tokenHash}, now() + interval '1 hour')
    RETURNING expires_at`);
}

/** Uses a link up, once. */
export function consumeReset(tx: CommonQueryMethods, tokenHash: string, passwordHash: string) {
  return tx.maybeOne(sql.type(ownerRow)`
    WITH used AS (
      UPDATE password_resets SET used_at = now()
      WHERE token_hash = ${tokenHash} AND used_at IS NULL AND expires_at > now()
      RETURNING user_id)
    UPDATE users u SET password_hash = ${passwordHash}
    FROM used
    WHERE u.id = used.user_id AND u.status = 'active'
    RETURNING u.id, u.email, u.name`);
}
