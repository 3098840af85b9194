import type { CommonQueryMethods, FragmentSqlToken } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, listPage } from '../../operations/list.ts';
import { assignmentsWithin } from '../role-assignment/operations.ts';
import { invitedRole, user, type userListInput } from './schemas.ts';

/** Users in a scope, each with the roles that lie within it. The whole tenant sees those without a role, too. */
function select(scope: Scope) {
  const visible = assignmentsWithin(scope);
  return sql.fragment`
  SELECT u.id, u.email, u.name, u.status, u.version, u.created_at, u.updated_at,
    has_second_factor(u.id),
    EXISTS (SELECT FROM sso_identities i WHERE i.user_id = u.id) AS has_single_sign_on,
    rfc3339(last_seen(u.id)) AS last_seen_at,
    (SELECT rfc3339(max(i.expires_at)) FROM invitations i
     WHERE i.user_id = u.id AND i.accepted_at IS NULL AND u.status = 'invited') AS invitation_expires_at,
    (SELECT coalesce(json_agg(json_build_object('id', a.id, 'role_id', r.id, 'role_name', r.name,
      'merchant_org_id', a.merchant_org_id, 'merchant_id', a.merchant_id, 'place', coalesce(m.name, o.name),
      'expires_at', rfc3339(a.expires_at), 'is_expired', coalesce(a.expires_at <= now(), false)) ORDER BY a.id), '[]')
    FROM role_assignments a
    JOIN roles r ON r.id = a.role_id
    LEFT JOIN merchants m ON m.id = a.merchant_id
    LEFT JOIN merchant_orgs o ON o.id = a.merchant_org_id
    WHERE ${allOf([sql.fragment`a.user_id = u.id`, visible])}) AS roles
  FROM users u`;
}

/** Users who hold a role that meets the conditions on `a` and its merchant `m`. */
function holding(conditions: readonly (FragmentSqlToken | null)[]) {
  return conditions.every((condition) => condition === null)
    ? null
    : sql.fragment`EXISTS (
      SELECT FROM role_assignments a LEFT JOIN merchants m ON m.id = a.merchant_id
      WHERE ${allOf([sql.fragment`a.user_id = u.id`, ...conditions])})`;
}

export function pageOfUsers(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof userListInput>) {
  return listPage(
    tx,
    {
      name: 'users',
      row: user,
      select: select(scope),
      id: sql.fragment`u.id`,
      sorts: {
        created_at: { column: sql.fragment`u.created_at`, type: 'timestamptz' },
        name: { column: sql.fragment`u.name`, type: 'text' },
        email: { column: sql.fragment`u.email`, type: 'text' },
      },
      defaultSort: 'name',
      where: [
        holding([
          assignmentsWithin(scope),
          equals(sql.fragment`a.role_id`, input.role_id),
          equals(sql.fragment`a.merchant_org_id`, input.merchant_org_id),
          equals(sql.fragment`a.merchant_id`, input.merchant_id),
        ]),
        equals(sql.fragment`u.status`, input.status),
        equals(sql.fragment`u.email`, input.email?.toLowerCase()),
        contains([sql.fragment`u.name`, sql.fragment`u.email`], input.q),
      ],
    },
    input,
  );
}

export function selectUser(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(user)`
    ${select(scope)} WHERE ${allOf([sql.fragment`u.id = ${id}`, holding([assignmentsWithin(scope)])])}`);
}

const lockedRow = v.object({
  id: v.string(),
  email: v.string(),
  status: v.picklist(['invited', 'active', 'disabled']),
  version: v.number(),
});

/** Reads a user who is about to change: nobody else changes them before this transaction ends. */
export function lockUser(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(lockedRow)`
    SELECT u.id, u.email, u.status, u.version FROM users u WHERE u.id = ${id} FOR UPDATE`);
}

const nothing = v.object({});

