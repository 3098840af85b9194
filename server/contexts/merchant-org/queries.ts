import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, inScope, listPage } from '../../operations/list.ts';
import {
  merchantOrg,
  type merchantOrgCreateInput,
  type merchantOrgListInput,
  type merchantOrgUpdateInput,
} from './schemas.ts';

const columns = sql.fragment`o.id, o.name, o.legal_name, o.email, o.phone, o.tax_id, o.status, o.status_reason, o.archived_at, o.version, o.created_at, o.updated_at`;

/** A scope of merchants alone does not reach the org above them. */
function visible(scope: Scope) {
  return inScope(scope, sql.fragment`o.id`, sql.fragment`NULL::uuid`);
}

export function pageOfMerchantOrgs(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof merchantOrgListInput>,
) {
  return listPage(
    tx,
    {
      name: 'merchant_orgs',
      row: merchantOrg,
      select: sql.fragment`SELECT ${columns} FROM merchant_orgs o`,
      id: sql.fragment`o.id`,
      sorts: {
        created_at: { column: sql.fragment`o.created_at`, type: 'timestamptz' },
        name: { column: sql.fragment`o.name`, type: 'text' },
      },
      defaultSort: '-created_at',
      where: [
        visible(scope),
        input.archived ? sql.fragment`o.archived_at IS NOT NULL` : sql.fragment`o.archived_at IS NULL`,
        equals(sql.fragment`o.status`, input.status),
        equals(sql.fragment`o.name`, input.name),
        contains([sql.fragment`o.name`, sql.fragment`o.legal_name`, sql.fragment`o.email`], input.q),
      ],
    },
    input,
  );
}

export function selectMerchantOrg(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(merchantOrg)`
    SELECT ${columns} FROM merchant_orgs o WHERE ${allOf([sql.fragment`o.id = ${id}`, visible(scope)])}`);
}

export function insertMerchantOrg(
  tx: CommonQueryMethods,
  id: string,
  input: v.InferOutput<typeof merchantOrgCreateInput>,
) {
  return tx.one(sql.type(merchantOrg)`
    INSERT INTO merchant_orgs AS o (id, name, legal_name, email, phone, tax_id)
    VALUES (${id}, ${input.name}, ${input.legal_name ?? null}, ${input.email ?? null}, ${input.phone ?? null}, ${input.tax_id ?? null})
    RETURNING ${columns}`);
}

export function updateMerchantOrg(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof merchantOrgUpdateInput>,
  expectedVersion?: number,
) {
  const version = expectedVersion ?? null;
  return tx.maybeOne(sql.type(merchantOrg)`
    UPDATE merchant_orgs AS o
    SET name = coalesce(${input.name ?? null}, o.name),
      status = coalesce(${input.status ?? null}, o.status),
      status_reason = CASE WHEN coalesce(${input.status ?? null}, o.status) = o.status THEN o.status_reason
        ELSE ${input.status_reason ?? null} END,
      legal_name = CASE WHEN ${input.legal_name !== undefined} THEN ${input.legal_name ?? null} ELSE o.legal_name END,
      email = CASE WHEN ${input.email !== undefined} THEN ${input.email ?? null} ELSE o.email END,
      phone = CASE WHEN ${input.phone !== undefined} THEN ${input.phone ?? null} ELSE o.phone END,
      tax_id = CASE WHEN ${input.tax_id !== undefined} THEN ${input.tax_id ?? null} ELSE o.tax_id END
    WHERE ${allOf([sql.fragment`o.id = ${input.id}`, visible(scope), sql.fragment`(${version}::integer IS NULL OR o.version = ${version}::integer)`])}
    RETURNING ${columns}`);
}

/** Puts aside, or takes back. What is so already stays as it is. */
export function archiveMerchantOrg(
  tx: CommonQueryMethods,
  scope: Scope,
  id: string,
  isArchived: boolean,
  expectedVersion?: number,
) {
  const version = expectedVersion ?? null;
  return tx.maybeOne(sql.type(merchantOrg)`
    UPDATE merchant_orgs AS o
    SET archived_at = CASE WHEN ${isArchived} THEN coalesce(o.archived_at, now()) END
    WHERE ${allOf([sql.fragment`o.id = ${id}`, visible(scope), sql.fragment`(${version}::integer IS NULL OR o.version = ${version}::integer)`])}
    RETURNING ${columns}`);
}
