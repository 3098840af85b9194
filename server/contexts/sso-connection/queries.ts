import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { listPage } from '../../operations/list.ts';
import { type SsoConnectionCreate, type SsoConnectionUpdate, ssoConnection } from './schemas.ts';

const nothing = v.object({});
const idRow = v.object({ id: v.string() });
const { redirect_uri: _redirectUri, ...entries } = ssoConnection.entries;
const row = v.object(entries);
export type ConnectionRow = v.InferOutput<typeof row>;

const place = sql.fragment`'role_id', m.role_id, 'role_name', r.name, 'merchant_org_id', m.merchant_org_id, 'merchant_id', m.merchant_id`;
const mappings = sql.fragment`FROM sso_role_mappings m JOIN roles r ON r.id = m.role_id WHERE m.sso_connection_id = c.id`;
const select = sql.fragment`
  SELECT c.id, c.name, c.issuer, c.client_id, c.sealed_client_secret IS NOT NULL AS has_client_secret, c.scopes, c.email_domains,
    (SELECT coalesce(json_agg(json_build_object('claim', m.claim, 'value', m.value, ${place}) ORDER BY m.claim, m.value, m.id), '[]')
     ${mappings} AND m.claim IS NOT NULL) AS role_mappings,
    (SELECT json_build_object(${place}) ${mappings} AND m.claim IS NULL) AS default_role,
    c.creates_users, c.forbids_passwords, c.trusts_amr, c.is_enabled, c.version, c.created_at, c.updated_at
  FROM sso_connections c`;

export function pageOfConnections(tx: CommonQueryMethods, input: { limit?: number; cursor?: string; sort?: string }) {
  return listPage(
    tx,
    {
      name: 'sso_connections',
      row,
      select,
      id: sql.fragment`c.id`,
      sorts: {
        name: { column: sql.fragment`c.name`, type: 'text' },
        created_at: { column: sql.fragment`c.created_at`, type: 'timestamptz' },
      },
      defaultSort: 'name',
      where: [],
    },
    input,
  );
}

export function selectConnection(tx: CommonQueryMethods, id: string) {
  return tx.maybeOne(sql.type(row)`${select} WHERE c.id = ${id}`);
}