export async function insertInvited(
  tx: CommonQueryMethods,
  id: string,
  invited: { email: string; name: string },
): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO users (id, email, name) VALUES (${id}, ${invited.email.toLowerCase()}, ${invited.name})`);
}

export const INVITATION_DAYS = 7;

/** Makes a new invitation; the ones before hold no longer. Answers when it ends. */
export async function replaceInvitation(tx: CommonQueryMethods, userId: string, tokenHash: string): Promise<string> {
  await tx.query(sql.type(nothing)`
    UPDATE invitations SET expires_at = now() WHERE user_id = ${userId} AND accepted_at IS NULL AND expires_at > now()`);
  return tx.oneFirst(sql.type(v.object({ expires_at: v.string() }))`
    INSERT INTO invitations (user_id, token_hash, expires_at)
    VALUES (${userId}, ${tokenHash}, now() + make_interval(days => ${INVITATION_DAYS}))
    RETURNING expires_at`);
}

export async function updateName(tx: CommonQueryMethods, id: string, name: string): Promise<void> {
  await tx.query(sql.type(nothing)`UPDATE users SET name = ${name} WHERE id = ${id}`);
}

export async function updateStatus(tx: CommonQueryMethods, id: string, status: 'active' | 'disabled'): Promise<void> {
  await tx.query(sql.type(nothing)`UPDATE users SET status = ${status} WHERE id = ${id}`);
}

export async function deleteUser(tx: CommonQueryMethods, id: string): Promise<void> {
  await tx.query(sql.type(nothing)`DELETE FROM users WHERE id = ${id}`);
}

const acceptedRow = v.object({ user_id: v.string(), email: v.string() });

/** As what, and where, somebody is to work, whatever the reader's own scope. */
export function selectInvitedRoles(tx: CommonQueryMethods, userId: string) {
  return tx.any(sql.type(invitedRole)`
    SELECT r.name AS role, coalesce(m.name, o.name) AS place
    FROM role_assignments a
    JOIN roles r ON r.id = a.role_id
    LEFT JOIN merchants m ON m.id = a.merchant_id
    LEFT JOIN merchant_orgs o ON o.id = a.merchant_org_id
    WHERE a.user_id = ${userId} AND (a.expires_at IS NULL OR a.expires_at > now())
    ORDER BY a.id`);
}

const invitedRow = v.object({ id: v.string(), email: v.string(), name: v.string() });

/** Whose invitation can still be accepted; null when it cannot. */
export function selectInvited(tx: CommonQueryMethods, tokenHash: string) {
  return tx.maybeOne(sql.type(invitedRow)`
    SELECT u.id, u.email, u.name
    FROM invitations i
    JOIN users u ON u.id = i.user_id
    WHERE i.token_hash = ${tokenHash} AND i.accepted_at IS NULL AND i.expires_at > now()`);
}

/** Uses an invitation up, once: null when it is unknown, used or expired. */
export function acceptInvitationRow(tx: CommonQueryMethods, tokenHash: string, name: string, passwordHash: string) {
  return tx.maybeOne(sql.type(acceptedRow)`
    WITH used AS (
      UPDATE invitations SET accepted_at = now()
      WHERE token_hash = ${tokenHash} AND accepted_at IS NULL AND expires_at > now()
      RETURNING user_id)
    UPDATE users u SET name = ${name}, password_hash = ${passwordHash}, status = 'active'
    FROM used
    WHERE u.id = used.user_id AND u.status = 'invited'
    RETURNING u.id AS user_id, u.email`);
}

const credentialsRow = v.object({
  id: v.string(),
  email: v.string(),
  name: v.string(),
  password_hash: v.nullable(v.string()),
});

/** What sign-in compares with. Only an active user can sign in. */
export function selectCredentials(tx: CommonQueryMethods, email: string) {
  return tx.maybeOne(sql.type(credentialsRow)`
    SELECT u.id, u.email, u.name, u.password_hash FROM users u WHERE u.email = ${email} AND u.status = 'active'`);
}

const heldRow = v.object({ id: v.string() });

export async function holdCredentials(tx: CommonQueryMethods, id: string, passwordHash: string | null) {
  const held = await tx.maybeOne(sql.type(heldRow)`
    SELECT u.id FROM users u
    WHERE u.id = ${id} AND u.status = 'active' AND u.password_hash IS NOT DISTINCT FROM ${passwordHash}
    FOR SHARE`);
  return held !== null;
}

const ownerRow = v.object({ email: v.string() });

/** The addresses of the active owners. */
export async function selectOwnerEmails(tx: CommonQueryMethods): Promise<string[]> {
  const rows = await tx.any(sql.type(ownerRow)`
    SELECT DISTINCT u.email
    FROM users u
    JOIN role_assignments a ON a.user_id = u.id AND (a.expires_at IS NULL OR a.expires_at > now())
    JOIN roles r ON r.id = a.role_id AND r.key = 'owner'
    WHERE u.status = 'active' AND a.merchant_org_id IS NULL AND a.merchant_id IS NULL
    ORDER BY u.email`);
  return rows.map(({ email }) => email);
}
