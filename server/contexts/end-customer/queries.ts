import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import type { Scope } from '../../operations/actor.ts';
import {
  allOf,
  assignments,
  contains,
  equals,
  inMerchantScope,
  inUse,
  listPage,
  ofVersion,
} from '../../operations/list.ts';
import {
  endCustomer,
  type endCustomerCreateInput,
  type endCustomerListInput,
  type endCustomerUpdateInput,
} from './schemas.ts';

const columns = sql.fragment`c.id, c.merchant_id, c.name, c.email, c.phone, c.notes, c.accepts_marketing, c.external_id, c.archived_at,
  c.version, c.created_at, c.updated_at`;

const visible = (scope: Scope) => inMerchantScope(scope, sql.fragment`c.merchant_id`);

export function pageOfEndCustomers(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof endCustomerListInput>,
) {
  return listPage(
    tx,
    {
      name: 'end_customers',
      row: endCustomer,
      select: sql.fragment`SELECT ${columns} FROM end_customers c`,
      id: sql.fragment`c.id`,
      sorts: { name: { column: sql.fragment`c.name`, type: 'text' }, created_at: 'id' },
      defaultSort: 'name',
      where: [
        visible(scope),
        equals(sql.fragment`c.merchant_id`, input.merchant_id),
        equals(sql.fragment`c.external_id`, input.external_id),
        equals(sql.fragment`lower(c.email)`, input.email?.toLowerCase()),
        inUse(sql.fragment`c.archived_at`, input.archived),
        contains([sql.fragment`c.name`, sql.fragment`c.email`, sql.fragment`c.phone`], input.q),
      ],
    },
    input,
  );
}

export function selectEndCustomer(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(endCustomer)`
    SELECT ${columns} FROM end_customers c WHERE ${allOf([sql.fragment`c.id = ${id}`, visible(scope)])}`);
}

export function insertEndCustomer(
  tx: CommonQueryMethods,
  id: string,
  input: v.InferOutput<typeof endCustomerCreateInput>,
) {
  return tx.one(sql.type(endCustomer)`
    INSERT INTO end_customers AS c (id, merchant_id, name, email, phone, notes, accepts_marketing, external_id)
    VALUES (${id}, ${input.merchant_id}, ${input.name}, ${input.email ?? null}, ${input.phone ?? null}, ${input.notes ?? null},
      ${input.accepts_marketing ?? false}, ${input.external_id ?? null})
    RETURNING ${columns}`);
}

export function updateEndCustomer(
  tx: CommonQueryMethods,
  scope: Scope,
  { id, ...changes }: v.InferOutput<typeof endCustomerUpdateInput>,
  expectedVersion?: number,
) {
  return tx.maybeOne(sql.type(endCustomer)`
    UPDATE end_customers AS c SET ${assignments(changes)}
    WHERE ${allOf([ofVersion(sql.fragment`c.id`, id, sql.fragment`c.version`, expectedVersion), visible(scope)])}
    RETURNING ${columns}`);
}