export async function insertConnection(
  tx: CommonQueryMethods,
  id: string,
  input: SsoConnectionCreate,
  sealedSecret: string | null,
): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO sso_connections (id, name, issuer, client_id, sealed_client_secret, scopes, email_domains, creates_users,
      forbids_passwords, trusts_amr, is_enabled)
    VALUES (${id}, ${input.name}, ${input.issuer}, ${input.client_id}, ${sealedSecret},
      ${sql.array(input.scopes ?? ['openid', 'email', 'profile'], 'text')}, ${sql.array(input.email_domains, 'text')},
      ${input.creates_users ?? false}, ${input.forbids_passwords ?? false}, ${input.trusts_amr ?? false},
      ${input.is_enabled ?? false})`);
}

const arrayOr = (values: readonly string[] | undefined) => (values ? sql.array([...values], 'text') : null);

/**
 * Absent fields stay. Null when there is no such connection, or not at that version.
 * @param sealedSecret undefined leaves it, null takes it away
 */
export function updateConnection(
  tx: CommonQueryMethods,
  input: SsoConnectionUpdate,
  sealedSecret: string | null | undefined,
  expectedVersion: number | undefined,
) {
  const version = expectedVersion ?? null;
  return tx.maybeOne(sql.type(idRow)`
    UPDATE sso_connections SET
      name = coalesce(${input.name ?? null}, name),
      issuer = coalesce(${input.issuer ?? null}, issuer),
      client_id = coalesce(${input.client_id ?? null}, client_id),
      sealed_client_secret = CASE WHEN ${sealedSecret === undefined} THEN sealed_client_secret ELSE ${sealedSecret ?? null} END,
      scopes = coalesce(${arrayOr(input.scopes)}, scopes),
      email_domains = coalesce(${arrayOr(input.email_domains)}, email_domains),
      creates_users = coalesce(${input.creates_users ?? null}, creates_users),
      forbids_passwords = coalesce(${input.forbids_passwords ?? null}, forbids_passwords),
      trusts_amr = coalesce(${input.trusts_amr ?? null}, trusts_amr),
      is_enabled = coalesce(${input.is_enabled ?? null}, is_enabled)
    WHERE id = ${input.id} AND (${version}::integer IS NULL OR version = ${version}::integer)
    RETURNING id`);
}

type MappingInput = {
  claim?: string;
  value?: string;
  role_id: string;
  merchant_org_id?: string | null | undefined;
  merchant_id?: string | null | undefined;
};

/** Brings the mappings of a connection in line with those given, or (`isDefault`) its default role: what stays is not touched. */
export async function replaceMappings(
  tx: CommonQueryMethods,
  connectionId: string,
  given: readonly MappingInput[],
  isDefault: boolean,
): Promise<void> {
  const wanted = sql.fragment`jsonb_to_recordset(${sql.jsonb(JSON.parse(JSON.stringify(given)))})
    AS w (claim text, value text, role_id uuid, merchant_org_id uuid, merchant_id uuid)`;
  await tx.query(sql.type(nothing)`
    DELETE FROM sso_role_mappings m
    WHERE m.sso_connection_id = ${connectionId} AND (m.claim IS NULL) = ${isDefault} AND NOT EXISTS (
      SELECT FROM ${wanted}
      WHERE (w.claim, w.value, w.role_id, w.merchant_org_id, w.merchant_id)
        IS NOT DISTINCT FROM (m.claim, m.value, m.role_id, m.merchant_org_id, m.merchant_id))`);
  await tx.query(sql.type(nothing)`
    INSERT INTO sso_role_mappings (sso_connection_id, claim, value, role_id, merchant_org_id, merchant_id)
    SELECT ${connectionId}, w.claim, w.value, w.role_id, w.merchant_org_id, w.merchant_id FROM ${wanted}
    ON CONFLICT ON CONSTRAINT sso_role_mappings_unique DO NOTHING`);
}

export function deleteConnection(tx: CommonQueryMethods, id: string, expectedVersion: number | undefined) {
  const version = expectedVersion ?? null;
  return tx.maybeOne(sql.type(idRow)`
    DELETE FROM sso_connections WHERE id = ${id} AND (${version}::integer IS NULL OR version = ${version}::integer)
    RETURNING id`);
}

/** Null when there is no such user. @returns how many links ended */
export async function deleteIdentities(tx: CommonQueryMethods, userId: string): Promise<number | null> {
  if (!(await tx.exists(sql.type(nothing)`SELECT FROM users u WHERE u.id = ${userId}`))) return null;
  const { rowCount } = await tx.query(sql.type(nothing)`DELETE FROM sso_identities WHERE user_id = ${userId}`);
  return rowCount;
}

const owners = sql.fragment`
  role_assignments a
  JOIN roles r ON r.id = a.role_id AND r.key = 'owner'
  JOIN users u ON u.id = a.user_id AND u.status = 'active'
  WHERE a.merchant_org_id IS NULL AND a.merchant_id IS NULL AND (a.expires_at IS NULL OR a.expires_at > now())`;

const reachedRow = v.object({ role_id: v.string() });

/** The roles that people with an address of these domains hold already. */
export async function selectRolesOfDomains(tx: CommonQueryMethods, domains: readonly string[]): Promise<string[]> {
  const rows = await tx.any(sql.type(reachedRow)`
    SELECT DISTINCT a.role_id
    FROM users u
    JOIN role_assignments a ON a.user_id = u.id
    WHERE split_part(u.email, '@', 2) = ANY(${sql.array([...domains], 'text')})
    ORDER BY a.role_id`);
  return rows.map(({ role_id: roleId }) => roleId);
}

const banRow = v.object({ name: v.string(), is_owner: v.boolean() });

/** The connection that passwords of an address give way to, and whether an owner has the address. */
export function selectPasswordBan(tx: CommonQueryMethods, email: string) {
  return tx.maybeOne(sql.type(banRow)`
    SELECT c.name, EXISTS (SELECT FROM ${owners} AND u.email = ${email}) AS is_owner
    FROM sso_connections c
    WHERE c.is_enabled AND c.forbids_passwords AND split_part(${email}, '@', 2) = ANY(c.email_domains)
    ORDER BY c.created_at, c.id
    LIMIT 1`);
}
