import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, equals, inScope, listPage } from '../../operations/list.ts';
import type { Place } from '../../operations/may-grant.ts';
import { roleAssignment, type roleAssignmentListInput } from './schemas.ts';

const select = sql.fragment`
  SELECT a.id, a.user_id, u.name AS user_name, u.email AS user_email, u.status AS user_status,
    has_second_factor(u.id),
    rfc3339(last_seen(u.id)) AS last_seen_at,
    a.role_id, r.name AS role_name, a.merchant_org_id, a.merchant_id, coalesce(m.name, o.name) AS place, a.expires_at,
    coalesce(a.expires_at <= now(), false) AS is_expired, a.granted_by, g.name AS granted_by_name,
    a.version, a.created_at, a.updated_at
  FROM role_assignments a
  JOIN users u ON u.id = a.user_id
  JOIN roles r ON r.id = a.role_id
  LEFT JOIN merchants m ON m.id = a.merchant_id
  LEFT JOIN merchant_orgs o ON o.id = a.merchant_org_id
  LEFT JOIN users g ON g.id = a.granted_by`;

/** Assignments `a`, with the merchant `m` that they are for, within a scope. */
export function assignmentsWithin(scope: Scope): FragmentSqlToken | null {
  return inScope(scope, sql.fragment`coalesce(a.merchant_org_id, m.merchant_org_id)`, sql.fragment`a.merchant_id`);
}

const states = {
  current: sql.fragment`(a.expires_at IS NULL OR a.expires_at > now())`,
  expired: sql.fragment`a.expires_at <= now()`,
};

export function pageOfAssignments(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof roleAssignmentListInput>,
) {
  return listPage(
    tx,
    {
      name: 'role_assignments',
      row: roleAssignment,
      select,
      id: sql.fragment`a.id`,
      sorts: {
        created_at: { column: sql.fragment`a.created_at`, type: 'timestamptz' },
        user_name: { column: sql.fragment`u.name`, type: 'text' },
        role_name: { column: sql.fragment`r.name`, type: 'text' },
      },
      defaultSort: 'user_name',
      where: [
        assignmentsWithin(scope),
        equals(sql.fragment`a.user_id`, input.user_id),
        equals(sql.fragment`a.role_id`, input.role_id),
        equals(sql.fragment`a.merchant_org_id`, input.merchant_org_id),
        equals(sql.fragment`a.merchant_id`, input.merchant_id),
        input.state ? states[input.state] : null,
      ],
    },
    input,
  );
}

export function selectAssignment(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(roleAssignment)`
    ${select} WHERE ${allOf([sql.fragment`a.id = ${id}`, assignmentsWithin(scope)])}`);
}

export async function insertAssignment(
  tx: CommonQueryMethods,
  id: string,
  given: Place & { user_id: string; role_id: string; expires_at: string | null; granted_by: string | null },
): Promise<void> {
  const org = given.merchant_id === null ? given.merchant_org_id : null;
  await tx.query(sql.type(v.object({}))`
    INSERT INTO role_assignments (id, user_id, role_id, merchant_org_id, merchant_id, expires_at, granted_by)
    VALUES (${id}, ${given.user_id}, ${given.role_id}, ${org}, ${given.merchant_id}, ${given.expires_at}::timestamptz,
      (SELECT g.id FROM users g WHERE g.id::text = ${given.granted_by}))`);
}

const idRow = v.object({ id: v.string() });

/** Answers whether it was there, at that version. */
export async function updateExpiry(tx: CommonQueryMethods, id: string, expiresAt: string | null, version?: number) {
  const expected = version ?? null;
  const found = await tx.maybeOne(sql.type(idRow)`
    UPDATE role_assignments SET expires_at = ${expiresAt}::timestamptz
    WHERE id = ${id} AND (${expected}::integer IS NULL OR version = ${expected}::integer)
    RETURNING id`);
  return found !== null;
}

export async function deleteAssignment(tx: CommonQueryMethods, id: string, version?: number) {
  const expected = version ?? null;
  const found = await tx.maybeOne(sql.type(idRow)`
    DELETE FROM role_assignments WHERE id = ${id} AND (${expected}::integer IS NULL OR version = ${expected}::integer)
    RETURNING id`);
  return found !== null;
}

export async function deleteAllAssignments(tx: CommonQueryMethods, userId: string): Promise<void> {
  await tx.query(sql.type(v.object({}))`DELETE FROM role_assignments WHERE user_id = ${userId}`);
}

const heldRow = v.object({
  id: v.string(),
  role_id: v.string(),
  role_name: v.string(),
  key: v.nullable(v.string()),
  permissions: v.array(v.string()),
  /** Of a merchant too. */
  merchant_org_id: v.nullable(v.string()),
  merchant_id: v.nullable(v.string()),
  place: v.nullable(v.string()),
  expires_at: v.nullable(v.string()),
  is_expired: v.boolean(),
  is_visible: v.boolean(),
});

/** Every assignment of a user, expired ones too; `is_visible` tells those within a scope. */
export function assignmentsOf(tx: CommonQueryMethods, scope: Scope, userId: string) {
  return tx.any(sql.type(heldRow)`
    SELECT a.id, a.role_id, r.name AS role_name, r.key, r.permissions, coalesce(a.merchant_org_id, m.merchant_org_id) AS merchant_org_id,
      a.merchant_id, coalesce(m.name, o.name) AS place, rfc3339(a.expires_at) AS expires_at,
      coalesce(a.expires_at <= now(), false) AS is_expired,
      coalesce(${assignmentsWithin(scope) ?? sql.fragment`true`}, false) AS is_visible
    FROM role_assignments a
    JOIN roles r ON r.id = a.role_id
    LEFT JOIN merchants m ON m.id = a.merchant_id
    LEFT JOIN merchant_orgs o ON o.id = a.merchant_org_id
    WHERE a.user_id = ${userId}
    ORDER BY a.id`);
}

const stateRow = v.object({ status: v.string(), must_enrol: v.boolean() });

/** What beside roles decides whether a user may do anything. */
export function selectUserState(tx: CommonQueryMethods, userId: string) {
  return tx.maybeOne(sql.type(stateRow)`
    SELECT u.status,
      must_enrol(u.id) AND NOT has_second_factor(u.id) AS must_enrol
    FROM users u WHERE u.id = ${userId}`);
}

const roleRow = v.object({
  id: v.string(),
  name: v.string(),
  key: v.nullable(v.string()),
  permissions: v.array(v.string()),
});

export function allRoles(tx: CommonQueryMethods) {
  return tx.any(sql.type(roleRow)`SELECT r.id, r.name, r.key, r.permissions FROM roles r ORDER BY r.name`);
}
