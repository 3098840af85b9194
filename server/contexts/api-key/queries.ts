import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { listPage } from '../../operations/list.ts';
import { apiKey, type apiKeyCreateInput, type apiKeyListInput } from './schemas.ts';

const columns = sql.fragment`k.id, k.name, k.prefix, k.role_id, k.merchant_org_id, k.merchant_id, k.expires_at, k.revoked_at, k.version,
  k.created_at, k.updated_at`;

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
      where: [],
    },
    input,
  );
}

export function insertApiKey(
  tx: CommonQueryMethods,
  id: string,
  input: v.InferOutput<typeof apiKeyCreateInput>,
  secret: { hash: string; prefix: string },
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

/** Revokes for good; revoking again changes nothing. Null when there is no such key, or not at that version. */
export function revokeApiKey(tx: CommonQueryMethods, id: string, expectedVersion?: number) {
  const version = expectedVersion ?? null;
  return tx.maybeOne(sql.type(apiKey)`
    UPDATE api_keys AS k SET revoked_at = coalesce(k.revoked_at, now())
    WHERE k.id = ${id} AND (${version}::integer IS NULL OR k.version = ${version}::integer)
    RETURNING ${columns}`);
}
