import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { listPage } from '../../operations/list.ts';
import { role, type roleListInput } from './schemas.ts';

const { is_built_in: _isBuiltIn, ...entries } = role.entries;
const row = v.object(entries);
export type RoleRow = v.InferOutput<typeof row>;

const columns = sql.fragment`r.id, r.key, r.name, r.description, r.permissions, r.requires_second_factor, (
    SELECT count(DISTINCT a.user_id) FROM role_assignments a
    WHERE a.role_id = r.id AND (a.expires_at IS NULL OR a.expires_at > now())) AS holders,
  r.version, r.created_at, r.updated_at`;

export function pageOfRoles(tx: CommonQueryMethods, input: v.InferOutput<typeof roleListInput>) {
  return listPage(
    tx,
    {
      name: 'roles',
      row,
      select: sql.fragment`SELECT ${columns} FROM roles r`,
      id: sql.fragment`r.id`,
      sorts: {
        created_at: { column: sql.fragment`r.created_at`, type: 'timestamptz' },
        name: { column: sql.fragment`r.name`, type: 'text' },
      },
      defaultSort: 'created_at',
      where: [],
    },
    input,
  );
}

export function selectRole(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(row)`SELECT ${columns} FROM roles r WHERE r.id = ${id}`);
}

/** Reads a role that is about to change: nobody else changes it before this transaction ends. */
export function lockRole(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(row)`SELECT ${columns} FROM roles r WHERE r.id = ${id} FOR NO KEY UPDATE`);
}

const heldRow = v.object({ is_held: v.boolean() });

/** Whether a person holds the role, or a key has it. Expired assignments count: they can be prolonged. */
export function isHeldBy(tx: CommonQueryMethods, roleId: string, actorId: string) {
  return tx.oneFirst(sql.type(heldRow)`
    SELECT EXISTS (SELECT FROM role_assignments a WHERE a.role_id = ${roleId} AND a.user_id::text = ${actorId})
      OR EXISTS (SELECT FROM api_keys k WHERE k.role_id = ${roleId} AND k.id::text = ${actorId}) AS is_held`);
}

export function insertRole(
  tx: CommonQueryMethods,
  id: string,
  input: { name: string; description?: string | undefined; permissions: readonly string[] },
) {
  return tx.one(sql.type(row)`
    INSERT INTO roles AS r (id, name, description, permissions)
    VALUES (${id}, ${input.name}, ${input.description ?? ''}, ${sql.array([...input.permissions], 'text')})
    RETURNING ${columns}`);
}

export function updateRole(
  tx: CommonQueryMethods,
  id: string,
  change: { name: string; description: string; permissions: readonly string[] },
) {
  return tx.one(sql.type(row)`
    UPDATE roles AS r
    SET name = ${change.name}, description = ${change.description}, permissions = ${sql.array([...change.permissions], 'text')}
    WHERE r.id = ${id}
    RETURNING ${columns}`);
}

const usesRow = v.object({ people: v.number(), keys: v.number() });

/** Who has a role, whether it holds now or not. */
export function countUses(tx: CommonQueryMethods, id: string) {
  return tx.one(sql.type(usesRow)`
    SELECT (SELECT count(DISTINCT a.user_id) FROM role_assignments a WHERE a.role_id = ${id}) AS people,
      (SELECT count(*) FROM api_keys k WHERE k.role_id = ${id}) AS keys`);
}

export async function deleteRole(tx: CommonQueryMethods, id: string): Promise<void> {
  await tx.query(sql.type(v.object({}))`DELETE FROM roles WHERE id = ${id}`);
}

const holdingRow = v.object({
  holder_id: v.string(),
  holder_type: v.picklist(['user', 'api_key']),
  holder_name: v.string(),
  role_id: v.string(),
  key: v.nullable(v.string()),
  permissions: v.array(v.string()),
  merchant_org_id: v.nullable(v.string()),
  merchant_id: v.nullable(v.string()),
  place: v.nullable(v.string()),
});

/** Everything that whoever holds a role holds now; a merchant comes with its MerchantOrg. */
export function holdingsAround(tx: CommonQueryMethods, roleId: string) {
  return tx.any(sql.type(holdingRow)`
    WITH held AS (
      SELECT a.user_id AS holder_id, 'user' AS holder_type, u.name AS holder_name, a.role_id, a.merchant_org_id, a.merchant_id
      FROM role_assignments a
      JOIN users u ON u.id = a.user_id AND u.status <> 'disabled'
      WHERE (a.expires_at IS NULL OR a.expires_at > now())
        AND a.user_id IN (SELECT h.user_id FROM role_assignments h WHERE h.role_id = ${roleId})
      UNION ALL
      SELECT k.id, 'api_key', k.name, k.role_id, k.merchant_org_id, k.merchant_id
      FROM api_keys k
      WHERE k.role_id = ${roleId} AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()))
    SELECT h.holder_id, h.holder_type, h.holder_name, h.role_id, r.key, r.permissions,
      coalesce(h.merchant_org_id, m.merchant_org_id) AS merchant_org_id, h.merchant_id, coalesce(m.name, o.name) AS place
    FROM held h
    JOIN roles r ON r.id = h.role_id
    LEFT JOIN merchants m ON m.id = h.merchant_id
    LEFT JOIN merchant_orgs o ON o.id = h.merchant_org_id
    ORDER BY h.holder_name, h.holder_id, place`);
}
