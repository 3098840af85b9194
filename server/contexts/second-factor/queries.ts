import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { roleRequirement, secondFactor } from './schemas.ts';

const nothing = v.object({});
const idRow = v.object({ id: v.string() });
const factorRow = v.object({ sealed_secret: v.string(), last_step: v.number() });
const ownerRow = v.object({ id: v.string(), email: v.string() });

export function selectState(tx: CommonQueryMethods, userId: string) {
  return tx.one(sql.type(secondFactor)`
    SELECT f.confirmed_at IS NOT NULL AS is_enabled, f.confirmed_at AS enabled_at,
      EXISTS (
        SELECT FROM role_assignments a
        JOIN roles r ON r.id = a.role_id AND r.requires_second_factor
        WHERE a.user_id = ${userId}::uuid AND (a.expires_at IS NULL OR a.expires_at > now())) AS is_required,
      (SELECT count(*) FROM recovery_codes c WHERE c.user_id = ${userId}::uuid AND c.used_at IS NULL) AS recovery_codes_left,
      EXISTS (SELECT FROM users u WHERE u.id = ${userId}::uuid AND u.password_hash IS NOT NULL) AS has_password
    FROM (SELECT 1) AS one
    LEFT JOIN second_factors f ON f.id = ${userId}::uuid`);
}

export function isConfirmed(tx: CommonQueryMethods, userId: string): Promise<boolean> {
  return tx.exists(
    sql.type(nothing)`SELECT FROM second_factors f WHERE f.id = ${userId} AND f.confirmed_at IS NOT NULL`,
  );
}

/** Locked until the transaction ends, so that one code is used once. */
export function lockFactor(tx: CommonQueryMethods, userId: string, isConfirmed: boolean) {
  return tx.maybeOne(sql.type(factorRow)`
    SELECT f.sealed_secret, f.last_step
    FROM second_factors f
    WHERE f.id = ${userId} AND (f.confirmed_at IS NOT NULL) = ${isConfirmed}
    FOR UPDATE`);
}

/** Begins anew; null when there is a confirmed factor already. */
export function upsertUnconfirmed(tx: CommonQueryMethods, userId: string, sealedSecret: string) {
  return tx.maybeOne(sql.type(idRow)`
    INSERT INTO second_factors AS f (id, sealed_secret) VALUES (${userId}, ${sealedSecret})
    ON CONFLICT (id) DO UPDATE SET sealed_secret = excluded.sealed_secret WHERE f.confirmed_at IS NULL
    RETURNING id`);
}

export async function spendStep(tx: CommonQueryMethods, userId: string, step: number): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE second_factors SET last_step = ${step}, confirmed_at = coalesce(confirmed_at, now()) WHERE id = ${userId}`);
}

export function spendRecoveryCode(tx: CommonQueryMethods, userId: string, codeHash: string) {
  return tx.maybeOne(sql.type(idRow)`
    UPDATE recovery_codes SET used_at = now()
    WHERE user_id = ${userId} AND code_hash = ${codeHash} AND used_at IS NULL
    RETURNING id`);
}

export async function replaceCodes(tx: CommonQueryMethods, userId: string, hashes: readonly string[]): Promise<void> {
  await tx.query(sql.type(nothing)`DELETE FROM recovery_codes WHERE user_id = ${userId}`);
  await tx.query(sql.type(nothing)`
    INSERT INTO recovery_codes (user_id, code_hash) SELECT ${userId}, hash FROM ${sql.unnest(
      hashes.map((hash) => [hash]),
      ['text'],
    )} AS given (hash)`);
}

export function deleteFactor(tx: CommonQueryMethods, userId: string) {
  return tx.maybeOne(sql.type(idRow)`DELETE FROM second_factors WHERE id = ${userId} RETURNING id`);
}

/** A passkey is two factors: whoever has lost them needs new ones. @returns how many there were */
export async function deletePasskeys(tx: CommonQueryMethods, userId: string): Promise<number> {
  const { rowCount } = await tx.query(sql.type(nothing)`DELETE FROM passkeys WHERE user_id = ${userId}`);
  return rowCount;
}

export function selectUserAddress(tx: CommonQueryMethods, userId: string) {
  return tx.maybeOne(sql.type(ownerRow)`SELECT u.id, u.email FROM users u WHERE u.id = ${userId}`);
}

const roleColumns = sql.fragment`r.id, r.name, r.requires_second_factor`;

export function selectRequirements(tx: CommonQueryMethods) {
  return tx.any(sql.type(roleRequirement)`SELECT ${roleColumns} FROM roles r ORDER BY r.created_at, r.id`);
}

export function updateRequirement(tx: CommonQueryMethods, roleId: string, isRequired: boolean) {
  return tx.maybeOne(sql.type(roleRequirement)`
    UPDATE roles AS r SET requires_second_factor = ${isRequired} WHERE r.id = ${roleId} RETURNING ${roleColumns}`);
}
