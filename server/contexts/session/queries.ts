import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { hashSecret } from '../../../tenants/credentials.ts';

const nothing = v.object({});
const idRow = v.object({ id: v.string() });
const knownRow = v.object({ is_known: v.boolean() });
const seenRow = v.object({ is_new: v.boolean() });
const ownRow = v.object({
  id: v.string(),
  user_agent: v.nullable(v.string()),
  address: v.nullable(v.string()),
  is_current: v.boolean(),
  created_at: v.string(),
  last_used_at: v.string(),
  expires_at: v.string(),
});

/** The same work for an account that does not exist. */
export async function isKnownNetwork(tx: CommonQueryMethods, email: string, network: string): Promise<boolean> {
  const { is_known: isKnown } = await tx.one(sql.type(knownRow)`
    SELECT EXISTS (
      SELECT FROM known_devices k JOIN users u ON u.id = k.user_id
      WHERE u.email = ${email} AND k.network = ${network}) AS is_known`);
  return isKnown;
}

/** Remembers from where somebody signed in. True when that is new, and not the very first time. */
export async function rememberDevice(
  tx: CommonQueryMethods,
  userId: string,
  network: string,
  device: string,
): Promise<boolean> {
  const { is_new: isNew } = await tx.one(sql.type(seenRow)`
    WITH before AS (
      SELECT count(*) AS known, count(*) FILTER (WHERE network = ${network} AND device = ${device}) AS same
      FROM known_devices WHERE user_id = ${userId}),
    kept AS (
      INSERT INTO known_devices (user_id, network, device) VALUES (${userId}, ${network}, ${device})
      ON CONFLICT (user_id, network, device) DO UPDATE SET seen_at = now())
    SELECT known > 0 AND same = 0 AS is_new FROM before`);
  return isNew;
}

/** The sessions that still open something, the one used last first. */
export function ownSessions(tx: CommonQueryMethods, userId: string, current: string) {
  return tx.any(sql.type(ownRow)`
    SELECT s.handle AS id, s.user_agent, s.address, s.id = ${hashSecret(current)} AS is_current, s.created_at, s.last_used_at,
      least(s.expires_at, s.created_at + interval '30 days') AS expires_at
    FROM sessions s
    WHERE s.user_id = ${userId}::uuid AND s.expires_at > now() AND s.created_at > now() - interval '30 days'
    ORDER BY s.last_used_at DESC, s.handle DESC
    LIMIT 200`);
}

export function deleteOwnSession(tx: CommonQueryMethods, userId: string, handle: string) {
  return tx.maybeOne(sql.type(idRow)`
    DELETE FROM sessions WHERE user_id = ${userId}::uuid AND handle = ${handle} RETURNING handle AS id`);
}

/** @returns how many ended */
export async function deleteOtherSessions(tx: CommonQueryMethods, userId: string, current: string): Promise<number> {
  const { rowCount } = await tx.query(sql.type(nothing)`
    DELETE FROM sessions WHERE user_id = ${userId}::uuid AND id <> ${hashSecret(current)}`);
  return rowCount;
}
