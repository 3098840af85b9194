import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { hashSecret } from '../../../tenants/credentials.ts';
import type { Answered } from '../../auth/passkeys.ts';
import { passkey } from './schemas.ts';

const nothing = v.object({});
const idRow = v.object({ id: v.string() });
const countRow = v.object({ count: v.number() });
const describedRow = v.object({ credential_id: v.string(), transports: v.array(v.string()) });
const ownedRow = v.object({
  id: v.string(),
  credential_id: v.string(),
  public_key: v.string(),
  user_id: v.string(),
  email: v.string(),
  user_name: v.string(),
});

function columns(host: string) {
  return sql.fragment`p.id, p.name, p.host, p.host = ${host} AS is_here, p.last_used_at, p.version, p.created_at`;
}

export function selectOwn(tx: CommonQueryMethods, userId: string, host: string) {
  return tx.any(sql.type(passkey)`
    SELECT ${columns(host)} FROM passkeys p WHERE p.user_id = ${userId}::uuid ORDER BY p.created_at, p.id`);
}

export function selectOneOwn(tx: CommonQueryMethods, userId: string, id: string, host: string) {
  return tx.maybeOne(sql.type(passkey)`
    SELECT ${columns(host)} FROM passkeys p WHERE p.user_id = ${userId}::uuid AND p.id = ${id}`);
}

/** What a device is asked not to make again: one passkey per account, device and host. */
export function selectDescriptors(tx: CommonQueryMethods, userId: string, host: string) {
  return tx.any(sql.type(describedRow)`
    SELECT p.credential_id, p.transports FROM passkeys p WHERE p.user_id = ${userId} AND p.host = ${host} ORDER BY p.id`);
}

/** Of somebody who can sign in, on the host that it was made on. */
export function selectCredential(tx: CommonQueryMethods, credentialId: string, host: string) {
  return tx.maybeOne(sql.type(ownedRow)`
    SELECT p.id, p.credential_id, p.public_key, u.id AS user_id, u.email, u.name AS user_name
    FROM passkeys p
    JOIN users u ON u.id = p.user_id AND u.status = 'active'
    WHERE p.credential_id = ${credentialId} AND p.host = ${host}`);
}

/** Spends a challenge, once: true for the first who does. */
export async function spendChallenge(tx: CommonQueryMethods, { challenge, endsAt }: Answered): Promise<boolean> {
  const { rowCount } = await tx.query(sql.type(nothing)`
    INSERT INTO spent_challenges (hash, expires_at) VALUES (${hashSecret(challenge)}, ${endsAt.toISOString()})
    ON CONFLICT DO NOTHING`);
  return rowCount === 1;
}

type NewPasskey = {
  id: string;
  userId: string;
  name: string;
  host: string;
  credentialId: string;
  publicKey: string;
  counter: number;
  transports: readonly string[];
};

export function insertPasskey(tx: CommonQueryMethods, made: NewPasskey) {
  return tx.one(sql.type(passkey)`
    INSERT INTO passkeys AS p (id, user_id, name, host, credential_id, public_key, counter, transports)
    VALUES (${made.id}, ${made.userId}, ${made.name}, ${made.host}, ${made.credentialId}, ${made.publicKey}, ${made.counter},
      ${sql.array([...made.transports], 'text')})
    RETURNING ${columns(made.host)}`);
}

/** How many somebody has, counted under a lock on them, so that two at once do not both find room. */
export async function countOwn(tx: CommonQueryMethods, userId: string): Promise<number> {
  await tx.one(sql.type(idRow)`SELECT u.id FROM users u WHERE u.id = ${userId} FOR UPDATE`);
  const { count } = await tx.one(sql.type(countRow)`SELECT count(*) FROM passkeys WHERE user_id = ${userId}`);
  return count;
}

/** Notes a use with a count that is higher than before, or 0 for devices that do not count; null for any other. */
export function countUse(tx: CommonQueryMethods, id: string, counter: number) {
  return tx.maybeOne(sql.type(idRow)`
    UPDATE passkeys SET counter = ${counter}, last_used_at = now()
    WHERE id = ${id} AND (counter < ${counter} OR (counter = 0 AND ${counter} = 0))
    RETURNING id`);
}

/** The session of this token was opened with that passkey. */
export async function markSession(tx: CommonQueryMethods, token: string, passkeyId: string): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE sessions SET passkey_id = ${passkeyId} WHERE id = ${hashSecret(token)}`);
}

export function renamePasskey(
  tx: CommonQueryMethods,
  change: { userId: string; id: string; name: string; host: string; expectedVersion: number | undefined },
) {
  const version = change.expectedVersion ?? null;
  return tx.maybeOne(sql.type(passkey)`
    UPDATE passkeys AS p SET name = ${change.name}
    WHERE p.user_id = ${change.userId}::uuid AND p.id = ${change.id}
      AND (${version}::integer IS NULL OR p.version = ${version}::integer)
    RETURNING ${columns(change.host)}`);
}

/** Removes a passkey, and the sessions that it opened but for the current one. */
export async function deletePasskey(tx: CommonQueryMethods, userId: string, id: string, currentSession: string) {
  await tx.query(sql.type(nothing)`
    DELETE FROM sessions
    WHERE user_id = ${userId}::uuid AND passkey_id = ${id} AND id <> ${hashSecret(currentSession)}`);
  return tx.maybeOne(sql.type(idRow)`
    DELETE FROM passkeys WHERE user_id = ${userId}::uuid AND id = ${id} RETURNING id`);
}
