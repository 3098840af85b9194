import type { CommonQueryMethods } from 'slonik';
import * as v from 'valibot';
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
  service,
  serviceCategory,
  type serviceCategoryCreateInput,
  type serviceCategoryListInput,
  type serviceCategoryUpdateInput,
  type serviceCreateInput,
  type serviceListInput,
  type serviceUpdateInput,
} from './schemas.ts';

const categoryColumns = sql.fragment`c.id, c.merchant_id, c.name, c.position, c.archived_at, c.version, c.created_at, c.updated_at`;

const visibleCategory = (scope: Scope) => inMerchantScope(scope, sql.fragment`c.merchant_id`);

export function pageOfCategories(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof serviceCategoryListInput>,
) {
  return listPage(
    tx,
    {
      name: 'service_categories',
      row: serviceCategory,
      select: sql.fragment`SELECT ${categoryColumns} FROM service_categories c`,
      id: sql.fragment`c.id`,
      sorts: { name: { column: sql.fragment`c.name`, type: 'text' }, created_at: 'id' },
      defaultSort: 'name',
      where: [
        visibleCategory(scope),
        equals(sql.fragment`c.merchant_id`, input.merchant_id),
        inUse(sql.fragment`c.archived_at`, input.archived),
        contains([sql.fragment`c.name`], input.q),
      ],
    },
    input,
  );
}

export function selectCategory(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(serviceCategory)`
    SELECT ${categoryColumns} FROM service_categories c WHERE ${allOf([sql.fragment`c.id = ${id}`, visibleCategory(scope)])}`);
}

export function insertCategory(
  tx: CommonQueryMethods,
  id: string,
  input: v.InferOutput<typeof serviceCategoryCreateInput>,
) {
  return tx.one(sql.type(serviceCategory)`
    INSERT INTO service_categories AS c (id, merchant_id, name, position)
    VALUES (${id}, ${input.merchant_id}, ${input.name}, ${input.position ?? 0})
    RETURNING ${categoryColumns}`);
}

export function updateCategory(
  tx: CommonQueryMethods,
  scope: Scope,
  { id, ...changes }: v.InferOutput<typeof serviceCategoryUpdateInput>,
  expectedVersion?: number,
) {
  return tx.maybeOne(sql.type(serviceCategory)`
    UPDATE service_categories AS c SET ${assignments(changes)}
    WHERE ${allOf([ofVersion(sql.fragment`c.id`, id, sql.fragment`c.version`, expectedVersion), visibleCategory(scope)])}
    RETURNING ${categoryColumns}`);
}

const selectServices = sql.fragment`
  SELECT s.id, s.merchant_id, s.category_id, s.name, s.description, s.default_duration_minutes, s.buffer_minutes,
    json_build_object('amount', s.default_price, 'currency', m.currency) AS default_price, s.colour,
    ARRAY(SELECT o.provider_id FROM service_providers o WHERE o.service_id = s.id ORDER BY o.provider_id) AS provider_ids,
    s.external_id, s.archived_at, s.version, s.created_at, s.updated_at
  FROM services s
  JOIN merchants m ON m.id = s.merchant_id`;

const visible = (scope: Scope) => inMerchantScope(scope, sql.fragment`s.merchant_id`);

export function pageOfServices(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof serviceListInput>) {
  return listPage(
    tx,
    {
      name: 'services',
      row: service,
      select: selectServices,
      id: sql.fragment`s.id`,
      sorts: { name: { column: sql.fragment`s.name`, type: 'text' }, created_at: 'id' },
      defaultSort: 'name',
      where: [
        visible(scope),
        equals(sql.fragment`s.merchant_id`, input.merchant_id),
        equals(sql.fragment`s.category_id`, input.category_id),
        equals(sql.fragment`s.external_id`, input.external_id),
        inUse(sql.fragment`s.archived_at`, input.archived),
        contains([sql.fragment`s.name`, sql.fragment`s.description`], input.q),
      ],
    },
    input,
  );
}

export function selectService(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(service)`${selectServices} WHERE ${allOf([sql.fragment`s.id = ${id}`, visible(scope)])}`);
}

const nothing = v.object({});
const idRow = v.object({ id: v.string(), merchant_id: v.string() });

export async function insertService(
  tx: CommonQueryMethods,
  id: string,
  input: v.InferOutput<typeof serviceCreateInput>,
  colour: string,
): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO services (id, merchant_id, category_id, name, description, default_duration_minutes, buffer_minutes, default_price,
      colour, external_id)
    VALUES (${id}, ${input.merchant_id}, ${input.category_id ?? null}, ${input.name}, ${input.description ?? null},
      ${input.default_duration_minutes}, ${input.buffer_minutes ?? 0}, ${input.default_price.amount}, ${colour},
      ${input.external_id ?? null})`);
}

export function updateService(
  tx: CommonQueryMethods,
  scope: Scope,
  { id, default_price, provider_ids: _providers, ...changes }: v.InferOutput<typeof serviceUpdateInput>,
  expectedVersion?: number,
) {
  return tx.maybeOne(sql.type(idRow)`
    UPDATE services AS s SET ${assignments({ ...changes, default_price: default_price?.amount })}
    WHERE ${allOf([ofVersion(sql.fragment`s.id`, id, sql.fragment`s.version`, expectedVersion), visible(scope)])}
    RETURNING s.id, s.merchant_id`);
}

/** Who offers a service from now on. */
export async function replaceProviders(
  tx: CommonQueryMethods,
  { id, merchant_id }: v.InferOutput<typeof idRow>,
  providerIds: readonly string[],
): Promise<void> {
  const wanted = sql.array([...providerIds], 'uuid');
  await tx.query(sql.type(nothing)`
    DELETE FROM service_providers WHERE service_id = ${id} AND provider_id <> ALL (${wanted})`);
  await tx.query(sql.type(nothing)`
    INSERT INTO service_providers (merchant_id, service_id, provider_id)
    SELECT DISTINCT ${merchant_id}::uuid, ${id}::uuid, wanted.id FROM unnest(${wanted}) AS wanted (id)
    ON CONFLICT (service_id, provider_id) DO NOTHING`);
}
