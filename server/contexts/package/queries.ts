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
  servicePackage,
  type servicePackageCreateInput,
  type servicePackageListInput,
  type servicePackageUpdateInput,
} from './schemas.ts';

const select = sql.fragment`
  SELECT p.id, p.merchant_id, p.name, p.description, json_build_object('amount', p.price, 'currency', m.currency) AS price,
    (SELECT coalesce(json_agg(json_build_object('service_id', s.id, 'name', s.name, 'duration_minutes', s.default_duration_minutes)
        ORDER BY b.position), '[]')
      FROM package_services b JOIN services s ON s.id = b.service_id WHERE b.package_id = p.id) AS services,
    p.archived_at, p.version, p.created_at, p.updated_at
  FROM packages p
  JOIN merchants m ON m.id = p.merchant_id`;

const visible = (scope: Scope) => inMerchantScope(scope, sql.fragment`p.merchant_id`);

export function pageOfPackages(
  tx: CommonQueryMethods,
  scope: Scope,
  input: v.InferOutput<typeof servicePackageListInput>,
) {
  return listPage(
    tx,
    {
      name: 'packages',
      row: servicePackage,
      select,
      id: sql.fragment`p.id`,
      sorts: { name: { column: sql.fragment`p.name`, type: 'text' }, created_at: 'id' },
      defaultSort: 'name',
      where: [
        visible(scope),
        equals(sql.fragment`p.merchant_id`, input.merchant_id),
        inUse(sql.fragment`p.archived_at`, input.archived),
        contains([sql.fragment`p.name`, sql.fragment`p.description`], input.q),
      ],
    },
    input,
  );
}

export function selectPackage(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(servicePackage)`${select} WHERE ${allOf([sql.fragment`p.id = ${id}`, visible(scope)])}`);
}

const nothing = v.object({});
const idRow = v.object({ id: v.string(), merchant_id: v.string() });

export async function insertPackage(
  tx: CommonQueryMethods,
  id: string,
  input: v.InferOutput<typeof servicePackageCreateInput>,
): Promise<void> {
  await tx.query(sql.type(nothing)`
    INSERT INTO packages (id, merchant_id, name, description, price)
    VALUES (${id}, ${input.merchant_id}, ${input.name}, ${input.description ?? null}, ${input.price.amount})`);
}

export function updatePackage(
  tx: CommonQueryMethods,
  scope: Scope,
  { id, price, service_ids: _services, ...changes }: v.InferOutput<typeof servicePackageUpdateInput>,
  expectedVersion?: number,
) {
  return tx.maybeOne(sql.type(idRow)`
    UPDATE packages AS p SET ${assignments({ ...changes, price: price?.amount })}
    WHERE ${allOf([ofVersion(sql.fragment`p.id`, id, sql.fragment`p.version`, expectedVersion), visible(scope)])}
    RETURNING p.id, p.merchant_id`);
}

/** What a package bundles from now on, in that order. */
export async function replaceServices(
  tx: CommonQueryMethods,
  { id, merchant_id }: v.InferOutput<typeof idRow>,
  serviceIds: readonly string[],
): Promise<void> {
  await tx.query(sql.type(nothing)`DELETE FROM package_services WHERE package_id = ${id}`);
  await tx.query(sql.type(nothing)`
    INSERT INTO package_services (merchant_id, package_id, service_id, position)
    SELECT ${merchant_id}::uuid, ${id}::uuid, wanted.id, wanted.position
    FROM unnest(${sql.array([...serviceIds], 'uuid')}) WITH ORDINALITY AS wanted (id, position)`);
}
