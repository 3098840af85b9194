import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { PlacedRole } from '../../auth/claims.ts';

const nothing = v.object({});
const optionRow = v.object({ id: v.string(), name: v.string() });
const place = v.object({
  role_id: v.string(),
  merchant_org_id: v.nullable(v.string()),
  merchant_id: v.nullable(v.string()),
});

const connectionRow = v.object({
  id: v.string(),
  name: v.string(),
  issuer: v.string(),
  client_id: v.string(),
  sealed_client_secret: v.nullable(v.string()),
  scopes: v.array(v.string()),
  email_domains: v.array(v.string()),
  creates_users: v.boolean(),
  trusts_amr: v.boolean(),
  mappings: v.array(v.object({ claim: v.nullable(v.string()), value: v.nullable(v.string()), ...place.entries })),
});
export type UsedConnection = v.InferOutput<typeof connectionRow>;

const flowRow = v.object({ sso_connection_id: v.string(), return_to: v.string() });
const userRow = v.object({ id: v.string(), email: v.string(), name: v.string(), status: v.string() });
const linkedUserRow = v.object({ ...userRow.entries, is_linked: v.boolean(), has_other_roles: v.boolean() });
const waitingRow = v.object({
  id: v.string(),
  email: v.string(),
  name: v.string(),
  return_to: v.string(),
});

export function selectOptions(tx: CommonQueryMethods) {
  return tx.any(
    sql.type(optionRow)`SELECT c.id, c.name FROM sso_connections c WHERE c.is_enabled ORDER BY c.name, c.id`,
  );
}

/** Null when there is none, or it is turned off. */
export function selectUsable(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(connectionRow)`
    SELECT c.id, c.name, c.issuer, c.client_id, c.sealed_client_secret, c.scopes, c.email_domains, c.creates_users, c.trusts_amr,
      (SELECT coalesce(json_agg(json_build_object('claim', m.claim, 'value', m.value, 'role_id', m.role_id,
         'merchant_org_id', m.merchant_org_id, 'merchant_id', m.merchant_id) ORDER BY m.id), '[]')
       FROM sso_role_mappings m WHERE m.sso_connection_id = c.id) AS mappings
    FROM sso_connections c
    WHERE c.id = ${id} AND c.is_enabled`);
}

export async function insertFlow(tx: CommonQueryMethods, tokenHash: string, connectionId: string, returnTo: string) {
  await tx.query(sql.type(nothing)`
    INSERT INTO sso_flows (token_hash, sso_connection_id, return_to, expires_at)
    VALUES (${tokenHash}, ${connectionId}, ${returnTo}, now() + interval '10 minutes')`);
}

/** Uses a sign-in under way up, once: null when it is unknown, used or expired. */
export function takeFlow(tx: CommonQueryMethods, tokenHash: string) {
  return tx.maybeOne(sql.type(flowRow)`
    DELETE FROM sso_flows
    WHERE token_hash = ${tokenHash} AND user_id IS NULL AND expires_at > now()
    RETURNING sso_connection_id, return_to`);
}

/** Keeps who came back until they have entered the code of their second factor. */
export async function insertWaiting(
  tx: CommonQueryMethods,
  tokenHash: string,
  connectionId: string,
  returnTo: string,
  userId: string,
): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO sso_flows (token_hash, sso_connection_id, return_to, user_id, expires_at)
    VALUES (${tokenHash}, ${connectionId}, ${returnTo}, ${userId}, now() + interval '10 minutes')`);
}

export function selectWaiting(tx: CommonQueryMethods, tokenHash: string) {
  return tx.maybeOne(sql.type(waitingRow)`
    SELECT u.id, u.email, u.name, f.return_to
    FROM sso_flows f
    JOIN sso_connections c ON c.id = f.sso_connection_id AND c.is_enabled
    JOIN users u ON u.id = f.user_id AND u.status = 'active'
    WHERE f.token_hash = ${tokenHash} AND f.expires_at > now()`);
}

/** @returns whether this was the one that used it up */
export async function endWaiting(tx: CommonQueryMethods, tokenHash: string): Promise<boolean> {
  const { rowCount } = await tx.query(sql.type(nothing)`DELETE FROM sso_flows WHERE token_hash = ${tokenHash}`);
  return rowCount === 1;
}

type Subject = { connectionId: string; issuer: string; subject: string };

const hasOtherRoles = (connectionId: string) => sql.fragment`EXISTS (
  SELECT FROM role_assignments a
  WHERE a.user_id = u.id AND a.sso_connection_id IS DISTINCT FROM ${connectionId}::uuid
    AND (a.expires_at IS NULL OR a.expires_at > now())) AS has_other_roles`;

/** Whom the provider means, as linked before. */
export function selectLinked(tx: CommonQueryMethods, { connectionId, issuer, subject }: Subject) {
  return tx.maybeOne(sql.type(linkedUserRow)`
    SELECT u.id, u.email, u.name, u.status, TRUE AS is_linked, ${hasOtherRoles(connectionId)}
    FROM sso_identities i
    JOIN users u ON u.id = i.user_id
    WHERE i.sso_connection_id = ${connectionId} AND i.issuer = ${issuer} AND i.subject = ${subject}`);
}

/** `is_linked`: with another subject of the same provider. */
export function selectByEmail(tx: CommonQueryMethods, connectionId: string, issuer: string, email: string) {
  return tx.maybeOne(sql.type(linkedUserRow)`
    SELECT u.id, u.email, u.name, u.status, ${hasOtherRoles(connectionId)},
      EXISTS (SELECT FROM sso_identities i
        WHERE i.sso_connection_id = ${connectionId} AND i.issuer = ${issuer} AND i.user_id = u.id) AS is_linked
    FROM users u
    WHERE u.email = ${email}`);
}

export async function insertUser(tx: CommonQueryMethods, id: string, email: string, name: string): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO users (id, email, name, status) VALUES (${id}, ${email}, ${name}, 'active')`);
}

