import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import { allOf, assignments, contains, equals, inScope, inUse, listPage, ofVersion } from '../../operations/list.ts';
import { merchant, type merchantCreateInput, type merchantListInput, type merchantUpdateInput } from './schemas.ts';

const columns = sql.fragment`m.id, m.merchant_org_id, m.name, m.public_name, m.vertical, m.email, m.phone, m.website, m.description,
  contacts_of(NULL, m.id) AS contacts, m.hours, m.currency, m.time_zone, m.status, m.status_reason, m.archived_at, m.version, m.created_at, m.updated_at`;

function visible(scope: Scope) {
  return inScope(scope, sql.fragment`m.merchant_org_id`, sql.fragment`m.id`);
}

export function pageOfMerchants(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof merchantListInput>) {
  return listPage(
    tx,
    {
      name: 'merchants',
      row: merchant,
      select: sql.fragment`SELECT ${columns} FROM merchants m`,
      id: sql.fragment`m.id`,
      sorts: {
        created_at: { column: sql.fragment`m.created_at`, type: 'timestamptz' },
        name: { column: sql.fragment`m.name`, type: 'text' },
      },
      defaultSort: '-created_at',
      where: [
        visible(scope),
        inUse(sql.fragment`m.archived_at`, input.archived),
        equals(sql.fragment`m.merchant_org_id`, input.merchant_org_id),
        equals(sql.fragment`m.status`, input.status),
        equals(sql.fragment`m.vertical`, input.vertical),
        equals(sql.fragment`m.name`, input.name),
        contains([sql.fragment`m.name`, sql.fragment`m.public_name`, sql.fragment`m.email`], input.q),
      ],
    },
    input,
  );
}

export function selectMerchant(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(merchant)`
    SELECT ${columns} FROM merchants m WHERE ${allOf([sql.fragment`m.id = ${id}`, visible(scope)])}`);
}

/** Inserts under an org that the scope covers; null when there is none. What is left out comes from the tenant. */
export function insertMerchant(
  tx: CommonQueryMethods,
  scope: Scope,
  id: string,
  input: v.InferOutput<typeof merchantCreateInput>,
) {
  return tx.maybeOne(sql.type(merchant)`
    INSERT INTO merchants AS m (id, merchant_org_id, name, public_name, vertical, email, phone, website,
      description, hours, currency, time_zone)
    SELECT ${id}, o.id, ${input.name}, ${input.public_name ?? input.name}, ${input.vertical ?? 'other'}, ${input.email ?? null},
      ${input.phone ?? null}, ${input.website ?? null}, ${input.description ?? null}, ${sql.jsonb(input.hours ?? [])},
      coalesce(${input.currency ?? null}, t.currency), coalesce(${input.time_zone ?? null}, t.time_zone)
    FROM merchant_orgs o
    CROSS JOIN tenant t
    WHERE ${allOf([sql.fragment`o.id = ${input.merchant_org_id}`, inScope(scope, sql.fragment`o.id`, sql.fragment`NULL::uuid`)])}
    RETURNING ${columns}`);
}

export function updateMerchant(
  tx: CommonQueryMethods,
  scope: Scope,
  { id, status, status_reason, contacts: _contacts, hours, ...changes }: v.InferOutput<typeof merchantUpdateInput>,
  expectedVersion?: number,
) {
  const fields = { ...changes, hours: hours === undefined ? undefined : sql.jsonb(hours) };
  return tx.maybeOne(sql.type(merchant)`
    UPDATE merchants AS m
    SET status = coalesce(${status ?? null}, m.status),
      status_reason = CASE WHEN coalesce(${status ?? null}, m.status) = m.status THEN m.status_reason
        ELSE ${status_reason ?? null} END,
      ${assignments(fields)}
    WHERE ${allOf([ofVersion(sql.fragment`m.id`, id, sql.fragment`m.version`, expectedVersion), visible(scope)])}
    RETURNING ${columns}`);
}

export function selectCounts(tx: CommonQueryMethods, scope: Scope) {
  const row = v.object({ status: v.string(), count: v.number() });
  return tx.any(
    sql.type(
      row,
    )`SELECT m.status, count(*) AS count FROM merchants m WHERE ${allOf([visible(scope), sql.fragment`m.archived_at IS NULL`])} GROUP BY m.status ORDER BY m.status`,
  );
}

/** Those that a scope covers, where they are archived. */
export function archivable(scope: Scope) {
  return inScope(scope, sql.fragment`t.merchant_org_id`, sql.fragment`t.id`);
}
