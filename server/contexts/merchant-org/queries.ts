import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, contains, equals, inScope, inUse, listPage, ofVersion } from '../../operations/list.ts';
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
        inUse(sql.fragment`o.archived_at`, input.archived),
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
    WHERE ${allOf([ofVersion(sql.fragment`o.id`, input.id, sql.fragment`o.version`, expectedVersion), visible(scope)])}
    RETURNING ${columns}`);
}

/** Those that a scope covers, where they are archived. */
export function archivable(scope: Scope) {
  return inScope(scope, sql.fragment`t.id`, sql.fragment`NULL::uuid`);
}
