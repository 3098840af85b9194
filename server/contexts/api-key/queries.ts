import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { contains, equals, listPage } from '../../operations/list.ts';
import { apiKey, type apiKeyCreateInput, type apiKeyListInput } from './schemas.ts';

const nothing = v.object({});
const endingRow = v.object({ name: v.string(), prefix: v.string(), expires_at: v.string() });

const state = sql.fragment`CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= now() THEN 'expired' ELSE 'active' END`;
const overlaps = sql.fragment`k.previous_ends_at > now() AND k.revoked_at IS NULL`;

function lastUse(column: FragmentSqlToken): FragmentSqlToken {
  return sql.fragment`(
    SELECT ${column} FROM api_key_uses u WHERE u.api_key_id = k.id ORDER BY u.last_used_at DESC, u.prefix LIMIT 1)`;
}

const columns = sql.fragment`k.id, k.name, k.prefix, k.role_id, (SELECT r.name FROM roles r WHERE r.id = k.role_id) AS role_name,
  k.merchant_org_id, k.merchant_id, ${state} AS state, k.expires_at, k.revoked_at,
  ${lastUse(sql.fragment`u.last_used_at`)} AS last_used_at, ${lastUse(sql.fragment`u.address`)} AS last_used_address,
  CASE WHEN ${overlaps} THEN k.previous_prefix END AS previous_prefix,
  CASE WHEN ${overlaps} THEN k.previous_ends_at END AS previous_ends_at,
  CASE WHEN ${overlaps} THEN (
    SELECT u.last_used_at FROM api_key_uses u WHERE u.api_key_id = k.id AND u.prefix = k.previous_prefix) END AS previous_used_at,
  k.version, k.created_at, k.updated_at`;

export function pageOfApiKeys(tx: CommonQueryMethods, input: v.InferOutput<typeof apiKeyListInput>) {
  return listPage(
    tx,
    {
      name: 'api_keys',
      row: apiKey,
      select: sql.fragment`SELECT ${columns} FROM api_keys k`,
      id: sql.fragment`k.id`,
      sorts: {
        created_at: { column: sql.fragment`k.created_at`, type: 'timestamptz' },
        name: { column: sql.fragment`k.name`, type: 'text' },
      },
      defaultSort: '-created_at',
      where: [
        contains([sql.fragment`k.name`, sql.fragment`k.prefix`], input.q),
        equals(state, input.state),
        input.role_id === undefined ? null : sql.fragment`k.role_id = ${input.role_id}::uuid`,
      ],
    },
    input,
  );
}

type Secret = { hash: string; prefix: string };

export function insertApiKey(
  tx: CommonQueryMethods,
  id: string,
  input: v.InferOutput<typeof apiKeyCreateInput>,
  secret: Secret,
) {
  return tx.one(sql.type(apiKey)`
    INSERT INTO api_keys AS k (id, name, prefix, key_hash, role_id, merchant_org_id, merchant_id, expires_at)
    VALUES (${id}, ${input.name}, ${secret.prefix}, ${secret.hash}, ${input.role_id}, ${input.merchant_org_id ?? null},
      ${input.merchant_id ?? null}, ${input.expires_at ?? null}::timestamptz)
    RETURNING ${columns}`);
}

export function selectApiKey(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(apiKey)`SELECT ${columns} FROM api_keys k WHERE k.id = ${id}`);
}

/** Locked until the transaction ends, so that what is decided about it still holds when it changes. */
export function lockApiKey(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(apiKey)`SELECT ${columns} FROM api_keys k WHERE k.id = ${id} FOR UPDATE OF k`);
}

/** The secret before works on until then, but never beyond what its own end was; the one before that ends at once. */
export async function rotateApiKey(
  tx: CommonQueryMethods,
  id: string,
  secret: Secret,
  overlapHours: number,
  expiresAt: string | null,
) {
  const rotated = await tx.one(sql.type(apiKey)`
    UPDATE api_keys AS k
    SET key_hash = ${secret.hash}, prefix = ${secret.prefix},
      previous_key_hash = CASE WHEN ${overlapHours} > 0 THEN k.key_hash END,
      previous_prefix = CASE WHEN ${overlapHours} > 0 THEN k.prefix END,
      previous_ends_at = CASE WHEN ${overlapHours} > 0 THEN least(k.expires_at, now() + make_interval(hours => ${overlapHours})) END,
      expires_at = coalesce(${expiresAt}::timestamptz, k.expires_at),
      expiry_warned_at = CASE WHEN ${expiresAt}::timestamptz IS NULL THEN k.expiry_warned_at END
    WHERE k.id = ${id}
    RETURNING ${columns}`);
  await tx.query(sql.type(nothing)`
    DELETE FROM api_key_uses u USING api_keys k
    WHERE u.api_key_id = ${id} AND k.id = u.api_key_id AND u.prefix IS DISTINCT FROM k.previous_prefix`);
  return rotated;
}

/** Revokes for good; revoking again changes nothing. Null when there is no such key, or not at that version. */
export function revokeApiKey(tx: CommonQueryMethods, id: string, expectedVersion?: number) {
  const version = expectedVersion ?? null;
  return tx.maybeOne(sql.type(apiKey)`
    UPDATE api_keys AS k SET revoked_at = coalesce(k.revoked_at, now())
    WHERE k.id = ${id} AND (${version}::integer IS NULL OR k.version = ${version}::integer)
    RETURNING ${columns}`);
}

/** Marks a key that still ends then, once; null when there is nothing to warn of. */
export function markWarned(tx: CommonQueryMethods, id: string, expiresAt: string) {
  return tx.maybeOne(sql.type(endingRow)`
    UPDATE api_keys AS k SET expiry_warned_at = now()
    WHERE k.id = ${id} AND k.revoked_at IS NULL AND k.expires_at = ${expiresAt}::timestamptz AND k.expires_at > now()
      AND k.expiry_warned_at IS NULL
    RETURNING k.name, k.prefix, k.expires_at`);
}
