import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { allOf, contains, equals, listPage } from '../../operations/list.ts';
import { user, type userListInput } from './schemas.ts';

const select = sql.fragment`
  SELECT u.id, u.email, u.name, u.status, u.version, u.created_at, u.updated_at, (
    SELECT coalesce(json_agg(json_build_object('role_id', r.id, 'role_name', r.name, 'merchant_org_id', a.merchant_org_id,
      'merchant_id', a.merchant_id, 'expires_at', rfc3339(a.expires_at)) ORDER BY a.id), '[]')
    FROM role_assignments a
    JOIN roles r ON r.id = a.role_id
    WHERE a.user_id = u.id) AS roles
  FROM users u`;

export function pageOfUsers(tx: CommonQueryMethods, input: v.InferOutput<typeof userListInput>) {
  return listPage(
    tx,
    {
      name: 'users',
      row: user,
      select,
      id: sql.fragment`u.id`,
      sorts: {
        created_at: { column: sql.fragment`u.created_at`, type: 'timestamptz' },
        name: { column: sql.fragment`u.name`, type: 'text' },
        email: { column: sql.fragment`u.email`, type: 'text' },
      },
      defaultSort: 'name',
      where: [
        equals(sql.fragment`u.status`, input.status),
        equals(sql.fragment`u.email`, input.email?.toLowerCase()),
        contains([sql.fragment`u.name`, sql.fragment`u.email`], input.q),
      ],
    },
    input,
  );
}

export function selectUser(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(user)`${select} WHERE ${allOf([sql.fragment`u.id = ${id}`])}`);
}

const acceptedRow = v.object({ user_id: v.string(), email: v.string() });

/** Whose invitation can still be accepted; null when it cannot. */
export function invitedEmail(tx: CommonQueryMethods, tokenHash: string): Promise<string | null> {
  return tx.maybeOneFirst(sql.type(v.object({ email: v.string() }))`
    SELECT u.email
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

const ownerRow = v.object({ email: v.string() });

/** The addresses of the active owners. */
export async function selectOwnerEmails(tx: CommonQueryMethods): Promise<string[]> {
  const rows = await tx.any(sql.type(ownerRow)`
    SELECT DISTINCT u.email
    FROM users u
    JOIN role_assignments a ON a.user_id = u.id AND (a.expires_at IS NULL OR a.expires_at > now())
    JOIN roles r ON r.id = a.role_id AND r.key = 'owner'
    WHERE u.status = 'active'
    ORDER BY u.email`);
  return rows.map(({ email }) => email);
}
