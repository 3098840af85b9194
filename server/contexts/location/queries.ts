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
import { location, type locationCreateInput, type locationListInput, type locationUpdateInput } from './schemas.ts';

const columns = sql.fragment`l.id, l.merchant_id, l.name, l.address, l.phone, l.archived_at, l.version, l.created_at, l.updated_at`;

const visible = (scope: Scope) => inMerchantScope(scope, sql.fragment`l.merchant_id`);

export function pageOfLocations(tx: CommonQueryMethods, scope: Scope, input: v.InferOutput<typeof locationListInput>) {
  return listPage(
    tx,
    {
      name: 'locations',
      row: location,
      select: sql.fragment`SELECT ${columns} FROM locations l`,
      id: sql.fragment`l.id`,
      sorts: { name: { column: sql.fragment`l.name`, type: 'text' }, created_at: 'id' },
      defaultSort: 'name',
      where: [
        visible(scope),
        equals(sql.fragment`l.merchant_id`, input.merchant_id),
        inUse(sql.fragment`l.archived_at`, input.archived),
        contains([sql.fragment`l.name`, sql.fragment`l.address`], input.q),
      ],
    },
    input,
  );
}

export function selectLocation(tx: CommonQueryMethods, scope: Scope, id: string) {
  return tx.maybeOne(sql.type(location)`
    SELECT ${columns} FROM locations l WHERE ${allOf([sql.fragment`l.id = ${id}`, visible(scope)])}`);
}

export function insertLocation(tx: CommonQueryMethods, id: string, input: v.InferOutput<typeof locationCreateInput>) {
  return tx.one(sql.type(location)`
    INSERT INTO locations AS l (id, merchant_id, name, address, phone)
    VALUES (${id}, ${input.merchant_id}, ${input.name}, ${input.address ?? null}, ${input.phone ?? null})
    RETURNING ${columns}`);
}

export function updateLocation(
  tx: CommonQueryMethods,
  scope: Scope,
  { id, ...changes }: v.InferOutput<typeof locationUpdateInput>,
  expectedVersion?: number,
) {
  return tx.maybeOne(sql.type(location)`
    UPDATE locations AS l SET ${assignments(changes)}
    WHERE ${allOf([ofVersion(sql.fragment`l.id`, id, sql.fragment`l.version`, expectedVersion), visible(scope)])}
    RETURNING ${columns}`);
}
