import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, assignments, contains, equals, inScope, inUse, listPage, ofVersion } from '../../operations/list.ts';
import {
  type Contact,
  type contactsInput,
  merchantOrg,
  type merchantOrgCreateInput,
  type merchantOrgListInput,
  type merchantOrgUpdateInput,
} from './schemas.ts';

const columns = sql.fragment`o.id, o.name, o.legal_name, o.email, o.phone, o.tax_id, o.billing_address, o.website,
  contacts_of(o.id, NULL) AS contacts, o.status, o.status_reason, o.archived_at, o.version, o.created_at, o.updated_at`;

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
    INSERT INTO merchant_orgs AS o (id, name, legal_name, email, phone, tax_id, billing_address, website)
    VALUES (${id}, ${input.name}, ${input.legal_name ?? null}, ${input.email ?? null}, ${input.phone ?? null},
      ${input.tax_id ?? null}, ${input.billing_address ?? null}, ${input.website ?? null})
    RETURNING ${columns}`);
}

export function updateMerchantOrg(
  tx: CommonQueryMethods,
  scope: Scope,
  { id, status, status_reason, contacts: _contacts, ...fields }: v.InferOutput<typeof merchantOrgUpdateInput>,
  expectedVersion?: number,
) {
  return tx.maybeOne(sql.type(merchantOrg)`
    UPDATE merchant_orgs AS o
    SET status = coalesce(${status ?? null}, o.status),
      status_reason = CASE WHEN coalesce(${status ?? null}, o.status) = o.status THEN o.status_reason
        ELSE ${status_reason ?? null} END,
      ${assignments(fields)}
    WHERE ${allOf([ofVersion(sql.fragment`o.id`, id, sql.fragment`o.version`, expectedVersion), visible(scope)])}
    RETURNING ${columns}`);
}

/** The people of a MerchantOrg or a merchant as they are from now on. */
export async function replaceContacts(
  tx: CommonQueryMethods,
  party: { readonly merchant_org_id: string } | { readonly merchant_id: string },
  people: v.InferOutput<typeof contactsInput>,
): Promise<Contact[]> {
  const [org, merchant] = 'merchant_id' in party ? [null, party.merchant_id] : [party.merchant_org_id, null];
  const all = people.map(({ name, role = null, email = null, phone = null }) => ({ name, role, email, phone }));
  await tx.query(sql.type(v.object({}))`SELECT replace_contacts(${org}, ${merchant}, ${sql.jsonb(all)})`);
  return all;
}

/** Those that a scope covers, where they are archived. */
export function archivable(scope: Scope) {
  return inScope(scope, sql.fragment`t.id`, sql.fragment`NULL::uuid`);
}