/** Whoever proves the address by their provider needs the mailed link no more. */
export async function activateInvited(tx: CommonQueryMethods, id: string, name: string): Promise<void> {
  await tx.query(sql.type(nothing)`
    UPDATE users SET status = 'active', name = ${name} WHERE id = ${id} AND status = 'invited'`);
  await tx.query(sql.type(nothing)`
    UPDATE invitations SET accepted_at = now() WHERE user_id = ${id} AND accepted_at IS NULL`);
}

export async function insertIdentity(tx: CommonQueryMethods, of: Subject, userId: string): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO sso_identities (sso_connection_id, issuer, subject, user_id)
    VALUES (${of.connectionId}, ${of.issuer}, ${of.subject}, ${userId})`);
}

/**
 * Brings the roles that a connection gave to somebody in line with those they shall have. What was given by hand stays, and
 * so does ownership that nobody else has.
 */
export async function alignRoles(
  tx: CommonQueryMethods,
  userId: string,
  connectionId: string,
  wanted: readonly PlacedRole[],
): Promise<void> {
  const rows = sql.fragment`jsonb_to_recordset(${sql.jsonb(JSON.parse(JSON.stringify(wanted)))})
    AS w (role_id uuid, merchant_org_id uuid, merchant_id uuid)`;
  const same = sql.fragment`(w.role_id, w.merchant_org_id, w.merchant_id)
    IS NOT DISTINCT FROM (a.role_id, a.merchant_org_id, a.merchant_id)`;
  // The last owner stays one, whatever the provider says.
  await tx.query(sql.type(nothing)`
    DELETE FROM role_assignments a
    USING roles r
    WHERE r.id = a.role_id AND a.user_id = ${userId} AND a.sso_connection_id = ${connectionId}
      AND NOT EXISTS (SELECT FROM ${rows} WHERE ${same})
      AND (r.key IS DISTINCT FROM 'owner' OR a.merchant_org_id IS NOT NULL OR a.merchant_id IS NOT NULL OR EXISTS (
        SELECT FROM role_assignments o
        JOIN users u ON u.id = o.user_id AND u.status = 'active'
        WHERE o.id <> a.id AND o.role_id = a.role_id AND o.merchant_org_id IS NULL AND o.merchant_id IS NULL
          AND o.expires_at IS NULL))`);
  await tx.query(sql.type(nothing)`
    INSERT INTO role_assignments AS a (user_id, role_id, merchant_org_id, merchant_id, sso_connection_id)
    SELECT DISTINCT ${userId}::uuid, w.role_id, w.merchant_org_id, w.merchant_id, ${connectionId}::uuid
    FROM ${rows}
    ON CONFLICT ON CONSTRAINT role_assignments_held_once DO UPDATE
      SET expires_at = NULL, sso_connection_id = excluded.sso_connection_id, granted_by = NULL
      WHERE a.expires_at <= now()`);
}

export function hasRole(tx: CommonQueryMethods, userId: string): Promise<boolean> {
  return tx.exists(sql.type(nothing)`
    SELECT FROM role_assignments a WHERE a.user_id = ${userId} AND (a.expires_at IS NULL OR a.expires_at > now())`);
}
