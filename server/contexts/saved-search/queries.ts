import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { listPage } from '../../operations/list.ts';
import {
  savedSearch,
  type savedSearchCreateInput,
  type savedSearchListInput,
  type savedSearchUpdateInput,
} from './schemas.ts';

const columns = sql.fragment`s.id, s.name, s.filters, s.version, s.created_at, s.updated_at`;
const json = (value: object) => sql.jsonb(JSON.parse(JSON.stringify(value)));

export function pageOfSearches(
  tx: CommonQueryMethods,
  owner: string,
  input: v.InferOutput<typeof savedSearchListInput>,
) {
  return listPage(
    tx,
    {
      name: 'saved_searches',
      row: savedSearch,
      select: sql.fragment`SELECT ${columns} FROM saved_searches s`,
      id: sql.fragment`s.id`,
      sorts: {
        name: { column: sql.fragment`s.name`, type: 'text' },
        created_at: { column: sql.fragment`s.created_at`, type: 'timestamptz' },
      },
      defaultSort: 'name',
      where: [sql.fragment`s.owner_id = ${owner}`],
    },
    input,
  );
}

export function selectSearch(tx: CommonQueryMethods, owner: string, id: string) {
  return tx.maybeOne(sql.type(savedSearch)`
    SELECT ${columns} FROM saved_searches s WHERE s.id = ${id} AND s.owner_id = ${owner}`);
}

export function insertSearch(
  tx: CommonQueryMethods,
  owner: string,
  id: string,
  { name, filters }: v.InferOutput<typeof savedSearchCreateInput>,
) {
  return tx.one(sql.type(savedSearch)`
    INSERT INTO saved_searches AS s (id, owner_id, name, filters)
    VALUES (${id}, ${owner}, ${name}, ${json(filters)})
    RETURNING ${columns}`);
}

export function updateSearch(
  tx: CommonQueryMethods,
  owner: string,
  { id, name, filters }: v.InferOutput<typeof savedSearchUpdateInput>,
  expectedVersion?: number,
) {
  const version = expectedVersion ?? null;
  return tx.maybeOne(sql.type(savedSearch)`
    UPDATE saved_searches AS s
    SET name = coalesce(${name ?? null}, s.name), filters = coalesce(${filters ? json(filters) : null}, s.filters)
    WHERE s.id = ${id} AND s.owner_id = ${owner} AND (${version}::integer IS NULL OR s.version = ${version}::integer)
    RETURNING ${columns}`);
}

export function deleteSearch(tx: CommonQueryMethods, owner: string, id: string, expectedVersion?: number) {
  const version = expectedVersion ?? null;
  return tx.maybeOne(sql.type(savedSearch)`
    DELETE FROM saved_searches AS s
    WHERE s.id = ${id} AND s.owner_id = ${owner} AND (${version}::integer IS NULL OR s.version = ${version}::integer)
    RETURNING ${columns}`);
}
