import type { CommonQueryMethods } from 'slonik';
import type * as v from 'valibot';
import { sql } from '../../../db/pool.ts';
import { allOf, assignments, listPage, ofVersion } from '../../operations/list.ts';
import {
  type SavedList,
  savedSearch,
  type savedSearchCreateInput,
  type savedSearchListInput,
  type savedSearchUpdateInput,
} from './schemas.ts';

/** Whose searches, and the lists that they may read. */
export type Owner = { readonly id: string; readonly lists: readonly SavedList[] };

const fields = sql.fragment`s.id, s.list, s.name, s.filters, s.sort, s.columns, s.version, s.created_at, s.updated_at`;
const json = (value: object) => sql.jsonb(JSON.parse(JSON.stringify(value)));
const names = (value: readonly string[] | null) => (value ? sql.array([...value], 'text') : null);
const ownedBy = ({ id, lists }: Owner) =>
  sql.fragment`(s.owner_id = ${id} AND s.list = ANY(${sql.array([...lists], 'text')}))`;

/** The owner's search, in that version. */
const own = (owner: Owner, id: string, expectedVersion: number | undefined) =>
  allOf([ofVersion(sql.fragment`s.id`, id, sql.fragment`s.version`, expectedVersion), ownedBy(owner)]);

export function pageOfSearches(
  tx: CommonQueryMethods,
  owner: Owner,
  { list = 'audit', ...input }: v.InferOutput<typeof savedSearchListInput>,
) {
  return listPage(
    tx,
    {
      name: 'saved_searches',
      row: savedSearch,
      select: sql.fragment`SELECT ${fields} FROM saved_searches s`,
      id: sql.fragment`s.id`,
      sorts: {
        name: { column: sql.fragment`s.name`, type: 'text' },
        created_at: { column: sql.fragment`s.created_at`, type: 'timestamptz' },
      },
      defaultSort: 'name',
      where: [ownedBy(owner), sql.fragment`s.list = ${list}`],
    },
    input,
  );
}

export function selectSearch(tx: CommonQueryMethods, owner: Owner, id: string) {
  return tx.maybeOne(sql.type(savedSearch)`
    SELECT ${fields} FROM saved_searches s WHERE ${own(owner, id, undefined)}`);
}

export function insertSearch(
  tx: CommonQueryMethods,
  owner: Owner,
  id: string,
  { list, name, filters, sort = null, columns = null }: v.InferOutput<typeof savedSearchCreateInput>,
) {
  return tx.one(sql.type(savedSearch)`
    INSERT INTO saved_searches AS s (id, owner_id, list, name, filters, sort, columns)
    VALUES (${id}, ${owner.id}, ${list}, ${name}, ${json(filters)}, ${sort}, ${names(columns)})
    RETURNING ${fields}`);
}

export function updateSearch(
  tx: CommonQueryMethods,
  owner: Owner,
  { id, name, filters, sort, columns }: v.InferOutput<typeof savedSearchUpdateInput>,
  expectedVersion?: number,
) {
  const change = {
    name,
    filters: filters && json(filters),
    sort,
    columns: columns === undefined ? undefined : names(columns),
  };
  const set = assignments(change);
  return tx.maybeOne(sql.type(savedSearch)`
    UPDATE saved_searches AS s SET ${set} WHERE ${own(owner, id, expectedVersion)}
    RETURNING ${fields}`);
}

export function deleteSearch(tx: CommonQueryMethods, owner: Owner, id: string, expectedVersion?: number) {
  return tx.maybeOne(sql.type(savedSearch)`
    DELETE FROM saved_searches AS s WHERE ${own(owner, id, expectedVersion)}
    RETURNING ${fields}`);
}
